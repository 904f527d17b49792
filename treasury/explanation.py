"""Who is asked about a request, and why, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury import money, rights
from treasury.approval import Approval, copies, decided, is_reached
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
from treasury.routing import roles, route_for, stages_of
from treasury.workflow import Action, Status


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


def explain(approval: Approval) -> Explanation:
    """Who is asked, and why: by the copied stages in approval, else a dry run of the route.

    Raises `NobodyCanDecide` when no route is in use.
    """
    if approval.request.status == Status.IN_APPROVAL:
        return _in_approval(approval)
    return dry_run(approval.request, route_for(approval.request))


def why(approval: Approval, employee: Employee) -> list[str]:
    """Why the request came to this person, line by line; no lines when it did not."""
    standing_in = rights.standing_in(employee)
    request = approval.request
    _add_names(approval)
    lines: list[str] = []
    for task in approval.tasks:
        if task.employee_id == employee.pk:
            lines += _why(task, request)
            continue
        entitling = (
            one for one in standing_in if not rights.refusal(approval, task, employee, [one])
        )
        if delegation := next(entitling, None):
            lines += [*_why(task, request), _standing_in(delegation, task.employee)]
    if employee.heard_of.filter(request=request).exists():
        lines.append(_("It was not decided in time, and you were told as the superior."))
    # The route is the same for all of them.
    return list(dict.fromkeys(lines))


def dry_run(request: PaymentRequest, route: ApprovalRoute) -> Explanation:
    """Whom the route would ask about the request, which need not be saved."""
    policies = stages_of(route)
    chain = copies(request, policies, route)
    applying = [stage for stage in chain if stage.applies_to(request)]
    return _explanation(Approval(request, chain, [], roles(request, applying)), route)


def _in_approval(approval: Approval) -> Explanation:
    _add_names(approval)
    route = next((stage.route_stage.route for stage in approval.chain if stage.route_stage), None)
    return _explanation(approval, route)


def _add_names(approval: Approval) -> None:
    """What an explanation tells of the stages, and no press needs."""
    prefetch_related_objects(approval.chain, "group", "route_stage__route__organization")


def _explanation(approval: Approval, route: ApprovalRoute | None) -> Explanation:
    places = [(stage, *_asked_at(approval, place)) for place, stage in enumerate(approval.chain)]
    everyone = {task.employee_id for _stage, _then, asked in places for task in asked}
    running = Delegation.objects.running().filter(principal__in=everyone, deputy__is_active=True)
    delegations = list(running.select_related("deputy", "principal").order_by("since"))
    request = approval.request
    stages = [
        Explained(
            stage,
            stage.applies_to(request),
            _condition(stage, request),
            _role(stage, request),
            [
                Asked(task.employee, _deciding(then, task, delegations))
                for task in sorted(asked, key=lambda task: str(task.employee))
            ],
        )
        for stage, then, asked in places
    ]
    return Explanation(_route_in_words(route) if route else "", stages)


def _asked_at(approval: Approval, place: int) -> tuple[Approval, list[ApprovalTask]]:
    """Whom the stage at this place asks, or would if it were open, and the approval in which they
    decide then."""
    stage = approval.chain[place]
    if stage.state == ApprovalStage.State.WAITING:
        approval = approval.as_if_open(stage, _whom_to_ask(approval, stage))
    return approval, approval.counted_at(approval.chain[place])


def _whom_to_ask(approval: Approval, stage: ApprovalStage) -> set[Employee]:
    try:
        return approval.whom_to_ask(stage)
    except NobodyCanDecide:
        return approval.roles.candidates(stage)


def _deciding(
    approval: Approval, task: ApprovalTask, delegations: Iterable[Delegation]
) -> list[Delegation]:
    """Those by which somebody could decide the task in its assignee's place."""
    return [
        delegation
        for delegation in delegations
        if delegation.principal_id == task.employee_id
        and rights.decides(approval, task, delegation.deputy, [delegation])
    ]


def lacks_people(stage: ApprovalStage, tasks: Iterable[ApprovalTask]) -> str:
    """Why a stage waits still when those who had to approve have done so; empty when it does not.

    `tasks` are all that were decided there, and some of those that are open.
    """
    counted = [task for task in tasks if task.status != ApprovalTask.Status.CLOSED]
    is_open = stage.state == ApprovalStage.State.OPEN
    if not (is_open and stage.min_people > 1 and is_reached(stage, counted, decided(counted))):
        return ""
    return _(
        "The route wants %(count)d different people to approve: somebody who has not approved yet "
        "is waited for."
    ) % {"count": stage.min_people}


def _why(task: ApprovalTask, request: PaymentRequest) -> list[str]:
    stage = task.stage
    lines = [_route_in_words(stage.route_stage.route)] if stage.route_stage else []
    return [*lines, _stage_in_words(stage, request), origin(task, request)]


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


def origin(task: ApprovalTask, request: PaymentRequest) -> str:
    """By which role, or by whom and why, the task came to its assignee."""
    if task.origin == ApprovalTask.Origin.ROUTE:
        return _("Asked by role: %(role)s") % {"role": _role(task.stage, request)}
    if task.origin == ApprovalTask.Origin.SUBSTITUTE:
        return _("Asked in the requester's place: %(role)s") % {"role": _role(task.stage, request)}
    actions = (Action.REASSIGN, Action.ADD_APPROVER)
    events = request.events.filter(action__in=actions, data__task=task.pk)
    event = events.select_related("actor").last()
    if event is None:
        return str(task.get_origin_display())
    if task.origin == ApprovalTask.Origin.ASSIGNED:
        template = _(
            "Handed over by administrator %(person)s to a person without this role: %(reason)s"
        )
    elif event.action == Action.REASSIGN:
        template = _("Handed over by %(person)s: %(reason)s")
    else:
        template = _("Asked in addition by %(person)s: %(reason)s")
    return template % {"person": event.actor.get_short_name(), "reason": event.reason}


def _standing_in(delegation: Delegation, principal: Employee) -> str:
    until = date_format(timezone.localtime(delegation.until), "SHORT_DATETIME_FORMAT")
    return _("You stand in for %(person)s until %(until)s") % {
        "person": accusative(principal.get_short_name()),
        "until": until,
    }
