"""Who may do what with a request, decided from the person's own rights at the moment of asking."""

from treasury import routing
from treasury.errors import NotAllowed
from treasury.models import ApprovalTask, Delegation, Employee, PaymentRequest
from treasury.workflow import DECISIONS, MOVES, Action


def may_edit(request: PaymentRequest, employee: Employee) -> bool:
    return is_owner(request, employee) or employee.has_perm("treasury.change_paymentrequest")


def is_owner(request: PaymentRequest, employee: Employee) -> bool:
    return employee.is_active and (employee.pk == request.author_id or employee.is_superuser)


def principal_for(task: ApprovalTask, employee: Employee, request: PaymentRequest) -> Employee:
    """Whose task the employee would decide: his own, or that of the person he stands in for.

    Raises `NotAllowed` for everyone else: a stranger, the author, the requester, someone who has
    left or no longer holds the role.
    """
    if not employee.is_active or employee.pk in (request.author_id, request.requester_id):
        raise NotAllowed
    own = task.employee_id == employee.pk
    if not own and not _stands_in(task, employee, request):
        raise NotAllowed
    by_route = task.origin == ApprovalTask.Origin.ROUTE
    if by_route and not routing.holds_role(task.employee, task.stage, request):
        raise NotAllowed
    return task.employee


def _stands_in(task: ApprovalTask, employee: Employee, request: PaymentRequest) -> bool:
    return task.employee.is_active and Delegation.objects.covers(
        principal=task.employee_id, deputy=employee.pk, organization=request.organization_id
    )


def task_of(request: PaymentRequest, employee: Employee) -> ApprovalTask | None:
    """The open task that this person may decide now: his own first, then as a deputy."""
    # Two plain queries: the one for whole queues costs more than both, and every card asks this.
    principals = Delegation.objects.running().filter(deputy=employee).order_by()
    people = [employee.pk, *principals.values_list("principal", flat=True)]
    open_tasks = request.tasks.filter(employee__in=people, status=ApprovalTask.Status.OPEN)
    tasks = open_tasks.select_related("stage", "employee")
    own_first = sorted(tasks, key=lambda task: task.employee_id != employee.pk)
    return next((task for task in own_first if may_decide(task, employee, request)), None)


def may_decide(task: ApprovalTask, employee: Employee, request: PaymentRequest) -> bool:
    """Whether the task is open and this person may decide it now."""
    if task.status != ApprovalTask.Status.OPEN:
        return False
    try:
        principal_for(task, employee, request)
    except NotAllowed:
        return False
    return True


def actions(request: PaymentRequest, employee: Employee) -> tuple[Action, ...]:
    """Every move that this person may make now, in the order in which buttons show them."""
    decides = task_of(request, employee) is not None
    owns = is_owner(request, employee)
    entitled = {
        **dict.fromkeys(DECISIONS, decides),
        Action.REASSIGN: decides or employee.has_perm("treasury.reassign_task"),
        Action.CHANGE: may_edit(request, employee),
        Action.SUBMIT: owns,
        Action.WITHDRAW: owns,
        Action.CANCEL: owns or employee.has_perm("treasury.cancel_paymentrequest"),
        Action.COPY: employee.has_perm("treasury.add_paymentrequest"),
    }
    return tuple(
        action
        for action, move in MOVES.items()
        if request.status in move.sources and entitled.get(action)
    )
