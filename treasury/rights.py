"""Who may do what with a request, decided from the person's own rights at the moment of asking."""

from collections.abc import Collection, Iterable

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from treasury import routing
from treasury.approval import Approval, read
from treasury.errors import NotAllowed
from treasury.models import (
    ApprovalStage,
    ApprovalTask,
    Attachment,
    Delegation,
    Employee,
    PaymentRequest,
    SamePerson,
)
from treasury.workflow import DECISIONS, MOVES, UNFINISHED, Action, Concern, Status


def may_edit(request: PaymentRequest, employee: Employee) -> bool:
    return is_owner(request, employee) or employee.has_perm("treasury.change_paymentrequest")


def holders(permission: str) -> QuerySet[Employee]:
    """Those who work here and have the right, by their role or of their own."""
    found = ModelBackend().with_perm(permission, include_superusers=False)
    return Employee.objects.filter(pk__in=found.values("pk"))


def documents(request: PaymentRequest, employee: Employee) -> QuerySet[Attachment]:
    """Those that he may read; whoever may read the journal, also what it says was removed."""
    reads_journal = employee.has_perm("treasury.view_event")
    return request.attachments.all() if reads_journal else request.documents


def is_owner(request: PaymentRequest, employee: Employee) -> bool:
    """The author, as long as he may prepare requests at all."""
    own = employee.pk == request.author_id or employee.is_superuser
    return own and employee.has_perm("treasury.add_paymentrequest")


def may_adopt(request: PaymentRequest, employee: Employee) -> bool:
    """Go on with what a colleague has left behind: he has gone, or prepares no requests now."""
    prepares = employee.has_perm("treasury.add_paymentrequest")
    if not prepares or not may_edit(request, employee) or employee.pk == request.author_id:
        return False
    return not request.author.has_perm("treasury.add_paymentrequest")


def refusal(
    approval: Approval, task: ApprovalTask, employee: Employee, delegations: Iterable[Delegation]
) -> NotAllowed | None:
    """Why this person may not decide the task, of the delegations that run; None when he may.

    The one rule of who decides: it keeps off a stranger, the author, the requester and their
    deputies, someone who has left or no longer holds the role, a deputy who may not decide twice or
    has a voice of his own at the stage. Whether the task is open still is another question.
    """
    request = approval.request
    if employee.pk in request.makers:
        return NotAllowed(_("You have changed what is paid: somebody else has to decide."))
    if task.employee_id != employee.pk:
        if not employee.is_active or not _delegated(task, employee, delegations, request):
            return NotAllowed()
        if objection := objection_to(approval, task, employee):
            return NotAllowed(objection)
    return None if approval.has_voice(task) else NotAllowed()


def _delegated(
    task: ApprovalTask,
    employee: Employee,
    delegations: Iterable[Delegation],
    request: PaymentRequest,
) -> bool:
    return any(
        (one.principal_id, one.deputy_id) == (task.employee_id, employee.pk)
        and one.reaches(request, task.stage)
        for one in delegations
    )


def principal_for(approval: Approval, task: ApprovalTask, employee: Employee) -> Employee:
    """Whose task the employee would decide: his own, or that of the person he stands in for.

    Raises `NotAllowed` for everyone else: see `refusal`.
    """
    if refused := refusal(approval, task, employee, _standing_in_on(task, employee)):
        raise refused
    return task.employee


def standing_in(employee: Employee) -> list[Delegation]:
    """The running delegations by which he is a deputy."""
    running = Delegation.objects.running().filter(deputy=employee).order_by()
    return list(running.select_related("principal"))


def _standing_in_on(task: ApprovalTask, employee: Employee) -> list[Delegation]:
    """His own task needs none."""
    return standing_in(employee) if task.employee_id != employee.pk else []


def objection_to(approval: Approval, task: ApprovalTask, employee: Employee) -> str:
    """Why one without this open task may not decide it in its assignee's place, as a deputy or
    colleague; empty if he may."""
    if task.status != ApprovalTask.Status.OPEN:
        return ""
    if objection := objection_at(approval, task.stage, employee):
        return objection
    if not approval.may_replace(task, employee):
        return _(
            "The route wants %(count)d different people, and this one has decided already or will; "
            "somebody else has to decide this task."
        ) % {"count": approval.min_people}
    return ""


def objection_at(approval: Approval, stage: ApprovalStage, employee: Employee) -> str:
    """Why one without a task at the open stage may not get a voice there; empty if he may.

    Nobody has two voices at one stage, whatever the route says of the same person at several.
    """
    if stage.same_person == SamePerson.FORBID and not approval.is_free(stage, employee):
        return _(
            "The route wants a different person for every decision. This one has decided already, "
            "or is needed for another; hand the task over to someone else."
        )
    if employee.pk in approval.voices_at(stage):
        return _("Nobody has two voices at one stage; someone else has to decide this task.")
    return ""


