"""How money is written, on pages and in chats."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from treasury.money import money, parsed


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


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1 234 567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("1.234.567,8", "1234567.8"),
        ("1,234,567", "1234567"),
        ("1\u202f234,5 ₽", "1234.5"),
        ("1\u00a0234 руб.", "1234"),
        ("  486200,00р. ", "486200"),
        ("12.", "12"),
        ("−5", "-5"),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, value: str) -> None:
    assert parsed(typed) == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1e5", "invalid"),
        ("12 тыс", "invalid"),
        ("100 50", "invalid"),
        ("1,23.456,7", "invalid"),
        ("NaN", "invalid"),
        ("٥", "invalid"),
        (",5", "invalid"),
        ("12 345,678", "kopecks"),
        ("1,234", "kopecks"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused(typed: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parsed(typed)
    assert refused.value.code == code


def test_a_page_of_spaces_is_refused_like_any_other_nonsense() -> None:
    with pytest.raises(ValidationError):
        parsed(f"1{' ' * 1_000_000}x")
    assert parsed("1 000 ₽") == Decimal(1000)
