"""Who must approve: the route that applies, and the people of each of its stages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from treasury.errors import NobodyCanDecide
from treasury.models import (
    ApprovalRoute,
    Approvers,
    Department,
    Employee,
    GroupMembership,
    PaymentRequest,
)
from treasury.models.routes import StagePolicy


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


@dataclass(frozen=True)
class Roles:
    """Who held the roles of a request's stages at the moment of reading: the members of its groups
    by the group's key, and the budget holders of its department."""

    request: PaymentRequest
    members: Mapping[int, set[Employee]]
    budget_holders: set[Employee]

    def holders(self, stage: StagePolicy) -> set[Employee]:
        if stage.group_id is None:
            return self.budget_holders
        return self.members.get(stage.group_id, set())

    def candidates(self, stage: StagePolicy) -> set[Employee]:
        """Who may decide: the role's holders without those who ask for the money themselves."""
        asking = self.request.asking
        return {person for person in self.holders(stage) if person.pk not in asking}


def roles(request: PaymentRequest, stages: Iterable[StagePolicy]) -> Roles:
    """The roles of these stages as they are held now."""
    groups = {stage.group_id for stage in stages if stage.group_id is not None}
    held = any(stage.approvers == Approvers.BUDGET_HOLDERS for stage in stages)
    members: dict[int, set[Employee]] = defaultdict(set)
    if groups:
        here = Q(organization=None) | Q(organization=request.organization_id)
        rows = GroupMembership.objects.filter(here, group__in=groups, employee__is_active=True)
        for membership in rows.select_related("employee"):
            members[membership.group_id].add(membership.employee)
    holders: set[Employee] = set()
    if held:
        department = Department(pk=request.department_id)
        holders = set(department.budget_holders.filter(is_active=True).order_by())
    return Roles(request, members, holders)
