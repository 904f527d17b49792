"""Who must approve: the route that applies, the people of each of its stages, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury import money
from treasury.errors import NobodyCanDecide
from treasury.models import (
    ApprovalRoute,
    ApprovalStage,
    ApprovalTask,
    Approvers,
    Currency,
    Delegation,
    Employee,
    PaymentRequest,
)
from treasury.models.routes import StagePolicy
from treasury.names import accusative
from treasury.workflow import Action, Status


def route_for(request: PaymentRequest) -> ApprovalRoute:
    """The organization's own route, else the general one.

    Raises `NobodyCanDecide` when neither is in use.
    """
    routes = ApprovalRoute.objects.filter(is_active=True)
    route = (
        routes.filter(organization=request.organization_id).first()
        or routes.filter(organization=None).first()
    )
    if route is None:
        raise NobodyCanDecide([_("No approval route is in use; ask the administrator for one.")])
    return route


def role_holders(stage: StagePolicy, request: PaymentRequest) -> QuerySet[Employee]:
    """Everyone who has the role of the stage at this moment, some of them perhaps twice."""
    if stage.approvers == Approvers.BUDGET_HOLDERS:
        held = Q(departments=request.department_id)
    else:
        everywhere = Q(memberships__organization=None)
        here = Q(memberships__organization=request.organization_id)
        held = Q(memberships__group=stage.group_id) & (everywhere | here)
    return Employee.objects.filter(held, is_active=True).order_by()


def holds_role(employee: Employee, stage: StagePolicy, request: PaymentRequest) -> bool:
    """Whether the employee has the role of the stage at this moment."""
    return role_holders(stage, request).filter(pk=employee.pk).exists()


def candidates(stage: StagePolicy, request: PaymentRequest) -> set[Employee]:
    """Who may decide: the role's holders without those who ask for the money themselves."""
    own = {request.author_id, request.requester_id}
    return {person for person in role_holders(stage, request) if person.pk not in own}


@dataclass(frozen=True)
class Asked:
    """Someone who could decide, and the delegations by which others could do so for him now."""

    person: Employee
    delegations: Sequence[Delegation]


@dataclass(frozen=True)
class Explained:
    """A stage: whether the request comes to it, from which amount on, by which role, to whom."""

    stage: StagePolicy
    applies: bool
    condition: str
    role: str
    people: Sequence[Asked]


@dataclass(frozen=True)
class Explanation:
    """`route` says its name and for whom it is; empty when it is no more what it was at submit."""

    route: str
    stages: Sequence[Explained]


def explain(request: PaymentRequest) -> Explanation:
    """Who is asked, and why: by the copied stages in approval, else a dry run of the route.

    Raises `NobodyCanDecide` when no route is in use.
    """
    if request.status == Status.IN_APPROVAL:
        chain = request.stages.valid().select_related("route_stage__route__organization", "group")
        route = next((stage.route_stage.route for stage in chain if stage.route_stage), None)
        people = {stage: _asked(stage, request) for stage in chain}
        return _explanation(request, route, people)
    route = route_for(request)
    stages = route.stages.select_related("group").order_by("position")
    return _explanation(request, route, {stage: candidates(stage, request) for stage in stages})


def why(request: PaymentRequest, employee: Employee) -> list[str]:
    """Why the request came to this person, line by line; no lines when it did not."""
    standing_in = list(Delegation.objects.running().filter(deputy=employee))
    principals = [delegation.principal_id for delegation in standing_in]
    tasks = request.tasks.filter(employee__in=[employee.pk, *principals]).order_by("id")
    rows = tasks.exclude(stage__state=ApprovalStage.State.SUPERSEDED).select_related(
        "employee", "stage__group", "stage__route_stage__route__organization"
    )
    lines: list[str] = []
    for task in rows:
        delegations = _delegations_of(task.employee, task.stage, request, standing_in)
        if delegations or task.employee_id == employee.pk:
            lines += _why(task, request)
            lines += [_standing_in(delegation, task.employee) for delegation in delegations[:1]]
    # The route is the same for all of them.
    return list(dict.fromkeys(lines))


