"""The way of a request: its stages with their people, and its journal in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treasury import changes, deadlock, explanation
from treasury.admin import display
from treasury.approval import Approval
from treasury.changes import Change
from treasury.errors import NobodyCanDecide, Text
from treasury.explanation import Explained, Explanation, explain
from treasury.models import (
    ApprovalStage,
    ApprovalTask,
    Delegation,
    Event,
    PaymentRequest,
    Quorum,
)
from treasury.models.routes import StagePolicy
from treasury.workflow import Action, Status


@dataclass(frozen=True)
class Seat:
    """A task, the delegations by which others may decide it now, and who has chosen somebody
    without the role."""

    task: ApprovalTask
    delegations: Sequence[Delegation]
    origin: str


@dataclass(frozen=True)
class Step:
    """A stage of the request; `explained` only while it is in approval; `lacks` says why it is
    open still when those who had to approve have done so, `due` until when it has to be decided,
    `late` by how much it was not."""

    stage: ApprovalStage
    seats: Sequence[Seat]
    quorum: str
    explained: Explained | None
    lacks: str
    due: str
    late: SafeString | str


@dataclass(frozen=True)
class PlannedStep:
    """A stage to which a submit would lead, or which it would pass over."""

    explained: Explained
    quorum: str


@dataclass(frozen=True)
class Way:
    """The stages that count, in order, and those of earlier rounds; the route while it matters."""

    route: str
    steps: Sequence[Step]
    earlier: Sequence[Step]


@dataclass(frozen=True)
class Plan:
    """Whom a submit would ask, and what would prevent it."""

    route: str
    steps: Sequence[PlannedStep]
    obstacles: Sequence[Text]


def way(approval: Approval) -> Way:
    tasks = ApprovalTask.objects.select_related(
        "employee", "decision__decided_by", "decision__on_behalf_of"
    )
    chain = approval.request.stages.prefetch_related(Prefetch("tasks", queryset=tasks))
    told = _explanation(approval)
    explained = {stage.stage.pk: stage for stage in told.stages}
    valid: list[Step] = []
    superseded: list[Step] = []
    for stage in chain.order_by("revision", "position"):
        step = _step(stage, explained.get(stage.pk), approval.request)
        # A round that was over before anyone was asked is not worth a line.
        if stage.state != ApprovalStage.State.SUPERSEDED:
            valid.append(step)
        elif step.seats:
            superseded.append(step)
    in_order = sorted(valid, key=lambda step: step.stage.position)
    return Way(told.route, in_order, superseded)


def _explanation(approval: Approval) -> Explanation:
    """Why which people are asked, while any are."""
    in_approval = approval.request.status == Status.IN_APPROVAL
    return explain(approval) if in_approval else Explanation("", [])


def _step(stage: ApprovalStage, explained: Explained | None, request: PaymentRequest) -> Step:
    # Nobody stands in where nothing is left to decide.
    delegations = {
        asked.person: asked.delegations for asked in (explained.people if explained else ())
    }
    tasks = list(stage.tasks.all())
    seats = [
        Seat(
            task,
            delegations.get(task.employee, ()) if _is_open(task) else (),
            explanation.origin(task, request) if _is_outside(task) else "",
        )
        for task in tasks
    ]
    voices = quorum(stage, _voices(stage, seats))
    lacks = explanation.lacks_people(stage, tasks)
    return Step(stage, seats, voices, explained, lacks, *_deadline(stage))


def _deadline(stage: ApprovalStage) -> tuple[str, SafeString | str]:
    if stage.due_at is None or stage.state != ApprovalStage.State.OPEN:
        return "", ""
    due = _("to be decided by %(moment)s") % {"moment": display.moment(stage.due_at)}
    return due, display.late(stage)


def _voices(stage: ApprovalStage, seats: Sequence[Seat]) -> int:
    """Of the role, among which the quorum counts; while the stage is open a closed task is one that
    was handed over."""
    of_the_role = [seat.task for seat in seats if seat.task.origin != ApprovalTask.Origin.ADDED]
    if stage.state != ApprovalStage.State.OPEN:
        return len(of_the_role)
    return sum(task.status != ApprovalTask.Status.CLOSED for task in of_the_role)


def _is_open(task: ApprovalTask) -> bool:
    return task.status == ApprovalTask.Status.OPEN


def _is_outside(task: ApprovalTask) -> bool:
    return task.origin == ApprovalTask.Origin.ASSIGNED


def plan(approval: Approval) -> Plan:
    obstacles = deadlock.obstacles(approval.request)
    try:
        told = explain(approval)
    except NobodyCanDecide:
        return Plan("", [], obstacles)
    planned = [
        PlannedStep(explained, quorum(explained.stage, len(explained.people)))
        for explained in told.stages
    ]
    return Plan(told.route, planned, obstacles)


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
class Entry:
    """`words` are a reason that was given, or a comment."""

    event: Event
    words: str
    changes: Sequence[Change]
    note: str


def history(request: PaymentRequest) -> list[Entry]:
    """The journal in words, newest first; one query."""
    events = request.events.select_related("actor", "on_behalf_of").order_by("-sequence")
    return [Entry(event, _words(event), _changes(event), _note(event)) for event in events]


def _words(event: Event) -> str:
    return str(event.data["text"]) if event.action == Action.COMMENT else event.reason


def _changes(event: Event) -> list[Change]:
    if event.action == Action.EDIT_COMMENT:
        return [Change(_("comment"), event.data["former"], event.data["text"])]
    return list(changes.of(event))


def _note(event: Event) -> str:
    data = event.data
    if "added" in data:
        return f"{data['stage']}: + {data['added']}"
    if "from" in data and "to" in data:
        note = f"{data['stage']}: {data['from']} → {data['to']}"
        outside = ApprovalTask.Origin.ASSIGNED.label
        return f"{note} ({outside})" if data.get("without_role") else note
    if event.action == Action.REASK:
        return _reasked(data)
    if "copied_from" in data:
        return _("copied from %(number)s") % {"number": data["copied_from"]}
    if data.get("material") and event.status == Status.IN_APPROVAL:
        return _("Approvals given on what was changed are asked anew.")
    return str(data.get("stage", ""))


def _reasked(data: Mapping[str, Any]) -> str:
    """«Treasurer: − T. Belova; + V. Lebedeva»"""
    signs = (("−", data["lost"]), ("+", data["asked"]))
    people = "; ".join(f"{sign} {', '.join(names)}" for sign, names in signs if names)
    return f"{data['stage']}: {people}"
