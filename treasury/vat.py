"""The VAT in a purpose of payment: how it is written there, read, and compared with the fields.

Banks and auditors look for it in words: «В т.ч. НДС 22% - 87675.41 руб.» or «НДС не облагается.»
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from treasury.money import number

_RATE = r"[ -]*\(?(\d{1,2}(?:[.,]\d{1,2})?) ?%\)?"
_AMOUNT = r"(\d{1,3}(?:[ ,]\d{3})+(?:[.,-]\d{1,2})?|\d+(?:[.,-]\d{1,2})?)(?!\d)"
_UNIT = r"(?: ?(?:руб(?:\.|лей|ля|ль)?|р\.|RUB|USD|EUR|CNY)(?: ?(\d{2}) ?коп(?:еек|ейки|ейка)?)?)?"
# A number that nothing leads up to is the VAT only when it has kopecks or says roubles.
_LEAD = r"(?: ?(?:[-:=]|в сумме|в размере|составляет) ?| (?=[\d ,]+(?:[.,-]\d\d(?!\d)| ?руб)))"
_FREE = (
    r"(без (?:уч[её]та )?НДС|без налога \(НДС\)|НДС не облагается|не облагается НДС"
    r"|НДС не предусмотрен)"
)
_INCLUDED = r"(?:в т\.? ?ч\.?|в том числе|включая),? ?"
_TAXED = rf"(?:{_INCLUDED}НДС(?:{_RATE})?|НДС{_RATE})(?:{_LEAD}{_AMOUNT}{_UNIT})?"
# Of a purpose after `clean_purpose`. The form's script reads by the same pattern, so it has
# nothing that only Python knows.
PATTERN = rf"(?:{_FREE}|{_TAXED})\.?"
_PHRASE = re.compile(PATTERN, re.IGNORECASE)
# What the form's script puts the amount for.
PLACE = "{vat}"


@dataclass(frozen=True)
class Said:
    """One phrase; `percent` and `amount` as far as it names them, `free` of VAT altogether."""

    free: bool
    percent: Decimal | None
    amount: Decimal | None


def template(percent: Decimal | None, currency: str) -> str:
    """The phrase, with `PLACE` where the amount stands."""
    if percent is None:
        return "НДС не облагается."
    unit = "руб." if currency == "RUB" else f"{currency}."
    return f"В т.ч. НДС {percent.normalize():f}% - {PLACE} {unit}"


def phrase(percent: Decimal | None, amount: Decimal, currency: str = "RUB") -> str:
    """As a purpose ends with it: no groups of digits, and no sign that a bank would not take."""
    return template(percent, currency).replace(PLACE, f"{amount:.2f}")


def with_phrase(purpose: str, written: str) -> str:
    """The purpose with this phrase in place of those that it has, or at its end."""
    if _PHRASE.search(purpose):
        return _PHRASE.sub(written, purpose)
    return f"{purpose.rstrip(' .')}. {written}".removeprefix(". ")


def without_phrase(purpose: str) -> str:
    return _PHRASE.sub("", purpose).strip(" .")


def read(purpose: str) -> Iterator[Said]:
    for found in _PHRASE.finditer(purpose):
        free, included, alone, amount, kopecks = found.groups()
        percent = included or alone
        yield Said(
            bool(free),
            Decimal(percent.replace(",", ".")) if percent else None,
            _amount(amount, kopecks) if amount else None,
        )


def silence(purpose: str) -> str:
    """What to say of a purpose in which there is neither the VAT nor that there is none; empty of
    another."""
    return "" if any(read(purpose)) else _("The purpose says nothing of the VAT.")


def _amount(written: str, kopecks: str | None) -> Decimal:
    whole, _point, fraction = re.fullmatch(r"([\d ,]*?)([.,-](\d\d?))?", written).groups()  # type: ignore[union-attr]
    return Decimal(f"{re.sub('[ ,]', '', whole)}.{kopecks or fraction or 0}")


def names_amount(purpose: str) -> bool:
    return any(one.amount is not None for one in read(purpose))


def names_several_rates(purpose: str) -> bool:
    """Whether it tells apart what is taxed differently, each part with its VAT."""
    said = list(read(purpose))
    is_whole = all(one.free or None not in (one.percent, one.amount) for one in said)
    return is_whole and len({one.percent for one in said}) > 1


def contradiction(purpose: str, percent: Decimal | None, amount: Decimal) -> str:
    """In which way the purpose says another VAT than the fields; empty when it does not."""
    said = list(read(purpose))
    amounts = [one.amount for one in said if one.amount is not None]
    percents = {one.percent for one in said if one.percent is not None}
    if any(one.free for one in said):
        amounts, percents = [*amounts, Decimal(0)], percents | {Decimal(0)}
    if amounts and sum(amounts) != amount:
        return _("VAT in the purpose is %(said)s, in the request %(amount)s.") % {
            "said": number(Decimal(sum(amounts))),
            "amount": number(amount),
        }
    # Of several rates the field holds but one.
    if len(percents) == 1 and percents != {percent or Decimal(0)}:
        return _("The VAT rate in the purpose is %(said)s %%, in the request %(percent)s %%.") % {
            "said": f"{percents.pop().normalize():f}",
            "percent": f"{(percent or Decimal(0)).normalize():f}",
        }
    return ""
