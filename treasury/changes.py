"""What a journal entry has changed, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury.models import Event, PaymentRequest
from treasury.money import number

FIELDS = {field.name: field for field in PaymentRequest._meta.fields}


@dataclass(frozen=True)
class Change:
    """`old` or `new` is empty for a document, which is added or removed."""

    label: str
    old: str
    new: str


def in_a_line(event: Event) -> str:
    """«amount: 1 000,00 → 2 000,00; documents: + Invoice.pdf»"""
    return "; ".join(f"{change.label}: {_arrow(change)}" for change in of(event))


def _arrow(change: Change) -> str:
    if not change.old:
        return f"+ {change.new}"
    return f"{change.old} → {change.new}" if change.new else f"− {change.old}"


def of(event: Event) -> Iterator[Change]:
    for name, (old, new) in event.data.get("changes", {}).items():
        if name in FIELDS:
            label = str(FIELDS[name].verbose_name)
            yield Change(label, in_words(name, old), in_words(name, new))
        else:
            yield Change(_("documents"), old, new)


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
