"""Who may do what with a request, decided from the person's own rights at the moment of asking."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

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


def principal_for(approval: Approval, task: ApprovalTask, employee: Employee) -> Employee:
    """Whose task the employee would decide: his own, or that of the person he stands in for.

    Raises `NotAllowed` for everyone else: a stranger, the author, the requester and their deputies,
    someone who has left or no longer holds the role, a deputy who may not decide twice or has a
    voice of his own at the stage.
    """
    request = approval.request
    if employee.pk in request.makers:
        raise NotAllowed(_("You have changed what is paid: somebody else has to decide."))
    if not employee.is_active or request.asking & {employee.pk, task.employee_id}:
        raise NotAllowed
    own = task.employee_id == employee.pk
    if not own and not _stands_in(task, employee, request):
        raise NotAllowed
    if not own and (objection := objection_to(approval, task, employee)):
        raise NotAllowed(objection)
    is_open = task.stage.state == ApprovalStage.State.OPEN
    by_route = task.origin == ApprovalTask.Origin.ROUTE
    if is_open and by_route and task.employee not in approval.roles.holders(task.stage):
        raise NotAllowed
    return task.employee


def _stands_in(task: ApprovalTask, employee: Employee, request: PaymentRequest) -> bool:
    return task.employee.is_active and Delegation.objects.covers(
        principal=task.employee_id,
        deputy=employee.pk,
        organization=request.organization_id,
        stage=task.stage.configured,
        asking=request.asking,
    )


def objection_to(approval: Approval, task: ApprovalTask, employee: Employee) -> str:
    """Why one without this open task may not decide it, as a deputy or colleague; empty if he may.

    Nobody has two voices at one stage, whatever the route says of the same person at several.
    """
    if task.status != ApprovalTask.Status.OPEN:
        return ""
    forbids = task.stage.same_person == SamePerson.FORBID
    if forbids and not approval.is_free(task.stage, employee):
        return _(
            "The route wants a different person for every decision. This one has decided already, "
            "or is needed for another; hand the task over to someone else."
        )
    if employee.pk in approval.voices_at(task.stage):
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


def may_begin_delegation(principal: Employee, employee: Employee) -> bool:
    own = employee.is_active and employee == principal
    return own or employee.has_perm("treasury.add_delegation")


def may_end_delegation(delegation: Delegation, employee: Employee) -> bool:
    own = employee.is_active and employee.pk == delegation.principal_id
    return own or employee.has_perm("treasury.change_delegation")


def task_of(approval: Approval, employee: Employee) -> ApprovalTask | None:
    """The open task that this person may decide now: his own first, then as a deputy."""
    if approval.request.status != Status.IN_APPROVAL:
        return None
    principals = Delegation.objects.running().filter(deputy=employee).order_by()
    people = {employee.pk, *principals.values_list("principal", flat=True)}
    tasks = [task for task in approval.tasks if task.employee_id in people]
    own_first = sorted(tasks, key=lambda task: task.employee_id != employee.pk)
    return next((task for task in own_first if _decides(approval, task, employee)), None)


def may_decide(approval: Approval, task: ApprovalTask, employee: Employee) -> bool:
    """Whether the task is open and this person may decide it now."""
    current = approval.find(task.pk)
    return current is not None and _decides(approval, current, employee)


def _decides(approval: Approval, task: ApprovalTask, employee: Employee) -> bool:
    if task.status != ApprovalTask.Status.OPEN:
        return False
    try:
        principal_for(approval, task, employee)
    except NotAllowed:
        return False
    return True


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
