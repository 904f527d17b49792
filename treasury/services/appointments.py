"""Who approves: budget holders, members of groups, routes with their stages.

Every appointment stands in the journal of accounts, under the person whom it concerns; every
change of a route in the journal of routes, with the whole route before and after.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from treasury import journal, rights
from treasury.errors import NoRight
from treasury.models import (
    AccountEvent,
    ApprovalRoute,
    ApproverGroup,
    Department,
    Employee,
    GroupMembership,
    Organization,
    RouteStage,
)
from treasury.models.routes import POLICY_FIELDS, ROUTE_FIELDS
from treasury.services import followers, people
from treasury.signals import appointments_changed

# A member of a group, for one organization or for all.
Seat = tuple[Employee, Organization | None]


def change_holders(
    *,
    department: Department,
    joined: Iterable[Employee] = (),
    left: Iterable[Employee] = (),
    actor: Employee,
    channel: str,
) -> None:
    """Appoint and dismiss budget holders; who is one already, or none, stays so.

    Raises `NoRight`, also as `OwnAppointment`.
    """
    with transaction.atomic():
        _require(actor, "treasury.change_department")
        # In turn: what the journal says must follow from what it said before.
        place = Department.objects.select_for_update(no_key=True).get(pk=department.pk)
        present, joined = set(place.budget_holders.all()), set(joined)
        gone, new = (present & set(left)) - joined, joined - present
        _check_not_himself(actor, new)
        place.budget_holders.remove(*gone)
        place.budget_holders.add(*new)
        data = {
            "department": place.pk,
            "name": place.name,
            "organization_name": place.organization.name,
        }
        _record(gone, AccountEvent.Action.DISMISSED, actor, channel, data)
        _record(new, AccountEvent.Action.APPOINTED, actor, channel, data)
        _tell(actor, channel, departments=[place.pk], people=[*gone, *new])


def change_members(
    *,
    group: ApproverGroup,
    joined: Iterable[Seat] = (),
    left: Iterable[Seat] = (),
    actor: Employee,
    channel: str,
) -> None:
    """Appoint and dismiss members of a group; who is one already, or none, stays so.

    Raises `NoRight`, also as `OwnAppointment`.
    """
    with transaction.atomic():
        _require(actor, "treasury.change_approvergroup")
        place = ApproverGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
        rows = place.memberships.select_related("employee", "organization")
        present = {(row.employee, row.organization): row for row in rows}
        joined = set(joined)
        # Rows of the form may have changed places.
        gone, new = (present.keys() & set(left)) - joined, joined - present.keys()
        _check_not_himself(actor, {person for person, _organization in new})
        for seat in gone:
            present[seat].delete()
        for employee, organization in new:
            GroupMembership.objects.create(
                group=place, employee=employee, organization=organization
            )
        for seats, action in (
            (gone, AccountEvent.Action.DISMISSED),
            (new, AccountEvent.Action.APPOINTED),
        ):
            for employee, organization in seats:
                data = {
                    "group": place.pk,
                    "name": place.name,
                    "organization": organization and organization.pk,
                    "organization_name": organization.name if organization else "",
                }
                _record([employee], action, actor, channel, data)
        changed = [person for person, _organization in (*gone, *new)]
        _tell(actor, channel, groups=[place.pk], people=changed)


def delete_department(*, department: Department, actor: Employee, channel: str) -> None:
    """Its holders are dismissed first. Raises `NoRight`."""
    with transaction.atomic():
        _require(actor, "treasury.delete_department")
        left = department.budget_holders.all()
        change_holders(department=department, left=left, actor=actor, channel=channel)
        department.delete()


def delete_group(*, group: ApproverGroup, actor: Employee, channel: str) -> None:
    """Its members are dismissed first. Raises `NoRight`."""
    with transaction.atomic():
        _require(actor, "treasury.delete_approvergroup")
        rows = group.memberships.select_related("employee", "organization")
        left = [(row.employee, row.organization) for row in rows]
        change_members(group=group, left=left, actor=actor, channel=channel)
        group.delete()


def save_route(
    *,
    route: ApprovalRoute,
    stages: Collection[RouteStage] = (),
    removed: Collection[RouteStage] = (),
    stand_ins: Iterable[tuple[RouteStage, Iterable[Employee]]] = (),
    actor: Employee,
    channel: str,
) -> None:
    """Add a route, or change it: with those of its stages that are new or changed, and without the
    removed ones; `stand_ins` says of some of these who may take over there. Requests in flight keep
    what they were submitted with, but for that.

    Raises `NoRight`, also as `OwnAppointment`.
    """
    with transaction.atomic():
        _require(actor, f"treasury.{'change' if route.pk else 'add'}_approvalroute")
        former = ApprovalRoute.objects.select_for_update(no_key=True).filter(pk=route.pk).first()
        old = _snapshot(former) if former else None
        route.save()
        for stage in removed:
            stage.delete()
        _make_room(route, stages)
        for stage in stages:
            stage.route = route
            stage.save()
        for stage, listed in stand_ins:
            chosen = set(listed)
            _check_not_himself(actor, chosen.difference(stage.stand_ins.all()))
            stage.stand_ins.set(chosen)
        _record_route(route, old, _snapshot(route), actor, channel)


def delete_route(*, route: ApprovalRoute, actor: Employee, channel: str) -> None:
    """Raises `NoRight`."""
    with transaction.atomic():
        _require(actor, "treasury.delete_approvalroute")
        _record_route(route, _snapshot(route), None, actor, channel)
        route.delete()


def _require(actor: Employee, permission: str) -> None:
    """With the rights of this moment: Django keeps those once asked for on the instance."""
    if not Employee.objects.get(pk=actor.pk).has_perm(permission):
        raise NoRight


def _check_not_himself(actor: Employee, appointed: Collection[Employee]) -> None:
    """Whoever he stands in for decides by his hand. Raises `OwnAppointment`."""
    stood_in_for = {one.principal for one in rights.standing_in(actor)}
    by_his_hand = stood_in_for.intersection(appointed)
    people.check_not_himself(actor, [actor] if by_his_hand else appointed)


def _record(
    people: Iterable[Employee], action: str, actor: Employee, channel: str, data: dict[str, Any]
) -> None:
    for person in sorted(people, key=lambda person: person.pk):
        journal.record(employee=person, action=action, actor=actor, channel=channel, data=data)


def _tell(
    actor: Employee,
    channel: str,
    *,
    departments: Iterable[int] = (),
    groups: Iterable[int] = (),
    people: Collection[Employee],
) -> None:
    if not people:
        return
    changed = {
        "departments": frozenset(departments),
        "groups": frozenset(groups),
        "people": frozenset(person.pk for person in people),
    }
    appointments_changed.send(sender=Employee, **changed)
    followers.follow_after_commit(**changed, actor=actor, channel=channel)


def _make_room(route: ApprovalRoute, stages: Iterable[RouteStage]) -> None:
    """Stages that change places wait behind all others: the database compares row by row."""
    moving = route.stages.filter(pk__in=[stage.pk for stage in stages if stage.pk])
    positions = [stage.position for stage in stages]
    last = route.stages.aggregate(last=Max("position"))["last"] or 0
    moving.update(position=F("position") + max([last, *positions]))


def _snapshot(route: ApprovalRoute) -> dict[str, Any]:
    """The route as JSON holds it; of other rows their names, for they may be gone when it is
    read, and their codes, for names may be alike."""
    return {
        "name": route.name,
        "organization": _plain(route.organization) or "",
        **{name: getattr(route, name) for name in ROUTE_FIELDS},
        "is_active": route.is_active,
        "stages": {
            str(stage.pk): {
                **{name: _plain(getattr(stage, name)) for name in POLICY_FIELDS},
                "stand_ins": _named(stage.stand_ins.all()),
            }
            for stage in route.stages.select_related("group").order_by("position")
        },
    }


def _named(people: Iterable[Employee]) -> str | None:
    """«Orlov Boris (boris@example.com), …», of nobody nothing."""
    return ", ".join(sorted(f"{person} ({person.email})" for person in people)) or None


def _plain(value: Any) -> Any:
    if isinstance(value, ApproverGroup | Organization):
        return f"{value} ({value.code})"
    return value if value is None or isinstance(value, int | str) else str(value)


def _record_route(route: ApprovalRoute, old: Any, new: Any, actor: Employee, channel: str) -> None:
    if old != new:
        journal.record_route(
            route=route.pk, name=route.name, actor=actor, channel=channel,
            data={"old": old, "new": new},
        )  # fmt: skip
