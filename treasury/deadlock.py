"""Whether every stage can pass: enough people, and different ones where the route wants that.

Deputies open no way here: a principal who is away may still decide himself, and nobody decides
for the author. They can only take up people, which `is_dispensable` prevents.
"""

from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treasury.errors import NobodyCanDecide, Text
from treasury.models import ApprovalRoute, Employee, PaymentRequest, SamePerson
from treasury.models.routes import StagePolicy
from treasury.routing import Roles, roles, route_for, stages_of


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
    stages: Sequence[StagePolicy], held: Roles, decided: set[int]
) -> set[Employee]:
    """Who may decide the first of these stages when nobody may decide two; `decided` are pks.

    People that a later stage cannot do without are kept for it, so whoever decides first can
    never leave a later stage without anyone. Raises `NobodyCanDecide`.
    """
    pools = [
        {person for person in held.candidates(stage) if person.pk not in decided}
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


def is_dispensable(
    employee: Employee, later: Iterable[StagePolicy], held: Roles, used: set[int]
) -> bool:
    """Whether he is none of the `used` (pks), and later stages find enough others without him."""
    wanted = []
    for stage in later:
        pool = {person for person in held.candidates(stage) if person.pk not in used}
        wanted.append((stage.needed(len(pool)), pool - {employee}))
    return employee.pk not in used and distinct_people(wanted) is not None


def _not_enough_people() -> str:
    return _("The route wants different people at every stage, and there are not enough of them.")


def obstacles(request: PaymentRequest) -> Sequence[Text]:
    """Everything for which the route that applies would refuse this request."""
    try:
        return obstacles_of(route_for(request), request)
    except NobodyCanDecide as refusal:
        return refusal.problems


def obstacles_of(route: ApprovalRoute, request: PaymentRequest) -> Sequence[Text]:
    """Everything for which this route would refuse the request, which need not be saved."""
    policies = stages_of(route)
    applying = [policy for policy in policies if policy.applies_to(request)]
    try:
        check_applies(request, policies)
        held = roles(request, applying)
        check(applying, held, route.same_person)
        check_people(people_at(applying, held), route.min_people)
    except NobodyCanDecide as refusal:
        return refusal.problems
    return []


def check_applies(request: PaymentRequest, stages: Sequence[StagePolicy]) -> None:
    """Raise `NobodyCanDecide` when no stage applies: nothing is ever approved by nobody."""
    if not any(stage.applies_to(request) for stage in stages):
        raise NobodyCanDecide([_("No stage of the approval route applies to this request.")])


def check(stages: Sequence[StagePolicy], held: Roles, same_person: str) -> None:
    """Raise `NobodyCanDecide` with all that could never pass."""
    pools = [held.candidates(stage) for stage in stages]
    problems = [
        problem
        for stage, people in zip(stages, pools, strict=True)
        if (problem := _why_blocked(stage, people, held))
    ]
    if not problems and same_person == SamePerson.FORBID:
        wanted = [
            (stage.needed(len(people)), people) for stage, people in zip(stages, pools, strict=True)
        ]
        if distinct_people(wanted) is None:
            problems.append(_not_enough_people())
    if problems:
        raise NobodyCanDecide(problems)


def people_at(stages: Iterable[StagePolicy], held: Roles) -> set[int]:
    """The pks of everyone whom one of the stages could ask."""
    return {person.pk for stage in stages for person in held.candidates(stage)}


def check_people(people: Collection[int], wanted: int) -> None:
    """Raise `NobodyCanDecide` when fewer different people could decide than the route wants."""
    if len(people) < wanted:
        raise NobodyCanDecide([_too_few_people(len(people), wanted)])


def _too_few_people(people: int, wanted: int) -> str:
    return ngettext(
        "The route wants %(wanted)d different people to approve, only %(people)d could decide.",
        "The route wants %(wanted)d different people to approve, only %(people)d could decide.",
        people,
    ) % {"wanted": wanted, "people": people}


def _why_blocked(stage: StagePolicy, people: set[Employee], held: Roles) -> str:
    needed = stage.needed(len(people))
    if not people:
        return _why_nobody(stage, held)
    if held.leaves_a_place(stage) and held.substitute(stage) is None:
        return _why_not_without_the_requester(stage, held)
    if needed <= len(people):
        return ""
    return _("Stage “%(stage)s” needs %(needed)d approvals, but only %(people)d can give one.") % {
        "stage": stage.name,
        "needed": needed,
        "people": len(people),
    }


def _why_not_without_the_requester(stage: StagePolicy, held: Roles) -> str:
    return _(
        "Stage “%(stage)s” needs the voice of %(person)s, who as the requester cannot decide: name "
        "another requester, or let the administrator enter who may take over at this stage."
    ) % {"stage": stage.name, "person": held.request.requester.get_short_name()}


def _why_nobody(stage: StagePolicy, held: Roles) -> str:
    template = (
        _(
            "Stage “%(stage)s”: only those who ask for the payment, or have changed it, could "
            "decide, and nobody may do it for them; add another approver."
        )
        if held.holders(stage)
        else _("Stage “%(stage)s”: nobody has this role; appoint an approver.")
    )
    return template % {"stage": stage.name}
