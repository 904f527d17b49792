"""The stages of a request in words."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from telegrambot.content.words import moment, who
from treasury import explanation
from treasury.models import ApprovalStage, ApprovalTask, Decision, PaymentRequest
from treasury.prepared import Prepared, gather

_STAGE_MARKS = {
    ApprovalStage.State.WAITING: "○",
    ApprovalStage.State.SKIPPED: "–",
    ApprovalStage.State.OPEN: "●",
    ApprovalStage.State.PASSED: "✓",
    ApprovalStage.State.STOPPED: "✗",
}
# More names than this make an open stage hard to read.
_NAMES_SHOWN = 3
_NAME = ("id", "first_name", "last_name")


def chain(request_pk: int) -> list[ApprovalStage]:
    """The stages that count, with the tasks whose people a card names; two queries."""
    stages = {stage.pk: stage for stage in _STAGES(request_pk)}
    tasks_at = defaultdict[int, list[ApprovalTask]](list)
    for task in _NAMED(request_pk):
        tasks_at[task.stage_id].append(task)
    for key, stage in stages.items():
        gather(stage, "tasks", tasks_at[key])
    return list(stages.values())


def _named(request_pk: int) -> QuerySet[ApprovalTask]:
    """The tasks whose people a card names, and one more; a stage may have hundreds of others."""
    tasks = ApprovalTask.objects.filter(request=request_pk)
    # Only one stage is open at a time.
    waiting = tasks.filter(status=ApprovalTask.Status.OPEN)
    first = waiting.order_by("id").values("pk")[: _NAMES_SHOWN + 1]
    # Whoever was asked besides the role tells whether anything else is waited for.
    besides = waiting.filter(origin=ApprovalTask.Origin.ADDED).values("pk")
    shown = Q(pk__in=first) | Q(pk__in=besides)
    return tasks.filter(Q(status=ApprovalTask.Status.DECIDED) | shown)


_STAGES = Prepared(lambda request: ApprovalStage.objects.filter(request=request).valid(), int)
_NAMED = Prepared(
    _named,
    int,
    columns=("id", "stage_id", "employee_id", "status", "origin"),
    related={
        "employee": _NAME,
        "decision": (
            "id", "task_id", "action", "channel", "decided_by_id", "on_behalf_of_id", "decided_at",
        ),
        "decision__decided_by": _NAME,
        "decision__on_behalf_of": _NAME,
    },
)  # fmt: skip


def stage_line(stage: ApprovalStage) -> str:
    """«✓ Budget holder — B. Orlov, 20.11 12:31»; of an open one also why it waits still."""
    return f"{_STAGE_MARKS[ApprovalStage.State(stage.state)]} {_in_words(stage)}"


def waits_for(stage: ApprovalStage, tasks: Sequence[ApprovalTask]) -> str:
    """«● Budget holder — waits for B. Orlov since 20.11 12:31», of the open one and its open
    tasks."""
    return f"{_STAGE_MARKS[ApprovalStage.State.OPEN]} {stage.name} — " + _awaited(
        tasks, stage.opened_at
    )


class Step(NamedTuple):
    """A stage beside its box: ticked, empty, or None for what is not to come any more."""

    is_done: bool | None
    text: str
    is_current: bool


def step(stage: ApprovalStage) -> Step:
    state = ApprovalStage.State(stage.state)
    if state in (ApprovalStage.State.STOPPED, ApprovalStage.State.SKIPPED):
        return Step(None, stage_line(stage), is_current=False)
    is_current = state == ApprovalStage.State.OPEN
    return Step(state == ApprovalStage.State.PASSED, _in_words(stage), is_current)


def _in_words(stage: ApprovalStage) -> str:
    tasks = list(stage.tasks.all())
    decided = [
        f"{decided_by(task.decision)}{_by_whose_choice(task)}"
        for task in tasks
        if hasattr(task, "decision")
    ]
    awaited = _open_tasks(stage)
    if stage.state == ApprovalStage.State.SKIPPED:
        decided = [_("not needed for this amount")]
    people = "; ".join(filter(None, [*decided, _awaited(awaited, stage.opened_at)]))
    line = f"{stage.name} — {people}" if people else stage.name
    return "\n".join(filter(None, [line, explanation.lacks_people(stage, tasks)]))


def deadline(stages: Iterable[ApprovalStage]) -> str:
    """«⏰ Overdue since 03.12 15:00», or until when the open one has to be decided. Not by how many
    hours: a card stands in its chat as it was shown last."""
    due = next((stage for stage in stages if stage.state == ApprovalStage.State.OPEN), None)
    if due is None or due.due_at is None:
        return ""
    text = _("⏰ Overdue since %(moment)s") if due.is_overdue else _("⏰ Decide by %(moment)s")
    return text % {"moment": moment(due.due_at)}


def late_people(request: PaymentRequest) -> str:
    """«B. Orlov, V. Lebedeva», who have not decided in time; nobody while there is time."""
    late = (stage for stage in request.stages.all() if stage.is_overdue)
    return ", ".join(_names(_open_tasks(stage)) for stage in late)


def _by_whose_choice(task: ApprovalTask) -> str:
    """« (without this role, chosen by an administrator)», where it is so."""
    is_outside = task.origin == ApprovalTask.Origin.ASSIGNED
    return f" ({task.get_origin_display()})" if is_outside else ""


def _awaited(tasks: Sequence[ApprovalTask], since: datetime | None) -> str:
    if not tasks or since is None:
        return ""
    text = pgettext("stage", "waits for %(names)s since %(moment)s")
    return text % {"names": _names(tasks), "moment": moment(since)}


def _open_tasks(stage: ApprovalStage) -> list[ApprovalTask]:
    return [task for task in stage.tasks.all() if task.status == ApprovalTask.Status.OPEN]


def _names(tasks: Sequence[ApprovalTask]) -> str:
    names = ", ".join(
        f"{task.employee.get_short_name()}{_by_whose_choice(task)}" for task in tasks[:_NAMES_SHOWN]
    )
    return _("%(names)s and others") % {"names": names} if len(tasks) > _NAMES_SHOWN else names


def decided_by(decision: Decision) -> str:
    """«B. Orlov, 20.11 12:31», with the person he stood in for, or where it comes from."""
    person = who(decision.decided_by, decision.on_behalf_of)
    if decision.channel == Decision.Channel.POLICY:
        return f"{person} ({decision.get_channel_display().lower()})"
    return f"{person}, {moment(decision.decided_at)}"
