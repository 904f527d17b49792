"""The open tasks of requests in approval follow the appointments.

After the commit of the appointment and one request after the other, each under its lock: a press
waits for one of them at the most, and nobody holds a request while he waits for another.
"""

from collections.abc import Collection
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from treasury import approval, journal
from treasury.errors import NotReady, Superseded
from treasury.models import (
    AccountEvent,
    ApprovalStage,
    ApprovalTask,
    Approvers,
    Department,
    Employee,
    GroupMembership,
    PaymentRequest,
)
from treasury.services import approvals, paying, revisions
from treasury.workflow import Action, Status

# So long ago a change may have been left half done; it is looked for more often.
LATELY = timedelta(hours=1)
_PRESENCE = (AccountEvent.Action.LEFT, AccountEvent.Action.RETURNED)
_CHANGES = (*_PRESENCE, AccountEvent.Action.APPOINTED, AccountEvent.Action.DISMISSED)
_IN_DEPARTMENT = Department.budget_holders.through.objects.filter(
    department=OuterRef("request__department"), employee=OuterRef("employee")
)
_IN_GROUP = GroupMembership.objects.filter(
    Q(organization=None) | Q(organization=OuterRef("request__organization")),
    group=OuterRef("stage__group"),
    employee=OuterRef("employee"),
)
_HOLDS_ROLE = Q(employee__is_active=True) & (
    Q(Exists(_IN_DEPARTMENT), stage__approvers=Approvers.BUDGET_HOLDERS) | Q(Exists(_IN_GROUP))
)


def follow_after_commit(
    *,
    departments: Collection[int] = (),
    groups: Collection[int] = (),
    people: Collection[int],
    actor: Employee,
    channel: str,
) -> None:
    """These departments and groups have other approvers than before, with or without `people` (all
    are primary keys); the actor has appointed them."""
    changed = partial(_follow_all, departments, groups, people, actor, channel)
    transaction.on_commit(changed)


def places_of(person: Employee) -> tuple[frozenset[int], frozenset[int]]:
    """The departments and the groups for which he approves."""
    return (
        frozenset(person.departments.values_list("pk", flat=True)),
        frozenset(person.memberships.values_list("group", flat=True)),
    )


def catch_up() -> None:
    """Once more whatever has changed lately: a process may have been killed after its commit, and
    meanwhile a stage opened for those of before. Doing it twice changes nothing."""
    recent = AccountEvent.objects.filter(at__gt=timezone.now() - LATELY, action__in=_CHANGES)
    for event in recent.select_related("employee", "actor").order_by("id"):
        if event.actor:
            # Of nobody in particular: who has handed his task over since is not asked again.
            _follow_all(*_places(event), (), event.actor, event.channel)


def stranded(*, departments: Collection[int] = (), groups: Collection[int] = ()) -> list[str]:
    """The numbers of the requests that wait there for people who have lost the role: nobody else
    could decide, so their tasks were kept."""
    waiting = ApprovalTask.objects.filter(
        _at("stage__", departments, groups),
        status=ApprovalTask.Status.OPEN,
        origin=ApprovalTask.Origin.ROUTE,
    )
    without_role = waiting.exclude(_HOLDS_ROLE).order_by()
    requests = PaymentRequest.objects.filter(pk__in=without_role.values("request"))
    return list(requests.order_by("pk").values_list("number", flat=True))


def _places(event: AccountEvent) -> tuple[Collection[int], Collection[int]]:
    if event.action in _PRESENCE:
        return places_of(event.employee)
    departments, groups = (
        [event.data[name]] if name in event.data else [] for name in ("department", "group")
    )
    return departments, groups


def _follow_all(
    departments: Collection[int],
    groups: Collection[int],
    people: Collection[int],
    actor: Employee,
    channel: str,
) -> None:
    for request_pk in list(_waiting(departments, groups)):
        with transaction.atomic():
            _follow(request_pk, people, actor, channel)


def _follow(request_pk: int, people: Collection[int], actor: Employee, channel: str) -> None:
    """A request that could not go on is left as it was: it waits for whoever has left the role."""
    found = approval.read(approvals.lock(request_pk))
    if found.request.status != Status.IN_APPROVAL:
        return
    payment = paying.stages_ahead(found)
    try:
        followed = found.follow(people)
        paying.check_chosen(found, payment)
        if found.request.status == Status.APPROVED:
            revisions.check_payable(found.request)
    except (NotReady, Superseded):
        return
    if not followed.lost and not followed.asked:
        return
    approvals.write(found)
    journal.append(
        request=found.request,
        action=Action.REASK,
        actor=actor,
        channel=channel,
        data={
            "stage": followed.stage.name,
            "lost": [str(task.employee) for task in followed.lost],
            "asked": [str(task.employee) for task in followed.asked],
        },
    )


def _waiting(departments: Collection[int], groups: Collection[int]) -> QuerySet[ApprovalStage, int]:
    """The keys of the requests whose open stage is of these, in order."""
    stages = ApprovalStage.objects.filter(
        _at("", departments, groups), state=ApprovalStage.State.OPEN
    )
    return stages.order_by("request").values_list("request", flat=True)


def _at(stage: str, departments: Collection[int], groups: Collection[int]) -> Q:
    """`stage` is the path to it."""
    of_department = {
        f"{stage}approvers": Approvers.BUDGET_HOLDERS,
        f"{stage}request__department__in": departments,
    }
    return Q(**of_department) | Q(**{f"{stage}group__in": groups})
