"""Who must approve: the route that applies, and the people of each of its stages."""

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from treasury.errors import NobodyCanDecide
from treasury.models import ApprovalRoute, Approvers, Employee, PaymentRequest, SamePerson
from treasury.models.approvals import StagePolicy


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


def _role_holders(stage: StagePolicy, request: PaymentRequest) -> QuerySet[Employee]:
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
    return _role_holders(stage, request).filter(pk=employee.pk).exists()


def candidates(stage: StagePolicy, request: PaymentRequest) -> set[Employee]:
    """Who may decide: the role's holders without those who ask for the money themselves."""
    own = {request.author_id, request.requester_id}
    return {person for person in _role_holders(stage, request) if person.pk not in own}


def distinct_people(
    wanted: Sequence[tuple[int, Iterable[Employee]]],
) -> list[set[Employee]] | None:
    """So many different people for each stage that nobody stands at two; None if impossible.

    Bipartite matching by augmenting paths; people named earlier are preferred.
    """
    seats = [(stage, list(people)) for stage, (count, people) in enumerate(wanted)
             for _seat in range(count)]  # fmt: skip
    holder: dict[Employee, int] = {}

    def fill(seat: int, tried: set[Employee]) -> bool:
        for person in seats[seat][1]:
            if person in tried:
                continue
            tried.add(person)
            if person not in holder or fill(holder[person], tried):
                holder[person] = seat
                return True
        return False

    if not all(fill(seat, set()) for seat in range(len(seats))):
        return None
    chosen: list[set[Employee]] = [set() for _stage in wanted]
    for person, seat in holder.items():
        chosen[seats[seat][0]].add(person)
    return chosen


def people_without_conflict(
    request: PaymentRequest, stages: Sequence[StagePolicy], decided: set[int]
) -> set[Employee]:
    """Who may decide the first of these stages when nobody may decide two; `decided` are pks.

    People that a later stage cannot do without are kept for it, so whoever decides first can
    never leave a later stage without anyone. Raises `NobodyCanDecide`.
    """
    pools = [
        {person for person in candidates(stage, request) if person.pk not in decided}
        for stage in stages
    ]
    wanted = [
        # A later stage rather takes people whom the first one has no use for.
        (stage.needed(len(pool)), sorted(pool, key=lambda person: (person in pools[0], person.pk)))
        for stage, pool in zip(stages, pools, strict=True)
    ]
    chosen = distinct_people(wanted)
    if chosen is None or not pools[0]:
        raise NobodyCanDecide([_not_enough_people()])
    return pools[0].difference(*chosen[1:])


def _not_enough_people() -> str:
    return _("The route wants different people at every stage, and there are not enough of them.")


def check_applies(request: PaymentRequest, stages: Sequence[StagePolicy]) -> None:
    """Raise `NobodyCanDecide` when no stage applies: nothing is ever approved by nobody."""
    if not any(stage.applies_to(request) for stage in stages):
        raise NobodyCanDecide([_("No stage of the approval route applies to this request.")])


def check(
    request: PaymentRequest, stages: Sequence[StagePolicy], same_person: str
) -> list[set[Employee]]:
    """Who could decide each stage. Raises `NobodyCanDecide` with all that could never pass."""
    pools = [candidates(stage, request) for stage in stages]
    problems = [
        problem
        for stage, people in zip(stages, pools, strict=True)
        if (problem := _why_blocked(stage, people, request))
    ]
    if not problems and same_person == SamePerson.FORBID:
        wanted = [
            (stage.needed(len(people)), people) for stage, people in zip(stages, pools, strict=True)
        ]
        if distinct_people(wanted) is None:
            problems.append(_not_enough_people())
    if problems:
        raise NobodyCanDecide(problems)
    return pools


def _why_blocked(stage: StagePolicy, people: set[Employee], request: PaymentRequest) -> str:
    needed = stage.needed(len(people))
    if not people:
        return _why_nobody(stage, request)
    if needed <= len(people):
        return ""
    return _("Stage “%(stage)s” needs %(needed)d approvals, but only %(people)d can give one.") % {
        "stage": stage.name,
        "needed": needed,
        "people": len(people),
    }


def _why_nobody(stage: StagePolicy, request: PaymentRequest) -> str:
    template = (
        _("Stage “%(stage)s”: only the author or the requester could decide; add another approver.")
        if _role_holders(stage, request).exists()
        else _("Stage “%(stage)s”: nobody has this role; appoint an approver.")
    )
    return template % {"stage": stage.name}


def explain(request: PaymentRequest) -> list[tuple[StagePolicy, set[Employee]]]:
    """A dry run: the stages that apply to the request as it is, and who could decide each."""
    stages = [s for s in route_for(request).stages.all() if s.applies_to(request)]
    return [(stage, candidates(stage, request)) for stage in stages]
