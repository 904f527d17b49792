"""Who must approve: the route that applies, and the people of each of its stages."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import F, Q
from django.utils.translation import gettext as _

from treasury.errors import NobodyCanDecide
from treasury.models import (
    ApprovalRoute,
    Approvers,
    Department,
    Employee,
    GroupMembership,
    PaymentRequest,
    RouteStage,
)
from treasury.models.routes import StagePolicy
from treasury.prepared import Prepared

# The organization's own comes first.
_ROUTES = Prepared(
    lambda organization: ApprovalRoute.objects.filter(
        Q(organization=None) | Q(organization=organization), is_active=True
    ).order_by(F("organization").asc(nulls_last=True)),
    int,
)
_STAGES = Prepared(
    lambda route: RouteStage.objects.filter(route=route).order_by("position"),
    int,
    related={"group": ()},
)
_MEMBERS = Prepared(
    lambda groups, organizations: GroupMembership.objects.filter(
        Q(organization=None) | Q(organization__pk__among=organizations),
        group__pk__among=groups,
        employee__is_active=True,
    ),
    list,
    list,
    related={"employee": ()},
)
_HOLDERS = Prepared(
    lambda departments: Department.budget_holders.through.objects.filter(
        department__pk__among=departments, employee__is_active=True
    ),
    list,
    related={"employee": ()},
)
# A request, with stages of its.
Asked = tuple[PaymentRequest, Collection[StagePolicy]]


def route_for(request: PaymentRequest) -> ApprovalRoute:
    """The organization's own route, else the general one.

    Raises `NobodyCanDecide` when neither is in use.
    """
    route = _ROUTES.first(request.organization_id)
    if route is None:
        raise NobodyCanDecide([_("No approval route is in use; ask the administrator for one.")])
    return route


def stages_of(route: ApprovalRoute) -> list[RouteStage]:
    """In their order, each with its group."""
    return _STAGES(route.pk)


@dataclass(frozen=True)
class Roles:
    """Who held the roles of a request's stages at the moment of reading: the members of its groups
    by the group's key, and the budget holders of its department; and by the key of a configured
    stage who may take over there, where the requester leaves a place."""

    request: PaymentRequest
    members: Mapping[int, set[Employee]]
    budget_holders: set[Employee]
    stand_ins: Mapping[int, Sequence[Employee]] = field(default_factory=dict)

    def holders(self, stage: StagePolicy) -> set[Employee]:
        if stage.group_id is None:
            return self.budget_holders
        return self.members.get(stage.group_id, set())

    def candidates(self, stage: StagePolicy) -> set[Employee]:
        """Who may decide: the role's holders without those who ask for the money themselves, and
        whoever takes the requester's place."""
        substitute = self.substitute(stage)
        return self._impartial(self.holders(stage)) | ({substitute} if substitute else set())

    def substitute(self, stage: StagePolicy) -> Employee | None:
        """Who is asked in the requester's place: see `leaves_a_place`."""
        if not self.leaves_a_place(stage):
            return None
        holders, listed = self.holders(stage), self.stand_ins.get(stage.configured or 0, ())
        free = self._impartial(person for person in listed if person not in holders)
        return min(free, key=lambda person: person.pk, default=None)

    def leaves_a_place(self, stage: StagePolicy) -> bool:
        """Whether the requester is an approver of the stage, and its quorum needs his voice.

        To name him must not make the approval easier. The author, and whoever has changed what is
        paid, leave by what they did themselves.
        """
        request = self.request
        makers = {request.author_id, *request.makers}
        voices = {person.pk for person in self.holders(stage)} - makers
        return request.requester_id in voices and stage.needed(len(voices)) >= len(voices)

    def _impartial(self, people: Iterable[Employee]) -> set[Employee]:
        asking = self.request.asking
        return {person for person in people if person.pk not in asking}


def roles(request: PaymentRequest, stages: Collection[StagePolicy]) -> Roles:
    """The roles of these stages as they are held now."""
    [held] = roles_of_each([(request, stages)])
    return held


def roles_of_each(asked: Sequence[Asked]) -> list[Roles]:
    """The same of many requests, in their order; in as many queries."""
    members, holders = _members(asked), _budget_holders(asked)
    held_now = []
    for request, stages in asked:
        groups = {
            group: members.get((group, None), set())
            | members.get((group, request.organization_id), set())
            for group in _groups(stages)
        }
        of_department = holders.get(request.department_id, set())
        held_now.append(Roles(request, groups, of_department if _asks_holders(stages) else set()))
    left = [
        stage.configured
        for held, (_request, stages) in zip(held_now, asked, strict=True)
        for stage in stages
        if held.leaves_a_place(stage)
    ]
    listed = _stand_ins(left) if left else {}
    return [replace(held, stand_ins=listed) for held in held_now]


def _groups(stages: Iterable[StagePolicy]) -> set[int]:
    return {stage.group_id for stage in stages if stage.group_id is not None}


def _asks_holders(stages: Iterable[StagePolicy]) -> bool:
    return any(stage.approvers == Approvers.BUDGET_HOLDERS for stage in stages)


def _members(asked: Sequence[Asked]) -> Mapping[tuple[int, int | None], set[Employee]]:
    """Of groups, for one organization or, by None, for all."""
    found: dict[tuple[int, int | None], set[Employee]] = defaultdict(set)
    groups = set[int]().union(*(_groups(stages) for _request, stages in asked))
    if groups:
        organizations = {request.organization_id for request, _stages in asked}
        for membership in _MEMBERS(list(groups), list(organizations)):
            found[membership.group_id, membership.organization_id].add(membership.employee)
    return found


def _budget_holders(asked: Sequence[Asked]) -> Mapping[int, set[Employee]]:
    found: dict[int, set[Employee]] = defaultdict(set)
    departments = {request.department_id for request, stages in asked if _asks_holders(stages)}
    if departments:
        for held in _HOLDERS(list(departments)):
            found[held.department_id].add(held.employee)
    return found


def may_take_over(stage: StagePolicy) -> set[int]:
    """The pks of those whom the route lets take over at the stage besides its role's holders."""
    listed = _stand_ins([stage.configured])
    return {person.pk for people in listed.values() for person in people}


def _stand_ins(configured: Iterable[int | None]) -> Mapping[int, Sequence[Employee]]:
    rows = RouteStage.stand_ins.through.objects.filter(
        routestage__in=[key for key in configured if key], employee__is_active=True
    )
    listed: dict[int, list[Employee]] = defaultdict(list)
    for row in rows.select_related("employee"):
        listed[row.routestage_id].append(row.employee)
    return listed
