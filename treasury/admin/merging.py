"""A form that was opened before the request changed: what was typed and what is new, together.

Nothing is kept in the page for this: the journal knows what the form was opened with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from django.http import QueryDict
from django.utils.translation import gettext as _

from treasury import changes
from treasury.admin import display
from treasury.admin.request_form import RequestForm
from treasury.models import Event, PaymentRequest
from treasury.services.requests import EDITABLE_FIELDS
from treasury.workflow import Action

MONEY = ("amount", "vat_amount")


@dataclass(frozen=True)
class Elsewhere:
    """What became of a field since, as the journal writes it, and the last entry about it."""

    old: str
    new: str
    event: Event


def changed_since(request: PaymentRequest, version: int) -> dict[str, Elsewhere]:
    """Field → what others have made of it after this entry of the journal."""
    found: dict[str, Elsewhere] = {}
    later = request.events.filter(action=Action.CHANGE, sequence__gt=version)
    for event in later.select_related("actor").order_by("sequence"):
        for name, (old, new) in event.data.get("changes", {}).items():
            before = found[name].old if name in found else old
            found[name] = Elsewhere(before, new, event)
    return {name: one for name, one in found.items() if name in EDITABLE_FIELDS}


def merge(
    mine: RequestForm, newest: RequestForm, elsewhere: Mapping[str, Elsewhere]
) -> tuple[QueryDict, dict[str, str]]:
    """What the form has to show now, and what to say at the fields that both have changed.

    `mine` is bound and validated. A field that it left as it was opened gets the newest value.
    """
    data = cast(QueryDict, mine.data).copy()
    conflicts = {}
    for name, other in elsewhere.items():
        typed = _as_written(mine, name)
        if typed == _padded(name, other.old):
            value = newest[name].value()
            data[name] = "" if value is None else str(value)
        elif typed != _padded(name, other.new):
            conflicts[name] = _conflict(name, mine, typed, other)
    return data, conflicts


def _as_written(form: RequestForm, name: str) -> str:
    """The value as the journal would write it; what cannot be understood, as it was typed."""
    value = form.cleaned_data.get(name, form[name].value())
    if isinstance(value, Decimal):
        return _padded(name, str(value))
    return "" if value is None else str(value)


def _padded(name: str, written: str) -> str:
    """The journal has a number as it came, with or without the zeros at its end."""
    return f"{Decimal(written):.2f}" if name in MONEY else written


def _conflict(name: str, form: RequestForm, typed: str, other: Elsewhere) -> str:
    mine = changes.in_words(name, typed) if name in form.cleaned_data else typed
    return _(
        "%(who)s, %(when)s: “%(theirs)s”; you have “%(mine)s”. Keep yours or write the other."
    ) % {
        "who": other.event.actor.get_short_name(),
        "when": display.moment(other.event.at),
        "theirs": changes.in_words(name, other.new),
        "mine": mine,
    }
