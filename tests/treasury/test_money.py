"""How money is written, on pages and in chats."""

from decimal import Decimal

import pytest
from django.utils import translation

from treasury.money import money


@pytest.mark.parametrize(
    ("language", "amount", "currency", "text"),
    [
        ("ru", "0.01", "RUB", "0,01 ₽"),
        ("ru", "1000", "USD", "1 000,00 $"),
        ("ru", "1234567.89", "EUR", "1 234 567,89 €"),
        ("en", "1234567.89", "EUR", "1,234,567.89 €"),
        ("ru", "9999999999999999.99", "CNY", "9 999 999 999 999 999,99 ¥"),
    ],
)
def test_its_digits_stay_together_on_a_line(
    language: str, amount: str, currency: str, text: str
) -> None:
    with translation.override(language):
        assert money(Decimal(amount), currency) == text.replace(" ", "\u202f")
