"""Who approves is written by one service, and the journal knows who approved then."""

from collections.abc import Callable
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tests.company import ADMIN, Company
from treasury import entitled
from treasury.errors import NoRight, OwnAppointment
from treasury.models import (
    AccountEvent,
    ApprovalRoute,
    ApproverGroup,
    Department,
    Employee,
    GroupMembership,
    Organization,
    RouteEvent,
)
from treasury.services import appointments, people
from treasury.signals import appointments_changed

Action = AccountEvent.Action
RIGHTS = [
    f"{verb}_{model}"
    for verb in ("add", "change", "delete")
    for model in ("department", "approvergroup", "approvalroute", "employee")
]


@pytest.fixture
def gleb(company: Company) -> Employee:
    """The administrator."""
    return company.allow(company.gleb, *RIGHTS)


@pytest.fixture
def group(company: Company) -> ApproverGroup:
    return ApproverGroup.objects.get(code="treasurers")


def hold(company: Company, actor: Employee, **who: Any) -> None:
    appointments.change_holders(department=company.department, actor=actor, channel=ADMIN, **who)


def join(group: ApproverGroup, actor: Employee, **seats: Any) -> None:
    appointments.change_members(group=group, actor=actor, channel=ADMIN, **seats)


def entries() -> list[tuple[str, str]]:
    rows = AccountEvent.objects.order_by("id").select_related("employee")
    return [(event.employee.last_name, event.action) for event in rows]


def after(act: Callable[[], object]) -> datetime:
    """Do it, and say when it was done."""
    act()
    return timezone.now()


def test_holders_changed_and_changed_back_are_both_to_be_seen(
    company: Company, gleb: Employee
) -> None:
    hold(company, gleb, joined=[company.sergey], left=[company.boris, company.vera])
    hold(company, gleb, joined=[company.boris, company.vera], left=[company.sergey])
    assert entries() == [
        ("Орлов", Action.DISMISSED), ("Лебедева", Action.DISMISSED),
        ("Посторонних", Action.APPOINTED), ("Посторонних", Action.DISMISSED),
        ("Орлов", Action.APPOINTED), ("Лебедева", Action.APPOINTED),
    ]  # fmt: skip
    assert set(company.department.budget_holders.all()) == {company.boris, company.vera}
    event = AccountEvent.objects.first()
    assert event is not None
    assert (event.actor, event.channel) == (gleb, ADMIN)
    assert event.data == {
        "department": company.department.pk,
        "name": "Производство",
        "organization_name": "ООО «Ромашка»",
    }


def test_who_holds_it_already_is_not_appointed_again(company: Company, gleb: Employee) -> None:
    hold(company, gleb, joined=[company.boris], left=[company.sergey])
    assert entries() == []


def test_members_are_kept_with_their_organization(
    company: Company, gleb: Employee, group: ApproverGroup
) -> None:
    here = (company.vera, company.organization)
    join(group, gleb, joined=[here])
    join(group, gleb, joined=[(company.vera, None)], left=[here])
    told = [
        (event.action, event.data["organization"], event.data["organization_name"])
        for event in company.vera.account_events.order_by("id")
    ]
    place, name = company.organization.pk, company.organization.name
    assert told == [
        (Action.APPOINTED, place, name), (Action.DISMISSED, place, name),
        (Action.APPOINTED, None, ""),
    ]  # fmt: skip
    assert GroupMembership.objects.get(employee=company.vera).organization is None


def test_who_may_not_appoint_appoints_nobody(company: Company, group: ApproverGroup) -> None:
    acts: list[Callable[[], object]] = [
        lambda: hold(company, company.anna, joined=[company.anna]),
        lambda: join(group, company.anna, joined=[(company.anna, None)]),
        lambda: appointments.save_route(route=company.route, actor=company.anna, channel=ADMIN),
        lambda: appointments.delete_route(route=company.route, actor=company.anna, channel=ADMIN),
        lambda: appointments.delete_group(group=group, actor=company.anna, channel=ADMIN),
        lambda: appointments.delete_department(
            department=company.other_department, actor=company.anna, channel=ADMIN
        ),
    ]
    for act in acts:
        with pytest.raises(NoRight):
            act()
    assert entries() == []
    assert not RouteEvent.objects.exists()


