"""The way of a request: its stages with their people, and its journal in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treasury import routing
from treasury.admin.display import day, number
from treasury.errors import NobodyCanDecide
from treasury.models import ApprovalStage, ApprovalTask, Employee, Event, PaymentRequest, Quorum
from treasury.models.approvals import StagePolicy

FIELDS = {field.name: field for field in PaymentRequest._meta.fields}


@dataclass(frozen=True)
class Step:
    stage: ApprovalStage
    tasks: Sequence[ApprovalTask]
    quorum: str


@dataclass(frozen=True)
class PlannedStep:
    """A stage that a submit would open."""

    stage: StagePolicy
    people: Sequence[Employee]
    quorum: str


def steps(request: PaymentRequest) -> tuple[list[Step], list[Step]]:
    """The stages that count, in order, and those of earlier rounds; two queries."""
    tasks = ApprovalTask.objects.select_related(
        "employee", "decision__decided_by", "decision__on_behalf_of"
    )
    chain = request.stages.prefetch_related(Prefetch("tasks", queryset=tasks))
    valid: list[Step] = []
    superseded: list[Step] = []
    for stage in chain.order_by("revision", "position"):
        people = list(stage.tasks.all())
        step = Step(stage, people, quorum(stage, len(people)))
        # A round that was over before anyone was asked is not worth a line.
        if stage.state != ApprovalStage.State.SUPERSEDED:
            valid.append(step)
        elif people:
            superseded.append(step)
    return sorted(valid, key=lambda step: step.stage.position), superseded


def plan(request: PaymentRequest) -> tuple[list[PlannedStep], str]:
    """Whom a submit would ask, and what would prevent it."""
    try:
        explained = routing.explain(request)
    except NobodyCanDecide as problem:
        return [], str(problem)
    return [
        PlannedStep(stage, sorted(people, key=str), quorum(stage, len(people)))
        for stage, people in explained
    ], ""


def quorum(stage: StagePolicy, people: int) -> str:
    """How many must approve; nothing to say of a single person."""
    if people < 2:
        return ""
    if stage.quorum == Quorum.COUNT:
        needed = stage.needed(people)
        return ngettext(
            "%(needed)d of %(people)d approves", "%(needed)d of %(people)d approve", needed
        ) % {"needed": needed, "people": people}
    return _("all approve") if stage.quorum == Quorum.ALL else _("any one approves")


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    event: Event
    changes: Sequence[Change]
    note: str


def history(request: PaymentRequest) -> list[Entry]:
    """The journal in words, newest first; one query."""
    events = request.events.select_related("actor", "on_behalf_of").order_by("-sequence")
    return [Entry(event, list(_changes(event)), _note(event.data)) for event in events]


def _changes(event: Event) -> Iterator[Change]:
    for name, (old, new) in event.data.get("changes", {}).items():
        field = FIELDS.get(name)
        if field is None:
            yield Change(_("documents"), old, new)
        else:
            yield Change(str(field.verbose_name), _in_words(field, old), _in_words(field, new))


def _in_words(field: "models.Field[Any, Any]", raw: str) -> str:
    """What the journal keeps as plain text, as a person writes it."""
    if not raw:
        return "—"
    if field.choices:
        return str(dict(field.flatchoices).get(raw, raw))
    if isinstance(field, models.DecimalField):
        return number(Decimal(raw))
    return day(date.fromisoformat(raw)) if isinstance(field, models.DateField) else raw


def _note(data: dict[str, Any]) -> str:
    if "from" in data and "to" in data:
        return f"{data['stage']}: {data['from']} → {data['to']}"
    if "copied_from" in data:
        return _("copied from %(number)s") % {"number": data["copied_from"]}
    if data.get("material"):
        return _("Approvals given on what was changed are asked anew.")
    return str(data.get("stage", ""))
