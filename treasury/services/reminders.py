"""People are reminded of what waits: before its deadline, after it, and when its author wants it.

Whom it concerns is found out under the lock of the request, and the channels hear of it within the
transaction, so that nothing is said twice or lost.
"""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from treasury import audience, deadlines, rights, working_time
from treasury.approval import read
from treasury.errors import NoRight, NudgedLately
from treasury.models import ApprovalStage, ApprovalTask, Employee, PaymentRequest, Reminder
from treasury.services import approvals
from treasury.signals import reminded

Kind = Reminder.Kind
# Tasks that wait, each with whoever may decide it.
Asked = Sequence[tuple[ApprovalTask, int]]
# At a time; the rest comes a moment later.
_MOST = 500


def due() -> list[int]:
    """The keys of the stages whose people are to be reminded now."""
    stages = ApprovalStage.objects.to_remind(timezone.now())
    return list(stages.values_list("pk", flat=True)[:_MOST])


def remind(stage_pk: int) -> None:
    """Take the next step: remind those who are asked, then their deputies, then the superior.

    Of several who do it at once only the first finds it due.
    """
    with transaction.atomic():
        request = approvals.lock(ApprovalStage.objects.values_list("request").get(pk=stage_pk)[0])
        now = timezone.now()
        stage = ApprovalStage.objects.to_remind(now).filter(pk=stage_pk).first()
        if stage is None:
            return
        done, asked = set(stage.reminders.values_list("kind", flat=True)), _asked(request)
        deputies = [(task, person) for task, person in asked if task.employee_id != person]
        if Kind.EARLY not in done:
            _remind(stage, Kind.EARLY, asked, again=stage.due_at)
        elif deputies and Kind.DEPUTIES not in done:
            again = deadlines.end_of_grace(stage, since=now)
            _remind(stage, Kind.DEPUTIES, deputies, again=again)
        else:
            superior = _superior(request, stage, {person for _task, person in asked})
            _remind(stage, Kind.SUPERIOR, (), again=None, told=superior)


def nudge(*, request: PaymentRequest, actor: Employee) -> set[int]:
    """Remind those who are asked now; their keys. Raises `TreasuryError`, of which `NudgedLately`
    says when it is possible again."""
    with transaction.atomic():
        request = approvals.lock(pk=request.pk)
        now = timezone.now()
        if not rights.may_nudge(request, Employee.objects.get(pk=actor.pk)):
            raise NoRight
        last = request.reminders.filter(kind=Kind.NUDGE).last()
        if last:
            _check_pause(last.at, now)
        [stage] = request.stages.filter(state=ApprovalStage.State.OPEN)
        asked = _asked(request)
        _tell(Reminder(stage=stage, kind=Kind.NUDGE, by=actor), asked)
    return {person for _task, person in asked}


def _check_pause(last: datetime, now: datetime) -> None:
    """Of working time, like deadlines: at the weekend nobody has let him wait."""
    calendar = working_time.current()
    if calendar.between(last, now) < settings.NUDGE_PAUSE:
        raise NudgedLately(last, calendar.after(last, settings.NUDGE_PAUSE))


def _asked(request: PaymentRequest) -> Asked:
    approval, asked = read(request), audience.asked(request)
    people = Employee.objects.in_bulk({person for _task, person in asked})
    return [
        (task, person)
        for task, person in asked
        if rights.may_decide(approval, task, people[person])
    ]


def _superior(request: PaymentRequest, stage: ApprovalStage, asked: set[int]) -> Employee | None:
    """Who is named by the route, else the head of the department; nobody who is asked himself."""
    named = (stage.escalate_to, request.department.head)
    able = (one for one in named if one and one.is_active and one.pk not in asked)
    return next(able, None)


def _remind(
    stage: ApprovalStage,
    kind: Reminder.Kind,
    asked: Asked,
    *,
    again: datetime | None,
    told: Employee | None = None,
) -> None:
    stage.remind_at = again
    stage.save(update_fields=["remind_at"])
    _tell(Reminder(stage=stage, kind=kind, told=told), asked)


def _tell(reminder: Reminder, asked: Asked) -> None:
    reminder.request_id = reminder.stage.request_id
    reminder.save(force_insert=True)
    reminded.send(sender=Reminder, reminder=reminder, asked=asked)
