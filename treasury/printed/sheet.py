"""The approval sheet: who has decided what, and whom the request waits for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from treasury.models import ApprovalStage, ApprovalTask, Decision, Employee, PaymentRequest
from treasury.names import accusative
from treasury.workflow import Action, Status

State = ApprovalStage.State
# Of a stage that waits for hundreds.
_NAMES_SHOWN = 5


@dataclass(frozen=True)
class Line:
    """Cells of the sheet; those of what has not happened are empty."""

    stage: str
    who: str
    decision: str
    when: str = ""
    channel: str = ""
    revision: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Sheet:
    """`earlier` are the decisions that count no more, of stages that were asked anew since."""

    lines: Sequence[Line]
    earlier: Sequence[Line]


def sheet(request: PaymentRequest) -> Sheet:
    stages = list(_stages(request))
    chain = [stage for stage in stages if stage.state != State.SUPERSEDED]
    gone = [stage for stage in stages if stage.state == State.SUPERSEDED]
    in_order = sorted(chain, key=lambda stage: stage.position)
    lines = [line for stage in in_order for line in _of_stage(stage, request)]
    return Sheet(
        [*_submission(request), *lines], [line for stage in gone for line in _decisions(stage)]
    )


def moment(at: datetime) -> str:
    """With the time zone: the paper is read elsewhere too."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'SHORT_DATETIME_FORMAT')} {local:%Z}"


def who(person: Employee, principal: Employee | None) -> str:
    """In full, and for whom he stood in on a line of its own."""
    if principal is None:
        return str(person)
    stood_in = _("for %(name)s") % {"name": accusative(principal.get_short_name())}
    return f"{person}\n{stood_in}"


def plain(text: str) -> str:
    """What people typed, on one line."""
    return " ".join(text.split())


def _stages(request: PaymentRequest) -> Iterable[ApprovalStage]:
    people = ("employee", "decision__decided_by", "decision__on_behalf_of")
    tasks = ApprovalTask.objects.select_related(*people).order_by("id")
    stages = request.stages.order_by("revision", "position", "id")
    return stages.prefetch_related(Prefetch("tasks", queryset=tasks))


def _submission(request: PaymentRequest) -> Iterator[Line]:
    submits = request.events.filter(action=Action.SUBMIT).select_related("actor")
    if event := submits.order_by("sequence").last():
        yield Line(
            stage=pgettext("approval sheet", "Submission"),
            who=who(event.actor, None),
            decision=str(event.get_action_display()),
            when=moment(event.at),
            channel=str(event.get_channel_display()),
            revision=str(event.revision),
            comment=plain(event.reason),
        )


def _of_stage(stage: ApprovalStage, request: PaymentRequest) -> Iterator[Line]:
    decided = list(_decisions(stage))
    yield from decided
    if stage.state == State.OPEN:
        yield Line(stage.name, _awaited(stage), pgettext("approval sheet", "Is waited for"))
    elif stage.state == State.WAITING and request.status != Status.IN_APPROVAL:
        yield Line(stage.name, "", pgettext("approval sheet", "Was not asked"))
    elif not decided:
        yield Line(stage.name, "", str(stage.get_state_display()))


def _awaited(stage: ApprovalStage) -> str:
    tasks = [task for task in stage.tasks.all() if task.status == ApprovalTask.Status.OPEN]
    names = ", ".join(task.employee.get_short_name() for task in tasks[:_NAMES_SHOWN])
    return _("%(names)s and others") % {"names": names} if len(tasks) > _NAMES_SHOWN else names


def _decisions(stage: ApprovalStage) -> Iterator[Line]:
    decided = [task for task in stage.tasks.all() if hasattr(task, "decision")]
    for task in sorted(decided, key=lambda task: task.decision.pk):
        yield _line(stage, task, task.decision)


def _line(stage: ApprovalStage, task: ApprovalTask, decision: Decision) -> Line:
    person = who(decision.decided_by, decision.on_behalf_of)
    if task.origin == ApprovalTask.Origin.ASSIGNED:
        person = f"{person}\n({task.get_origin_display()})"
    return Line(
        stage=stage.name,
        who=person,
        decision=str(decision.get_action_display()),
        when=moment(decision.decided_at),
        channel=str(decision.get_channel_display()),
        revision=str(decision.revision),
        comment=plain(decision.reason),
    )
