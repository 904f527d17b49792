"""Money as people write it."""

from decimal import Decimal

from django.utils.formats import number_format

from treasury.models import Currency

# Groups of digits stay together on a line.
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
SIGNS = {Currency.RUB: "₽", Currency.USD: "$", Currency.EUR: "€", Currency.CNY: "¥"}


def number(value: Decimal) -> str:
    """1234567.5 → «1 234 567,50» or “1,234,567.50”, by the language of the page."""
    text = number_format(value, decimal_pos=2, force_grouping=True)
    return text.replace("\N{NO-BREAK SPACE}", NARROW_SPACE)


def money(value: Decimal, currency: str) -> str:
    return f"{number(value)}{NARROW_SPACE}{SIGNS.get(Currency(currency), currency)}"
