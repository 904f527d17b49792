"""Deciding: approve, decline, return for rework, hand over, ask one more."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from treasury import facts, journal, passed, reasons, rights, standing
from treasury.approval import Approval
from treasury.errors import (
    AlreadyDecided,
    NotAllowed,
    Outdated,
    Superseded,
    TreasuryError,
    WrongColleague,
    WrongStatus,
)
from treasury.models import (
    ApprovalStage,
    ApprovalTask,
    Decision,
    Delegation,
    Department,
    Employee,
    GroupMembership,
    OwnAccount,
    PaymentRequest,
    SamePerson,
)
from treasury.names import accusative
from treasury.services import approvals, paying, revisions
from treasury.workflow import MOVES, Action, Status

Origin = ApprovalTask.Origin


def approve(
    *,
    task: ApprovalTask,
    actor: Employee,
    channel: str,
    own_account: OwnAccount | None = None,
    seen: int | None = None,
    shown: int | None = None,
) -> Decision:
    """Approve; the quorum opens the next stage or approves the request.

    From `own_account`, of which the key is enough, it is paid: whoever answers for the payment
    chooses it. `seen` is the `standing.version` that the actor has seen, `Outdated` if it is
    another by now, and `shown` the revision that was before his eyes, `Superseded` if it is. Raises
    `TreasuryError`; also `NotReady` with what the request has lost by the last approval, or when no
    account has been chosen.
    """
    with approvals.joined():
        approval, task = approvals.locked(task)
        principal = _entitled(approval, task, actor)
        if seen is not None and standing.version(approval.request.pk) != seen:
            raise Outdated
        if shown not in (None, approval.request.revision):
            raise Superseded
        revisions.check(approval.request, facts.parties(approval.request))
        replaced = paying.choose(approval, task, actor, own_account) if own_account else None
        chosen = revisions.draft_paid_otherwise(approval.request) if replaced is not None else None
        if chosen is not None:
            approval.ask_anew_ahead()
        decision = _decision(approval, task, actor, principal, Action.APPROVE, channel)
        payment = paying.stages_ahead(approval)
        approval.approve(task, decision)
        paying.check_chosen(approval, payment)
        if approval.request.status == Status.APPROVED:
            revisions.check_payable(approval.request)
        if chosen is not None:
            chosen.save(force_insert=True)
        _write_down(approval, decision, replaced)
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
    """Hand an open task over to a colleague of the same role, or who may take over at the stage;
    an administrator to anybody. Raises `TreasuryError`.
    """
    reason = reasons.checked(reason)
    with approvals.joined():
        approval, task = approvals.locked(task)
        actor, to = _as_now(actor), _as_now(to)
        principal = _may_share(approval, task, to, actor)
        if objection := rights.objection_to(approval, task, to):
            raise WrongColleague(objection)
        origin = _origin_of_successor(approval, task, to, actor)
        approval.close_task(task)
        successor = approval.ask(task.stage, to, origin)
        approvals.write(approval)
        journal.append(
            request=approval.request,
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
                **({"without_role": True} if origin == Origin.ASSIGNED else {}),
            },
        )
    return successor


def add_approver(
    *, task: ApprovalTask, to: Employee, actor: Employee, channel: str, reason: str
) -> ApprovalTask:
    """Ask one more person at the stage of an open task; the new task. Raises `TreasuryError`.

    The stage waits for this voice besides those of its role, whatever their quorum.
    """
    reason = reasons.checked(reason)
    with approvals.joined():
        approval, task = approvals.locked(task)
        actor, to = _as_now(actor), _as_now(to)
        principal = _may_share(approval, task, to, actor)
        if objection := rights.objection_at(approval, task.stage, to):
            raise WrongColleague(objection)
        added = approval.ask(task.stage, to, Origin.ADDED)
        approvals.write(approval)
        journal.append(
            request=approval.request,
            action=Action.ADD_APPROVER,
            actor=actor,
            on_behalf_of=principal,
            channel=channel,
            reason=reason,
            data={"task": added.pk, "stage": task.stage.name, "added": str(to)},
        )
    return added


def colleagues(
    approval: Approval, task: ApprovalTask, actor: Employee, action: Action
) -> QuerySet[Employee]:
    """To whom the actor may hand the task over, or whom ask too; approvers first, by name.

    Nobody when the stage counts no more.
    """
    stage = next((stage for stage in approval.chain if stage.pk == task.stage_id), None)
    if stage is None:
        return Employee.objects.none()
    busy = {actor.pk} | approval.request.asking | approval.voices_at(stage)
    if stage.same_person == SamePerson.FORBID:
        busy |= approval.deciders()
    member = Exists(GroupMembership.objects.filter(employee=OuterRef("pk")))
    budget_holder = Exists(Department.objects.filter(budget_holders=OuterRef("pk")))
    stood_in_for = Delegation.objects.running().filter(deputy=actor).order_by()
    others = Employee.objects.filter(is_active=True).exclude(pk__in=busy)
    others = others.exclude(pk__in=stood_in_for.values("principal"))
    if action == Action.REASSIGN and not rights.may_reassign(approval.request, actor):
        others = others.filter(pk__in=rights.may_take_over(approval, stage))
    return others.annotate(is_approver=member | budget_holder).order_by(
        "-is_approver", "last_name", "first_name", "pk"
    )


def _refuse(
    task: ApprovalTask,
    actor: Employee,
    action: Action,
    status: Status,
    channel: str,
    reason: str,
) -> Decision:
    with approvals.joined():
        approval, task = approvals.locked(task)
        principal = _entitled(approval, task, actor)
        reason = reasons.checked(reason)
        decision = _decision(approval, task, actor, principal, action, channel, reason)
        approval.refuse(task, decision, status)
        _write_down(approval, decision)
    return decision


def _entitled(approval: Approval, task: ApprovalTask, actor: Employee) -> Employee:
    """The principal, after every check that a decision must pass."""
    # Read after the lock, so that whoever was dismissed meanwhile is refused.
    actor = task.employee if task.employee == actor else Employee.objects.get(pk=actor.pk)
    principal = rights.principal_for(approval, task, actor)
    _check_open(task, approval.request)
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


def _as_now(person: Employee) -> Employee:
    """Read after the lock, so that whoever was dismissed meanwhile is refused."""
    return Employee.objects.get(pk=person.pk)


def _may_share(
    approval: Approval, task: ApprovalTask, to: Employee, actor: Employee
) -> Employee | None:
    """On whose behalf the actor shares the task, if as a deputy; after the checks of both."""
    principal = None
    if not rights.may_reassign(approval.request, actor):
        principal = rights.principal_for(approval, task, actor)
    _check_open(task, approval.request)
    if to == actor:
        raise WrongColleague(_("Choose a colleague: nobody gives a task to himself."))
    if any(one.principal == to for one in rights.standing_in(actor)):
        # By whose hand it would be decided.
        text = _("Choose another colleague: you stand in for %(person)s yourself.")
        raise WrongColleague(text % {"person": accusative(to.get_short_name())})
    _check_successor(approval, task, to)
    return principal if principal != actor else None


def _check_successor(approval: Approval, task: ApprovalTask, to: Employee) -> None:
    if not to.is_active or to.pk in approval.request.asking:
        raise WrongColleague(_("This person cannot decide on this request."))
    if any(counted.employee == to for counted in approval.counted_at(task.stage)):
        raise WrongColleague(_("This person already has a task at this stage."))


def _origin_of_successor(
    approval: Approval, task: ApprovalTask, to: Employee, actor: Employee
) -> Origin:
    """The voice that he takes over, and by whose choice. Raises `WrongColleague`."""
    is_entitled = to.pk in rights.may_take_over(approval, task.stage)
    if not (is_entitled or rights.may_reassign(approval.request, actor)):
        raise WrongColleague(
            _(
                "A task is handed over to somebody with the same role, or whom the route lets take "
                "over at this stage; to anybody else only by an administrator."
            )
        )
    if task.origin == Origin.ADDED:
        return Origin.ADDED
    return Origin.REASSIGNED if is_entitled else Origin.ASSIGNED


def _decision(
    approval: Approval,
    task: ApprovalTask,
    actor: Employee,
    principal: Employee,
    action: Action,
    channel: str,
    reason: str = "",
) -> Decision:
    return approval.decision(
        task,
        action=action,
        decided_by=actor,
        on_behalf_of=principal if principal.pk != actor.pk else None,
        reason=reason,
        channel=channel,
    )


def _write_down(approval: Approval, decision: Decision, replaced: str | None = None) -> None:
    """`replaced` is what the chosen account has taken the place of, if one was chosen."""
    approvals.write(approval)
    journal.append(
        request=approval.request,
        action=decision.action,
        actor=decision.decided_by,
        on_behalf_of=decision.on_behalf_of,
        channel=decision.channel,
        reason=decision.reason,
        data={
            "task": decision.task_id,
            "stage": decision.task.stage.name,
            "position": decision.task.stage.position,
            "digest": decision.digest,
            **_chosen(approval, replaced),
        },
    )


def _chosen(approval: Approval, replaced: str | None) -> dict[str, Any]:
    """From which account is paid, and by which rules it is decided then."""
    if replaced is None:
        return {}
    changes = {"own_account": [replaced, str(approval.request.own_account)]}
    return {"changes": changes, "rules": passed.rules(approval.chain)}
