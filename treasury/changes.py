"""What a journal entry has changed, in words."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury.models import Event, PaymentRequest
from treasury.money import number

FIELDS = {field.name: field for field in PaymentRequest._meta.fields}
_DOCUMENTS = "documents"
# By what money is lost comes first; what is not named here follows in the order of the form.
_FIRST = (
    "amount", "currency", "counterparty", "counterparty_account", "vat_rate", "vat_amount",
    "purpose", "invoice_number", "invoice_date", "contract", "own_account", "organization",
    "department", "cash_flow_item", "requester", "desired_date", "priority",
)  # fmt: skip
# Characters: two values longer than this together are cut to where they differ.
_LONG = 100
# Characters on both sides of a difference, by which the reader finds it again.
_AROUND = 20
_WORD = re.compile(r"\s+|\S+")

# Of a field: its name, and what it was and is, as the journal keeps them.
Difference = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """`old` or `new` is empty for a document, which is added or removed."""

    label: str
    old: str
    new: str

    @property
    def is_addition(self) -> bool:
        """A document that came; a field always had a value, if only an empty one."""
        return not self.old

    def __str__(self) -> str:
        """«amount: 1 000,00 → 2 000,00», or «documents: + Invoice.pdf»"""
        if self.is_addition:
            return f"{self.label}: + {self.new}"
        if not self.new:
            return f"{self.label}: − {self.old}"
        old, new = _where_they_differ(self.old, self.new)
        return f"{self.label}: {old} → {new}"


def in_a_line(event: Event) -> str:
    return "; ".join(map(str, of(event)))


def of(event: Event) -> Iterator[Change]:
    """What matters most first."""
    return _told(_differences(event.data))


def between(events: Iterable[Event]) -> Iterator[Change]:
    """What all of them together have changed; what was changed back is not told."""
    fields: dict[str, tuple[str, str]] = {}
    documents: dict[str, Difference] = {}
    for event in events:
        for name, old, new in _differences(event.data):
            if name != _DOCUMENTS:
                fields[name] = (fields.get(name, (old, new))[0], new)
            elif documents.pop(old or new, None) is None:
                documents[old or new] = (name, old, new)
    changed = [(name, old, new) for name, (old, new) in fields.items() if old != new]
    return _told([*changed, *documents.values()])


def _differences(data: Mapping[str, Any]) -> list[Difference]:
    changes: Mapping[str, Sequence[str]] = data.get("changes", {})
    return [(name, old, new) for name, (old, new) in changes.items()]


def _told(differences: Iterable[Difference]) -> Iterator[Change]:
    rank = {name: place for place, name in enumerate(dict.fromkeys([*_FIRST, *FIELDS]))}
    for name, old, new in sorted(differences, key=lambda entry: rank.get(entry[0], len(rank))):
        if name in FIELDS:
            label = str(FIELDS[name].verbose_name)
            yield Change(label, in_words(name, old), in_words(name, new))
        else:
            yield Change(_("documents"), old, new)


def _where_they_differ(old: str, new: str) -> tuple[str, str]:
    """Both whole, or of two long ones the words that are not the same and some around them."""
    if len(old) + len(new) <= _LONG:
        return old, new
    words, others = _WORD.findall(old), _WORD.findall(new)
    parts: list[tuple[str, str]] = []
    for tag, start, end, from_, to in SequenceMatcher(None, words, others, False).get_opcodes():
        was, now = "".join(words[start:end]), "".join(others[from_:to])
        if tag == "equal":
            was = now = _thinned(was, is_first=start == 0, is_last=end == len(words))
        parts.append((was, now))
    return "".join(was for was, _now in parts).strip(), "".join(now for _was, now in parts).strip()


def _thinned(alike: str, *, is_first: bool, is_last: bool) -> str:
    """What stands beside a difference, without its middle."""
    before = "" if is_first else alike[:_AROUND]
    after = "" if is_last else alike[-_AROUND:]
    short = f"{before}…{after}"
    return short if len(short) < len(alike) else alike


def in_words(name: str, raw: str) -> str:
    """What the journal keeps of a field as plain text, as a person writes it."""
    field = FIELDS[name]
    if not raw:
        return "—"
    if field.choices:
        return str(dict(field.flatchoices).get(raw, raw))
    if isinstance(field, models.DecimalField):
        return number(Decimal(raw))
    if isinstance(field, models.DateField):
        return date_format(date.fromisoformat(raw), "SHORT_DATE_FORMAT")
    return raw