def chooses_account(approval: Approval, task: ApprovalTask, employee: Employee) -> bool:
    """Whether the paying account is his to choose when he approves this task: at the stage that
    answers for the payment, or before it when his approval counts there too."""
    if task.stage.concern == Concern.PAYMENT:
        return True
    counts_later = task.stage.same_person == SamePerson.SKIP and task.employee_id == employee.pk
    payment = (
        stage
        for stage in approval.at(ApprovalStage.State.WAITING)
        if stage.concern == Concern.PAYMENT
    )
    return counts_later and any(employee in approval.roles.holders(stage) for stage in payment)


def may_reassign(request: PaymentRequest, employee: Employee) -> bool:
    """Anyone's task; but nobody chooses who decides on his own request."""
    return employee.pk not in request.asking and employee.has_perm("treasury.reassign_task")


def may_take_over(approval: Approval, stage: ApprovalStage) -> set[int]:
    """The pks of those to whom everyone may hand over his task at the open stage."""
    return {person.pk for person in approval.roles.holders(stage)} | routing.may_take_over(stage)


def may_nudge(request: PaymentRequest, employee: Employee) -> bool:
    """Who has asked for the money may remind those who have to decide."""
    asks = employee.pk in request.asked_by
    return asks and employee.is_active and request.status == Status.IN_APPROVAL


def may_begin_delegation(principal: Employee, employee: Employee) -> bool:
    own = employee.is_active and employee == principal
    return own or employee.has_perm("treasury.add_delegation")


def may_end_delegation(delegation: Delegation, employee: Employee) -> bool:
    own = employee.is_active and employee.pk == delegation.principal_id
    return own or employee.has_perm("treasury.change_delegation")


def task_of(approval: Approval, employee: Employee) -> ApprovalTask | None:
    """The open task that this person may decide now: his own first, then as a deputy."""
    return tasks_of_each([approval], employee).get(approval.request.pk)


def tasks_of_each(approvals: Iterable[Approval], employee: Employee) -> dict[int, ApprovalTask]:
    """The same of many, by the keys of the requests on which he may decide."""
    running = [one for one in approvals if one.request.status == Status.IN_APPROVAL]
    delegations = standing_in(employee) if running else []
    tasks = {one.request.pk: _decided_by(one, employee, delegations) for one in running}
    return {key: task for key, task in tasks.items() if task}


def _decided_by(
    approval: Approval, employee: Employee, delegations: Collection[Delegation]
) -> ApprovalTask | None:
    own_first = sorted(approval.tasks, key=lambda task: task.employee_id != employee.pk)
    return next(
        (task for task in own_first if decides(approval, task, employee, delegations)), None
    )


def may_decide(approval: Approval, task: ApprovalTask, employee: Employee) -> bool:
    """Whether the task is open and this person may decide it now."""
    current = approval.find(task.pk)
    if current is None:
        return False
    return decides(approval, current, employee, _standing_in_on(current, employee))


def decides(
    approval: Approval, task: ApprovalTask, employee: Employee, delegations: Iterable[Delegation]
) -> bool:
    is_open = task.status == ApprovalTask.Status.OPEN
    return is_open and refusal(approval, task, employee, delegations) is None


def _calls_off(request: PaymentRequest, employee: Employee) -> bool:
    """Somebody else's request, once it is approved; drafts are their owner's."""
    approved = request.status == Status.APPROVED
    return approved and employee.has_perm("treasury.cancel_paymentrequest")


def actions(request: PaymentRequest, employee: Employee) -> tuple[Action, ...]:
    """Every move that this person may make now, in the order in which buttons show them."""
    return actions_with(task_of(read(request), employee), request, employee)


def actions_with(
    task: ApprovalTask | None, request: PaymentRequest, employee: Employee
) -> tuple[Action, ...]:
    """As `actions`, when the person's own task (`task_of`) is known already."""
    decides = task is not None
    hands_over = decides or may_reassign(request, employee)
    owns = is_owner(request, employee)
    adopts = request.status in UNFINISHED and may_adopt(request, employee)
    entitled = {
        **dict.fromkeys(DECISIONS, decides),
        **dict.fromkeys((Action.REASSIGN, Action.ADD_APPROVER), hands_over),
        Action.CHANGE: may_edit(request, employee),
        Action.SUBMIT: owns,
        Action.WITHDRAW: owns,
        Action.CANCEL: owns or adopts or _calls_off(request, employee),
        Action.ADOPT: adopts,
        Action.COPY: employee.has_perm("treasury.add_paymentrequest"),
    }
    return tuple(
        action
        for action, move in MOVES.items()
        if request.status in move.sources and entitled.get(action)
    )
