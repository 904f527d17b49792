"""What waits for a person: what needs a look apart, the usual by payee and department."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telegrambot.content.markup import TEXT_LIMIT, bold, plain, shortened, visible_length
from telegrambot.content.words import day
from treasury.models import PaymentRequest
from treasury.money import money, sums

# Characters.
_NAME, _REASON, _LABEL = 60, 120, 60
# Reasons of one request; its card has all.
_REASONS = 3
# For how many do not fit.
_ROOM = 60
Totals = Sequence[tuple[str, int, Decimal]]


@dataclass(frozen=True)
class Doubtful:
    """With why it needs a look, a line each."""

    request: PaymentRequest
    reasons: Sequence[str]


class Told(NamedTuple):
    """Telegram's HTML, and the requests that it names: those that need a look in the order of their
    numbers, and the usual ones."""

    text: str
    doubtful: Sequence[PaymentRequest]
    usual: Sequence[PaymentRequest]


def told(
    today: date, totals: Totals, doubtful: Sequence[Doubtful], usual: Sequence[PaymentRequest]
) -> Told:
    """The totals are of all that waits, of which the others may be a part."""
    count = sum(number for _currency, number, _amount in totals)
    title = ngettext(
        "%(day)s: %(count)d request waits for your decision",
        "%(day)s: %(count)d requests wait for your decision",
        count,
    )
    in_all = _("In all: %(sums)s") % {"sums": _of(totals)}
    heading = f"{bold(title % {'day': day(today), 'count': count})}\n{plain(in_all)}"
    text, named = _fitted(heading, [*_parts(doubtful), *_groups(usual)], count)
    named_usual = [request for request in usual if request in named]
    if len(named_usual) < len(usual):
        # What is not named is nothing to be approved unseen, nor to be counted among these.
        return told(today, totals, doubtful, named_usual)
    return Told(text, [one.request for one in doubtful if one.request in named], usual)


def label(usual: Collection[PaymentRequest]) -> str:
    """Of the button that approves them; nothing for none."""
    if not usual:
        return ""
    facts = {"count": len(usual), "sums": _sums(usual)}
    whole = _("✅ Approve all usual ones (%(count)d for %(sums)s)") % facts
    # A sum that is cut would be another one.
    return whole if len(whole) <= _LABEL else _("✅ Approve all usual ones (%(count)d)") % facts


# What is said of these requests, in Telegram's HTML.
_Part = tuple[Sequence[PaymentRequest], str]


def _parts(doubtful: Sequence[Doubtful]) -> Iterator[_Part]:
    if doubtful:
        title = _("⚠️ Need a look: %(count)d") % {"count": len(doubtful)}
        yield (), f"\n{bold(title)}"
    for number, entry in enumerate(doubtful, start=1):
        reasons = [shortened(line, _REASON) for line in entry.reasons[:_REASONS]]
        lines = [f"{number}. {_named(entry.request)}", *reasons]
        yield [entry.request], "\n".join(map(plain, lines))


def _groups(usual: Sequence[PaymentRequest]) -> Iterator[_Part]:
    if usual:
        facts = {"count": len(usual), "sums": _sums(usual)}
        title = _("Usual: %(count)d for %(sums)s")
        yield (), f"\n{bold(title % facts)}"
    for payee, theirs in _by(usual, "counterparty"):
        lines = [f"{bold(payee)} · {plain(_sums(theirs))}"]
        for department, requests in _by(theirs, "department"):
            numbers = ", ".join(_short(request) for request in requests)
            lines.append(plain(f"– {department}: {numbers}"))
        yield theirs, "\n".join(lines)


def _by(
    requests: Iterable[PaymentRequest], name: str
) -> Iterator[tuple[str, list[PaymentRequest]]]:
    """In groups of what this field names, by its name."""

    def key(request: PaymentRequest) -> tuple[str, int]:
        return shortened(getattr(request, name).name, _NAME), getattr(request, f"{name}_id")

    for (title, _key), group in groupby(sorted(requests, key=key), key):
        yield title, list(group)


def _fitted(heading: str, parts: Iterable[_Part], count: int) -> tuple[str, set[PaymentRequest]]:
    """What fits into a message, with of how many more it says nothing; and of which it speaks."""
    lines, told = [heading], set[PaymentRequest]()
    left = TEXT_LIMIT - visible_length(heading) - _ROOM
    for requests, part in parts:
        left -= visible_length(part) + 1
        if left < 0:
            break
        lines.append(part)
        told.update(requests)
    if rest := count - len(told):
        more = ngettext("… and %(count)d more: /pending", "… and %(count)d more: /pending", rest)
        lines.append(f"\n{plain(more % {'count': rest})}")
    return "\n".join(lines), told


def _named(request: PaymentRequest) -> str:
    payee = shortened(request.counterparty.name, _NAME)
    return f"{request.number} · {money(request.amount, request.currency)} · {payee}"


def _short(request: PaymentRequest) -> str:
    return f"{request.number} {money(request.amount, request.currency)}"


def _of(totals: Totals) -> str:
    return ", ".join(sums((currency, amount) for currency, _number, amount in totals))


def _sums(requests: Iterable[PaymentRequest]) -> str:
    return ", ".join(sums((request.currency, request.amount) for request in requests))
