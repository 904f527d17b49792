"""Money as people write it."""

import re
from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from treasury.models import Currency

# Groups of digits stay together on a line.
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
KOPECKS = 2
# What people type behind an amount of roubles.
ROUBLES = re.compile(r"(?:₽|руб(?:\.|лей|ля|ль)?|р\.?)$", re.IGNORECASE)
# … and in place of zeros: «1,2 млн», «125 тыс.», «125к».
_WORDS = r"[ .,]*(?:(?P<six>млн|миллион(?:а|ов)?|mln|m|м)|(?P<three>тыс(?:яч[аи]?)?|т|к|k))\.?"
_ZEROS = re.compile(rf"(?P<digits>.*[0-9]){_WORDS}", re.IGNORECASE | re.DOTALL)
_INSIDE = re.compile(rf"(?<![\w.,])[0-9](?:[0-9 .,]*[0-9])?{_WORDS}(?!\w)", re.IGNORECASE)
SIGNS = {Currency.RUB: "₽", Currency.USD: "$", Currency.EUR: "€", Currency.CNY: "¥"}


def number(value: Decimal) -> str:
    """1234567.5 → «1 234 567,50» or “1,234,567.50”, by the language of the page."""
    text = number_format(value, decimal_pos=2, force_grouping=True)
    return text.replace("\N{NO-BREAK SPACE}", NARROW_SPACE)


def money(value: Decimal, currency: str) -> str:
    return f"{number(value)}{NARROW_SPACE}{SIGNS.get(Currency(currency), currency)}"


def sums(amounts: Iterable[tuple[str, Decimal]]) -> list[str]:
    """What amounts come to in each currency, of which there are no others to be added."""
    found: dict[str, Decimal] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, Decimal()) + amount
    return [money(amount, currency) for currency, amount in sorted(found.items())]


def parsed(text: str) -> Decimal:
    """«1 234 567,89 ₽» and “1,234,567.89” as a number; groups have three digits, and of two kinds
    of signs the last one is the decimal point. Raises `ValidationError` instead of guessing."""
    compact = re.sub(r"\s", " ", ROUBLES.sub("", text.strip()).rstrip()).replace("−", "-")
    decimal = _decimal_sign(compact)
    whole, _sign, fraction = compact.rpartition(decimal) if decimal else (compact, "", "")
    if not re.fullmatch(r"-? ?(?:[0-9]+|[0-9]{1,3}(?:[ .,][0-9]{3})+)", whole) or not re.fullmatch(
        "[0-9]*", fraction
    ):
        raise ValidationError(
            _("Write the amount in digits, for example 1234567.89."), code="invalid"
        )
    if len(fraction) > KOPECKS:
        raise ValidationError(
            _("%(typed)s: an amount has at most two digits after the point."),
            code="kopecks",
            params={"typed": text.strip()},
        )
    return Decimal(f"{re.sub('[ .,]', '', whole)}.{fraction or 0}")


def said(text: str) -> Decimal:
    """As `parsed`, with «1,2 млн» and «125 тыс. ₽» too, as people write in a chat. Raises
    `ValidationError` instead of guessing."""
    compact = ROUBLES.sub("", " ".join(text.split())).rstrip()
    zeros = _ZEROS.fullmatch(compact)
    if zeros is None:
        return parsed(text)
    return parsed(zeros["digits"]) * (1_000_000 if zeros["six"] else 1_000)


def in_digits(text: str) -> str:
    """A text with «43,7 тыс» in it as «43700»; what is no amount stays."""
    return _INSIDE.sub(_digits_of, text)


def _digits_of(found: re.Match[str]) -> str:
    try:
        amount = said(found[0])
    except ValidationError:
        return found[0]
    return f"{amount:.2f}".removesuffix(".00")


def _decimal_sign(compact: str) -> str:
    """Of two kinds of signs the last one, of one kind that which stands alone."""
    signs = re.findall("[.,]", compact)
    return signs[-1] if len(signs) == 1 or len(set(signs)) > 1 else ""
