"""Deciding: approve, decline, return for rework, hand over, ask one more."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from treasury import journal, rights
from treasury.errors import (
    AlreadyDecided,
    NotAllowed,
    ReasonRequired,
    Superseded,
    TreasuryError,
    WrongColleague,
    WrongStatus,
)
from treasury.models import (
    ApprovalStage,
    ApprovalTask,
    Decision,
    Department,
    Employee,
    GroupMembership,
    PaymentRequest,
    SamePerson,
)
from treasury.services import stages
from treasury.workflow import MOVES, Action, Status

REASON_MIN_LENGTH = 5
REASON_MAX_LENGTH = 1000


def approve(*, task: ApprovalTask, actor: Employee, channel: str) -> Decision:
    """Approve; the quorum opens the next stage or approves the request. Raises `TreasuryError`."""
    with transaction.atomic():
        request, task = _lock(task)
        principal = _entitled(task, actor, request)
        decision = _record(request, task, actor, principal, Action.APPROVE, channel)
        stage = task.stage
        if stages.is_fulfilled(stage):
            stages.close(stage, ApprovalStage.State.PASSED)
            stages.advance(request)
        _write_down(request, decision)
    return decision


def decline(*, task: ApprovalTask, actor: Employee, channel: str, reason: str) -> Decision:
    """End the request with a reason. Raises `TreasuryError`."""
    return _refuse(task, actor, Action.DECLINE, Status.DECLINED, channel, reason)


def return_for_rework(
    *, task: ApprovalTask, actor: Employee, channel: str, reason: str
) -> Decision:
    """Give the request back to its author with a reason. Raises `TreasuryError`."""
    return _refuse(task, actor, Action.RETURN, Status.RETURNED, channel, reason)


def reassign(
    *, task: ApprovalTask, to: Employee, actor: Employee, channel: str, reason: str
) -> ApprovalTask:
    """Hand an open task over to a colleague. Raises `TreasuryError`."""
    reason = checked_reason(reason)
    with transaction.atomic():
        request, task = _lock(task)
        principal = _may_share(task, to, actor, request)
        task.status = ApprovalTask.Status.CLOSED
        task.save(update_fields=["status"])
        successor = _ask(task, to, ApprovalTask.Origin.REASSIGNED)
        journal.append(
            request=request,
            action=Action.REASSIGN,
            actor=actor,
            on_behalf_of=principal,
            channel=channel,
            reason=reason,
            data={
                "task": successor.pk,
                "stage": task.stage.name,
                "from": str(task.employee),
                "to": str(to),
            },
        )
    return successor


def add_approver(
    *, task: ApprovalTask, to: Employee, actor: Employee, channel: str, reason: str
) -> ApprovalTask:
    """Ask one more person at the stage of an open task; the new task. Raises `TreasuryError`.

    A quorum of all waits for this person too.
    """
    reason = checked_reason(reason)
    with transaction.atomic():
        request, task = _lock(task)
        principal = _may_share(task, to, actor, request)
        added = _ask(task, to, ApprovalTask.Origin.ADDED)
        journal.append(
            request=request,
            action=Action.ADD_APPROVER,
            actor=actor,
            on_behalf_of=principal,
            channel=channel,
            reason=reason,
            data={"task": added.pk, "stage": task.stage.name, "added": str(to)},
        )
    return added


def colleagues(task: ApprovalTask, actor: Employee) -> QuerySet[Employee]:
    """To whom the actor may hand the task over, or whom ask too; approvers first, by name."""
    request = task.request
    busy = {actor.pk} | request.asking | rights.voices_at(task.stage)
    if task.stage.same_person == SamePerson.FORBID:
        busy |= Decision.objects.standing(request).people()
    member = Exists(GroupMembership.objects.filter(employee=OuterRef("pk")))
    budget_holder = Exists(Department.objects.filter(budget_holders=OuterRef("pk")))
    others = Employee.objects.filter(is_active=True).exclude(pk__in=busy)
    return others.annotate(is_approver=member | budget_holder).order_by(
        "-is_approver", "last_name", "first_name", "pk"
    )


def checked_reason(reason: str) -> str:
    """The reason without spaces around it. Raises `ReasonRequired` when it says nothing."""
    reason = reason.replace("\x00", "").strip()
    if len(reason) < REASON_MIN_LENGTH:
        raise ReasonRequired
    if len(reason) > REASON_MAX_LENGTH:
        raise ReasonRequired(
            _("The reason is too long: at most %(limit)d characters.")
            % {"limit": REASON_MAX_LENGTH}
        )
    return reason


def _refuse(
    task: ApprovalTask,
    actor: Employee,
    action: Action,
    status: Status,
    channel: str,
    reason: str,
) -> Decision:
    with transaction.atomic():
        request, task = _lock(task)
        principal = _entitled(task, actor, request)
        reason = checked_reason(reason)
        decision = _record(request, task, actor, principal, action, channel, reason)
        stages.close(task.stage, ApprovalStage.State.STOPPED)
        request.status, request.stage = status, None
        _write_down(request, decision)
    return decision


def _lock(task: ApprovalTask) -> tuple[PaymentRequest, ApprovalTask]:
    # Not FOR UPDATE: the foreign keys of rows that refer to the request are checked at the
    # commit of their transactions, which would meet it in a deadlock.
    request = PaymentRequest.objects.select_for_update(no_key=True).get(pk=task.request_id)
    locked = ApprovalTask.objects.select_related("stage", "employee").get(pk=task.pk)
    return request, locked


def _entitled(task: ApprovalTask, actor: Employee, request: PaymentRequest) -> Employee:
    """The principal, after every check that a decision must pass."""
    # Read after the lock, so that whoever was dismissed meanwhile is refused.
    actor = task.employee if task.employee == actor else Employee.objects.get(pk=actor.pk)
    principal = rights.principal_for(task, actor, request)
    _check_open(task, request)
    return principal


def _check_open(task: ApprovalTask, request: PaymentRequest) -> None:
    if task.stage.state == ApprovalStage.State.SUPERSEDED:
        raise _overtaken(request)
    if task.status == ApprovalTask.Status.DECIDED:
        raise AlreadyDecided(task.decision)
    if task.stage.state != ApprovalStage.State.OPEN:
        raise AlreadyDecided(Decision.objects.filter(task__stage=task.stage).latest("id"))
    if request.status not in MOVES[Action.APPROVE].sources:
        raise WrongStatus(request.get_status_display())
    if task.status == ApprovalTask.Status.CLOSED:
        raise NotAllowed(_("This task was handed over to a colleague."))


def _overtaken(request: PaymentRequest) -> TreasuryError:
    if request.status in (Status.IN_APPROVAL, Status.APPROVED):
        return Superseded()
    return WrongStatus(request.get_status_display())


def _may_share(
    task: ApprovalTask, to: Employee, actor: Employee, request: PaymentRequest
) -> Employee | None:
    """On whose behalf the actor shares the task, if as a deputy; after every check."""
    # Read after the lock, so that whoever was dismissed meanwhile is refused.
    actor, to = Employee.objects.get(pk=actor.pk), Employee.objects.get(pk=to.pk)
    principal = None
    if not rights.may_reassign(request, actor):
        principal = rights.principal_for(task, actor, request)
    _check_open(task, request)
    if to == actor:
        raise WrongColleague(_("Choose a colleague: nobody gives a task to himself."))
    _check_successor(task, to, request)
    return principal if principal != actor else None


def _check_successor(task: ApprovalTask, to: Employee, request: PaymentRequest) -> None:
    if not to.is_active or to.pk in request.asking:
        raise WrongColleague(_("This person cannot decide on this request."))
    if task.stage.tasks.counted().filter(employee=to).exists():
        raise WrongColleague(_("This person already has a task at this stage."))
    if objection := rights.objection_to(task, to, request):
        raise WrongColleague(objection)


def _ask(task: ApprovalTask, employee: Employee, origin: str) -> ApprovalTask:
    """A new task at the same stage; who has handed his over before is asked by the same again."""
    asked = ApprovalTask.objects.filter(stage=task.stage, employee=employee).first()
    asked = asked or ApprovalTask(stage=task.stage, employee=employee)
    asked.request, asked.revision = task.request, task.revision
    asked.origin, asked.status = origin, ApprovalTask.Status.OPEN
    asked.save()
    return asked


def _record(
    request: PaymentRequest,
    task: ApprovalTask,
    actor: Employee,
    principal: Employee,
    action: Action,
    channel: str,
    reason: str = "",
) -> Decision:
    task.status = ApprovalTask.Status.DECIDED
    task.save(update_fields=["status"])
    return Decision.objects.create(
        task=task,
        request=request,
        revision=request.revision,
        action=action,
        decided_by=actor,
        on_behalf_of=principal if principal.pk != actor.pk else None,
        reason=reason,
        channel=channel,
    )


def _write_down(request: PaymentRequest, decision: Decision) -> None:
    journal.append(
        request=request,
        action=decision.action,
        actor=decision.decided_by,
        on_behalf_of=decision.on_behalf_of,
        channel=decision.channel,
        reason=decision.reason,
        data={
            "task": decision.task_id,
            "stage": decision.task.stage.name,
            "position": decision.task.stage.position,
        },
    )
