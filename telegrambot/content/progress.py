"""The stages of a request in words."""

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from telegrambot.content.words import moment, who
from treasury import explanation
from treasury.models import ApprovalStage, ApprovalTask, Decision

_STAGE_MARKS = {
    ApprovalStage.State.WAITING: "○",
    ApprovalStage.State.SKIPPED: "–",
    ApprovalStage.State.OPEN: "●",
    ApprovalStage.State.PASSED: "✓",
    ApprovalStage.State.STOPPED: "✗",
}
# More names than this make an open stage hard to read.
_NAMES_SHOWN = 3
_PEOPLE = ("employee", "decision__decided_by", "decision__on_behalf_of")


def chain(request_pk: int) -> QuerySet[ApprovalStage]:
    """The stages that count, with the tasks whose people a card names; two queries."""
    named = _named(request_pk).select_related(*_PEOPLE).only(
        "stage", "status", "origin",
        "decision__action", "decision__channel", "decision__decided_at",
        *(f"{person}__{name}" for person in _PEOPLE for name in ("first_name", "last_name")),
    )  # fmt: skip
    return ApprovalStage.objects.valid().prefetch_related(Prefetch("tasks", queryset=named))


def _named(request_pk: int) -> QuerySet[ApprovalTask]:
    """The tasks whose people a card names, and one more; a stage may have hundreds of others."""
    # Only one stage is open at a time.
    waiting = ApprovalTask.objects.filter(request=request_pk, status=ApprovalTask.Status.OPEN)
    first = waiting.order_by("id").values("pk")[: _NAMES_SHOWN + 1]
    # Whoever was asked besides the role tells whether anything else is waited for.
    besides = waiting.filter(origin=ApprovalTask.Origin.ADDED).values("pk")
    shown = Q(pk__in=first) | Q(pk__in=besides)
    return ApprovalTask.objects.filter(Q(status=ApprovalTask.Status.DECIDED) | shown)


def stage_line(stage: ApprovalStage) -> str:
    """«✓ Budget holder — B. Orlov, 20.11 12:31»; of an open one also why it waits still."""
    line = f"{_STAGE_MARKS[ApprovalStage.State(stage.state)]} {stage.name}"
    tasks = list(stage.tasks.all())
    decided = [
        f"{decided_by(task.decision)}{_by_whose_choice(task)}"
        for task in tasks
        if hasattr(task, "decision")
    ]
    awaited = [task for task in tasks if task.status == ApprovalTask.Status.OPEN]
    if stage.state == ApprovalStage.State.SKIPPED:
        decided = [_("not needed for this amount")]
    people = "; ".join(filter(None, [*decided, _awaited(awaited)]))
    line = f"{line} — {people}" if people else line
    return "\n".join(filter(None, [line, explanation.lacks_people(stage, tasks)]))


def _by_whose_choice(task: ApprovalTask) -> str:
    """« (without this role, chosen by an administrator)», where it is so."""
    is_outside = task.origin == ApprovalTask.Origin.ASSIGNED
    return f" ({task.get_origin_display()})" if is_outside else ""


def _awaited(tasks: list[ApprovalTask]) -> str:
    if not tasks:
        return ""
    names = ", ".join(
        f"{task.employee.get_short_name()}{_by_whose_choice(task)}" for task in tasks[:_NAMES_SHOWN]
    )
    if len(tasks) > _NAMES_SHOWN:
        names = _("%(names)s and others") % {"names": names}
    return pgettext("stage", "waits for %(names)s") % {"names": names}


def decided_by(decision: Decision) -> str:
    """«B. Orlov, 20.11 12:31», with the person he stood in for, or where it comes from."""
    person = who(decision.decided_by, decision.on_behalf_of)
    if decision.channel == Decision.Channel.POLICY:
        return f"{person} ({decision.get_channel_display().lower()})"
    return f"{person}, {moment(decision.decided_at)}"