def _asked(stage: ApprovalStage, request: PaymentRequest) -> set[Employee]:
    """The people of a stage that has been opened; else those who could decide as things stand."""
    if stage.state == ApprovalStage.State.WAITING:
        return candidates(stage, request)
    tasks = stage.tasks.exclude(status=ApprovalTask.Status.CLOSED)
    return {task.employee for task in tasks.select_related("employee")}


def _explanation(
    request: PaymentRequest,
    route: ApprovalRoute | None,
    people: Mapping[Any, set[Employee]],
) -> Explanation:
    everyone = set().union(*people.values())
    running = Delegation.objects.running().filter(principal__in=everyone, deputy__is_active=True)
    delegations = list(running.select_related("deputy").order_by("since"))
    stages = [
        Explained(
            stage,
            stage.applies_to(request),
            _condition(stage, request),
            _role(stage, request),
            [
                Asked(person, _delegations_of(person, stage, request, delegations))
                for person in sorted(asked, key=str)
            ],
        )
        for stage, asked in people.items()
    ]
    return Explanation(_route_in_words(route) if route else "", stages)


def _delegations_of(
    person: Employee,
    stage: StagePolicy,
    request: PaymentRequest,
    delegations: Iterable[Delegation],
) -> list[Delegation]:
    """By which of them someone could decide there for the person: nobody who asks for the money."""
    return [
        delegation
        for delegation in delegations
        if delegation.principal_id == person.pk
        and delegation.deputy_id not in (request.author_id, request.requester_id)
        and delegation.reaches(organization=request.organization_id, stage=stage.configured)
    ]


def _why(task: ApprovalTask, request: PaymentRequest) -> list[str]:
    stage = task.stage
    lines = [_route_in_words(stage.route_stage.route)] if stage.route_stage else []
    return [*lines, _stage_in_words(stage, request), _origin_in_words(task, request)]


def _route_in_words(route: ApprovalRoute) -> str:
    if route.organization is None:
        return _("Route “%(route)s”, for all organizations") % {"route": route}
    return _("Route “%(route)s”, for %(organization)s") % {
        "route": route,
        "organization": route.organization,
    }


def _stage_in_words(stage: ApprovalStage, request: PaymentRequest) -> str:
    return _("Stage %(position)d “%(stage)s”: %(condition)s; the request is for %(amount)s") % {
        "position": stage.position,
        "stage": stage,
        "condition": _condition(stage, request) or _("for every amount"),
        "amount": money.money(request.amount, request.currency),
    }


def _condition(stage: StagePolicy, request: PaymentRequest) -> str:
    if stage.min_amount is None:
        return ""
    limit = {"limit": money.money(stage.min_amount, Currency.RUB)}
    if request.currency != Currency.RUB:
        return _("from %(limit)s, and always for another currency") % limit
    if stage.applies_to(request):
        return _("from %(limit)s") % limit
    return _("only from %(limit)s") % limit


def _role(stage: StagePolicy, request: PaymentRequest) -> str:
    if stage.approvers == Approvers.BUDGET_HOLDERS:
        return _("budget holders of “%(department)s”") % {"department": request.department.name}
    return _("members of “%(group)s”") % {"group": stage.group}


def _origin_in_words(task: ApprovalTask, request: PaymentRequest) -> str:
    if task.origin == ApprovalTask.Origin.ROUTE:
        return _("Asked by role: %(role)s") % {"role": _role(task.stage, request)}
    actions = (Action.REASSIGN, Action.ADD_APPROVER)
    events = request.events.filter(action__in=actions, data__task=task.pk)
    event = events.select_related("actor").first()
    if event is None:
        return str(task.get_origin_display())
    template = (
        _("Handed over by %(person)s: %(reason)s")
        if event.action == Action.REASSIGN
        else _("Asked in addition by %(person)s: %(reason)s")
    )
    return template % {"person": event.actor.get_short_name(), "reason": event.reason}


def _standing_in(delegation: Delegation, principal: Employee) -> str:
    until = date_format(timezone.localtime(delegation.until), "SHORT_DATETIME_FORMAT")
    return _("You stand in for %(person)s until %(until)s") % {
        "person": accusative(principal.get_short_name()),
        "until": until,
    }
