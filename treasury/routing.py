"""Who must approve: the route that applies, and the people of each of its stages."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from treasury.errors import NobodyCanDecide
from treasury.models import ApprovalRoute, Approvers, Employee, PaymentRequest
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
    holders = role_holders(stage, request)
    return {person for person in holders if person.pk not in request.asking}