def test_others_are_told_what_changed(
    company: Company, gleb: Employee, group: ApproverGroup
) -> None:
    heard: list[dict[str, Any]] = []

    def listen(*, signal: Any, sender: Any, **facts: Any) -> None:
        heard.append(facts)

    appointments_changed.connect(listen)
    hold(company, gleb, joined=[company.sergey], left=[company.boris])
    join(group, gleb, joined=[(company.vera, None)])
    hold(company, gleb, joined=[company.sergey])
    appointments_changed.disconnect(listen)
    none: frozenset[int] = frozenset()
    changed = {company.sergey.pk, company.boris.pk}
    assert heard == [
        {"departments": {company.department.pk}, "groups": none, "people": changed},
        {"departments": none, "groups": {group.pk}, "people": {company.vera.pk}},
    ]


def test_what_is_deleted_dismisses_its_people(company: Company, gleb: Employee) -> None:
    group = ApproverGroup.objects.create(code="spare", name="Запасные")
    join(group, gleb, joined=[(company.vera, None)])
    appointments.delete_group(group=group, actor=gleb, channel=ADMIN)
    spare = Department.objects.create(organization=company.organization, name="Склад")
    appointments.change_holders(department=spare, joined=[company.boris], actor=gleb, channel=ADMIN)
    appointments.delete_department(department=spare, actor=gleb, channel=ADMIN)
    assert entries() == [
        ("Лебедева", Action.APPOINTED), ("Лебедева", Action.DISMISSED),
        ("Орлов", Action.APPOINTED), ("Орлов", Action.DISMISSED),
    ]  # fmt: skip
    assert not Department.objects.filter(name="Склад").exists()


def test_a_route_is_kept_whole_before_and_after(company: Company, gleb: Employee) -> None:
    first, second, third = company.route.stages.all()
    first.position, second.position, second.quorum = 2, 1, "all"
    route = company.route
    route.same_person = "forbid"
    appointments.save_route(
        route=route, stages=[first, second], removed=[third], actor=gleb, channel=ADMIN
    )
    assert list(route.stages.values_list("position", "name")) == [
        (1, "Финансовый менеджер"), (2, "Держатель бюджета"),
    ]  # fmt: skip
    event = RouteEvent.objects.get()
    old, new = event.data["old"], event.data["new"]
    assert (event.actor, event.name, old["same_person"], new["same_person"]) == (
        gleb, "Основной", "skip", "forbid",
    )  # fmt: skip
    assert [stage["name"] for stage in old["stages"].values()][-1] == "Казначей"
    assert new["stages"][str(second.pk)]["quorum"] == "all"
    appointments.save_route(route=route, actor=gleb, channel=ADMIN)
    assert RouteEvent.objects.count() == 1


def test_a_deleted_route_stays_in_the_journal(company: Company, gleb: Employee) -> None:
    spare = ApprovalRoute(name="Запасной", is_active=False)
    appointments.save_route(route=spare, actor=gleb, channel=ADMIN)
    appointments.delete_route(route=spare, actor=gleb, channel=ADMIN)
    deleted, added = RouteEvent.objects.all()
    assert (added.data["old"], deleted.data["new"]) == (None, None)
    assert deleted.name == "Запасной"


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_journal_of_routes_is_append_only(company: Company, gleb: Employee, verb: str) -> None:
    spare = ApprovalRoute(name="Запасной", is_active=False)
    appointments.save_route(route=spare, actor=gleb, channel=ADMIN)
    rows = RouteEvent.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(name="Другой") if verb == "update" else rows.delete()


def test_holders_at_a_moment_are_told_from_the_entries(company: Company, gleb: Employee) -> None:
    moments = [
        timezone.now(),
        after(lambda: hold(company, gleb, joined=[company.sergey], left=[company.boris])),
        after(lambda: dismissed_by_leaving(company.vera, gleb)),
        after(lambda: hold(company, gleb, joined=[company.boris], left=[company.sergey])),
    ]
    assert [entitled.holders_at(moment, company.department) for moment in moments] == [
        {company.boris, company.vera}, {company.sergey, company.vera}, {company.sergey},
        {company.boris},
    ]  # fmt: skip


def dismissed_by_leaving(person: Employee, actor: Employee) -> None:
    people.change(employee=person, actor=actor, channel=ADMIN, fields={"is_active": False})


