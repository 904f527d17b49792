"""Who is asked about a request, and why, in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury import deadlock, money, rights
from treasury.approval import Approval
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
    SamePerson,
)
from treasury.models.routes import StagePolicy
from treasury.names import accusative
from treasury.routing import Roles, roles, route_for
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
    standing_in = list(Delegation.objects.running().filter(deputy=employee))
    people = {employee.pk, *(delegation.principal_id for delegation in standing_in)}
    request = approval.request
    _add_names(approval)
    lines: list[str] = []
    for task in approval.tasks:
        if task.employee_id not in people:
            continue
        delegations = _delegations_of(task.employee, task.stage, request, standing_in)
        if delegations and rights.objection_to(approval, task, employee):
            delegations = []
        if delegations or task.employee_id == employee.pk:
            lines += _why(task, request)
            lines += [_standing_in(delegation, task.employee) for delegation in delegations[:1]]
    # The route is the same for all of them.
    return list(dict.fromkeys(lines))


@dataclass(frozen=True)
class _Ahead:
    """The stages that are still to be opened, in order; the pks of those who have decided."""

    stages: Sequence[StagePolicy]
    held: Roles
    same_person: str
    decided: set[int]

    def people(self, stage: StagePolicy) -> set[Employee]:
        """Whom the stage would ask if it were opened now."""
        if self.same_person == SamePerson.FORBID:
            remaining = self.stages[self.stages.index(stage) :]
            try:
                return deadlock.people_without_conflict(remaining, self.held, self.decided)
            except NobodyCanDecide:
                pass
        return self.held.candidates(stage)

    def lets(self, deputy: Employee, stage: StagePolicy, people: set[Employee]) -> bool:
        """Whether he might decide there besides its people; see `rights.objection_to`."""
        if deputy in people or self.same_person != SamePerson.FORBID:
            return deputy not in people
        used = self.decided | {person.pk for person in people}
        later = self.stages[self.stages.index(stage) + 1 :]
        return deadlock.is_dispensable(deputy, later, self.held, used)


def dry_run(request: PaymentRequest, route: ApprovalRoute) -> Explanation:
    """Whom the route would ask about the request, which need not be saved."""
    stages = list(route.stages.select_related("group").order_by("position"))
    applying = [stage for stage in stages if stage.applies_to(request)]
    ahead = _Ahead(applying, roles(request, applying), route.same_person, decided=set())
    people = {stage: ahead.people(stage) if stage in applying else set() for stage in stages}
    return _explanation(request, route, people, ahead.lets)


def _in_approval(approval: Approval) -> Explanation:
    _add_names(approval)
    route = next((stage.route_stage.route for stage in approval.chain if stage.route_stage), None)
    waiting = approval.at(ApprovalStage.State.WAITING)
    same_person = next((stage.same_person for stage in approval.chain), "")
    ahead = _Ahead(waiting, approval.roles, same_person, approval.deciders())

    def lets(deputy: Employee, stage: ApprovalStage, people: set[Employee]) -> bool:
        if stage in waiting:
            return ahead.lets(deputy, stage, people)
        if stage.state != ApprovalStage.State.OPEN or deputy.pk in approval.voices_at(stage):
            return False
        return stage.same_person != SamePerson.FORBID or approval.is_free(stage, deputy)

    people = {
        stage: ahead.people(stage)
        if stage in waiting
        else {task.employee for task in approval.counted_at(stage)}
        for stage in approval.chain
    }
    return _explanation(approval.request, route, people, lets)


def _add_names(approval: Approval) -> None:
    """What an explanation tells of the stages, and no press needs."""
    prefetch_related_objects(approval.chain, "group", "route_stage__route__organization")


def _explanation(
    request: PaymentRequest,
    route: ApprovalRoute | None,
    people: Mapping[Any, set[Employee]],
    lets: Callable[[Employee, Any, set[Employee]], bool],
) -> Explanation:
    """`lets` says whether a deputy may decide at a stage besides its people."""
    everyone = set().union(*people.values())
    running = Delegation.objects.running().filter(principal__in=everyone, deputy__is_active=True)
    delegations = list(running.select_related("deputy").order_by("since"))

    def asked(person: Employee, stage: StagePolicy) -> Asked:
        found = _delegations_of(person, stage, request, delegations)
        return Asked(person, [entry for entry in found if lets(entry.deputy, stage, people[stage])])

    stages = [
        Explained(
            stage,
            stage.applies_to(request),
            _condition(stage, request),
            _role(stage, request),
            [asked(person, stage) for person in sorted(members, key=str)],
        )
        for stage, members in people.items()
    ]
    return Explanation(_route_in_words(route) if route else "", stages)


def _delegations_of(
    person: Employee,
    stage: StagePolicy,
    request: PaymentRequest,
    delegations: Iterable[Delegation],
) -> list[Delegation]:
    """By which of them someone could decide there for the person."""
    return [
        delegation
        for delegation in delegations
        if delegation.principal_id == person.pk
        and delegation.reaches(
            organization=request.organization_id, stage=stage.configured, asking=request.asking
        )
    ]


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
    actions = (Action.REASSIGN, Action.ADD_APPROVER)
    events = request.events.filter(action__in=actions, data__task=task.pk)
    event = events.select_related("actor").last()
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