def test_members_at_a_moment_are_those_of_the_organization_or_of_all(
    company: Company, gleb: Employee, group: ApproverGroup
) -> None:
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    moments = [
        timezone.now(),
        after(lambda: join(group, gleb, joined=[(company.vera, company.organization)])),
        after(lambda: join(group, gleb, joined=[(company.vera, other)])),
        after(lambda: join(group, gleb, left=[(company.vera, company.organization)])),
    ]
    both, tamara = {company.tamara, company.vera}, {company.tamara}

    def at(place: Organization) -> list[set[Employee]]:
        return [entitled.members_at(moment, group, place) for moment in moments]

    assert at(company.organization) == [tamara, both, both, tamara]
    assert at(other) == [tamara, tamara, both, both]


def test_entries_are_undone_from_the_newest_on() -> None:
    entries = [("a", Action.APPOINTED), ("b", Action.DISMISSED), ("a", Action.DISMISSED)]
    assert entitled.undone({"a", "c"}, entries) == {"a", "b", "c"}
    assert entitled.undone({"a"}, [("a", Action.APPOINTED)]) == set()


def test_a_command_says_who_could_approve(company: Company, gleb: Employee) -> None:
    before = timezone.localtime()
    hold(company, gleb, joined=[company.sergey], left=[company.boris, company.vera])

    def said(moment: str) -> str:
        output = StringIO()
        call_command("approvers_at", moment, stdout=output)
        return output.getvalue()

    assert "ООО «Ромашка», Производство: Лебедева Вера, Орлов Борис\n" in said(before.isoformat())
    assert "ООО «Ромашка», Производство: Посторонних Сергей\n" in said("2100-01-01T00:00")
    with pytest.raises(CommandError):
        said("yesterday")


def test_who_both_leaves_and_joins_stays(
    company: Company, gleb: Employee, group: ApproverGroup
) -> None:
    """Two rows of a form that have changed places."""
    join(group, gleb, joined=[(company.vera, None)])
    both = [(company.tamara, None), (company.vera, None)]
    join(group, gleb, joined=both, left=both)
    hold(company, gleb, joined=[company.boris], left=[company.boris])
    assert {row.employee for row in group.memberships.all()} == {company.tamara, company.vera}
    assert company.boris in company.department.budget_holders.all()
    assert entries() == [("Лебедева", Action.APPOINTED)]


def test_a_group_with_the_name_of_another_is_another(
    company: Company, gleb: Employee, group: ApproverGroup
) -> None:
    stage = company.route.stages.get(position=3)
    stage.group = ApproverGroup.objects.create(code="others", name=group.name)
    appointments.save_route(route=company.route, stages=[stage], actor=gleb, channel=ADMIN)
    event = RouteEvent.objects.get()
    old, new = (event.data[when]["stages"][str(stage.pk)]["group"] for when in ("old", "new"))
    assert (old, new) == (f"{group.name} (treasurers)", f"{group.name} (others)")


def test_an_organization_with_a_route_or_a_seat_is_not_deleted(
    company: Company, group: ApproverGroup
) -> None:
    place = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    seat = GroupMembership.objects.create(group=group, employee=company.vera, organization=place)
    with pytest.raises(ProtectedError):
        place.delete()
    seat.delete()
    ApprovalRoute.objects.create(name="Свой", organization=place)
    with pytest.raises(ProtectedError):
        place.delete()


def test_nobody_makes_himself_an_approver(
    company: Company, gleb: Employee, group: ApproverGroup
) -> None:
    acts: list[Callable[[], object]] = [
        lambda: hold(company, gleb, joined=[gleb, company.sergey], left=[company.vera]),
        lambda: join(group, gleb, joined=[(gleb, company.organization)]),
    ]
    for act in acts:
        with pytest.raises(OwnAppointment):
            act()
    assert entries() == []
    other = company.allow(company.sergey, *RIGHTS)
    hold(company, other, joined=[gleb])
    # Who is one stays so, and may go by himself.
    hold(company, gleb, joined=[gleb, company.sergey])
    hold(company, gleb, left=[gleb])
    assert [person for person, _action in entries()] == ["Чужов", "Посторонних", "Чужов"]


def test_who_has_full_access_needs_nobody(company: Company, gleb: Employee) -> None:
    Employee.objects.filter(pk=gleb.pk).update(is_superuser=True)
    hold(company, gleb, joined=[gleb])
    assert gleb in company.department.budget_holders.all()
