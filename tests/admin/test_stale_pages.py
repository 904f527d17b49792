"""A page that was opened earlier undoes nothing that somebody else has done meanwhile."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.admin.conftest import browse, opened, text_of
from tests.admin.test_routes import address
from tests.company import Company
from treasury.models import AccountEvent, ApproverGroup, Employee, GroupMembership

RELOAD = "Someone else has changed this meanwhile."


@pytest.fixture
def other(company: Company) -> Client:
    return browse(company.sergey, "Администратор")


def of_person(person: Employee) -> str:
    return f"/admin/treasury/employee/{person.pk}/change/"


def of_department(company: Company) -> str:
    return f"/admin/treasury/department/{company.department.pk}/change/"


def without(page: dict[str, Any], *ticks: str) -> dict[str, Any]:
    return {name: value for name, value in page.items() if name not in ticks}


def test_an_untouched_page_changes_nothing(administrator: Client, company: Company) -> None:
    treasurers = Group.objects.get(name="Казначей")
    company.tamara.groups.add(treasurers)
    for url in (of_person(company.tamara), of_department(company), address(company.route)):
        response = administrator.post(url, opened(administrator, url))
        assert response.status_code == 302, text_of(response)
    assert not AccountEvent.objects.exists()


def test_who_was_dismissed_meanwhile_stays_dismissed(
    administrator: Client, other: Client, company: Company
) -> None:
    treasurers = Group.objects.get(name="Казначей")
    browse(company.tamara, "Казначей")
    url = of_person(company.tamara)
    page = opened(administrator, url)
    dismissal = without(opened(other, url), "is_active", "is_staff", "groups")
    assert other.post(url, dismissal).status_code == 302
    assert administrator.post(url, page | {"language": "en"}).status_code == 302
    company.tamara.refresh_from_db()
    assert company.tamara.language == "en"
    assert not company.tamara.is_active
    assert not company.tamara.is_staff
    assert treasurers not in company.tamara.groups.all()
    assert not company.tamara.account_events.filter(action=AccountEvent.Action.RETURNED).exists()


def test_a_superuser_who_was_one_no_more_stays_none(company: Company) -> None:
    people = Employee.objects.filter(pk__in=[company.gleb.pk, company.sergey.pk, company.vera.pk])
    people.update(is_superuser=True)
    first, second = browse(company.gleb), browse(company.sergey)
    url = of_person(company.vera)
    page = opened(first, url)
    assert page["is_superuser"] == ["on"]
    assert second.post(url, without(opened(second, url), "is_superuser")).status_code == 302
    assert first.post(url, page | {"language": "en"}).status_code == 302
    company.vera.refresh_from_db()
    assert (company.vera.language, company.vera.is_superuser) == ("en", False)


def test_roles_that_two_have_given_are_both_kept(
    administrator: Client, other: Client, company: Company
) -> None:
    """Also when nothing was ticked, and another mistake shows the page again."""
    mine, theirs = Group.objects.get(name="Бухгалтер"), Group.objects.get(name="Согласующий")
    url = of_person(company.vera)
    page = opened(administrator, url) | {"groups": [mine.pk]}
    their_page = opened(other, url) | {"groups": [theirs.pk]}
    assert other.post(url, their_page).status_code == 302
    mistaken = administrator.post(url, page | {"last_name": ""})
    assert 'name="initial-groups"' in text_of(mistaken)
    assert f'name="initial-groups" value="{mine.pk}"' not in text_of(mistaken)
    assert administrator.post(url, page).status_code == 302
    assert set(company.vera.groups.all()) == {mine, theirs}


def test_what_both_have_changed_is_refused(
    administrator: Client, other: Client, company: Company
) -> None:
    url = of_person(company.vera)
    page = opened(administrator, url)
    assert other.post(url, opened(other, url) | {"first_name": "Вероника"}).status_code == 302
    response = administrator.post(url, page | {"first_name": "Верочка"})
    assert RELOAD in text_of(response)
    company.vera.refresh_from_db()
    assert company.vera.first_name == "Вероника"
    assert administrator.post(url, page | {"first_name": "Вероника"}).status_code == 302


def test_a_holder_who_was_dismissed_meanwhile_is_not_appointed_again(
    administrator: Client, other: Client, company: Company
) -> None:
    url = of_department(company)
    page = opened(administrator, url)
    assert other.post(url, opened(other, url) | {"budget_holders": [company.vera.pk]})
    assert administrator.post(url, page | {"name": "Цех № 1"}).status_code == 302
    company.department.refresh_from_db()
    assert company.department.name == "Цех № 1"
    assert list(company.department.budget_holders.all()) == [company.vera]
    assert not AccountEvent.objects.filter(action=AccountEvent.Action.APPOINTED).exists()


def test_a_department_out_of_use_stays_so_when_it_is_renamed(
    administrator: Client, other: Client, company: Company
) -> None:
    url = of_department(company)
    page = opened(administrator, url)
    reason = {"out_of_use_reason": "Объединён с другим цехом"}
    assert other.post(url, without(opened(other, url), "is_active") | reason).status_code == 302
    assert administrator.post(url, page | {"name": "Цех № 1"}).status_code == 302
    company.department.refresh_from_db()
    assert not company.department.is_active
    assert company.department.out_of_use_reason == reason["out_of_use_reason"]


def test_a_quorum_that_was_raised_meanwhile_stays_when_the_route_is_renamed(
    administrator: Client, other: Client, company: Company
) -> None:
    url = address(company.route)
    page = opened(administrator, url)
    assert other.post(url, opened(other, url) | {"stages-2-quorum": "all"}).status_code == 302
    assert administrator.post(url, page | {"name": "Общий"}).status_code == 302
    company.route.refresh_from_db()
    assert company.route.name == "Общий"
    assert company.route.stages.get(position=3).quorum == "all"


def test_a_stage_that_both_have_changed_is_refused(
    administrator: Client, other: Client, company: Company
) -> None:
    url = address(company.route)
    page = opened(administrator, url)
    assert other.post(url, opened(other, url) | {"stages-2-quorum": "all"}).status_code == 302
    response = administrator.post(url, page | {"stages-2-name": "Казначейство"})
    assert RELOAD in text_of(response)
    stage = company.route.stages.get(position=3)
    assert (stage.name, stage.quorum) == ("Казначей", "all")


@pytest.mark.parametrize("kind", ["bank", "own_account", "account", "counterparty"])
def test_a_row_of_a_directory_that_went_out_of_use_meanwhile_stays_so(
    company: Company, kind: str
) -> None:
    people = Employee.objects.filter(pk__in=[company.gleb.pk, company.sergey.pk])
    people.update(is_superuser=True)
    mine, theirs = browse(company.gleb), browse(company.sergey)
    row = company.account.bank if kind == "bank" else getattr(company, kind)
    url = f"/admin/treasury/{row._meta.model_name}/{row.pk}/change/"
    page = opened(mine, url)
    assert theirs.post(url, without(opened(theirs, url), "is_active")).status_code == 302
    changed = {"name": "Новое имя"} if "name" in page else {"out_of_use_reason": "Закрыт"}
    assert mine.post(url, page | changed).status_code == 302
    row.refresh_from_db()
    assert not row.is_active


def test_an_account_that_both_have_corrected_is_refused(company: Company) -> None:
    people = Employee.objects.filter(pk__in=[company.gleb.pk, company.sergey.pk])
    people.update(is_superuser=True)
    mine, theirs = browse(company.gleb), browse(company.sergey)
    url = f"/admin/treasury/counterparty/{company.counterparty.pk}/change/"
    page = opened(mine, url)
    number = "accounts-0-number"
    assert theirs.post(url, opened(theirs, url) | {number: "40702810500000000002"})
    response = mine.post(url, page | {number: "40702810800000000003"})
    assert RELOAD in text_of(response)
    company.account.refresh_from_db()
    assert company.account.number == "40702810500000000002"


def test_members_who_came_meanwhile_stay_and_those_who_went_do_not_come_back(
    administrator: Client, other: Client, company: Company
) -> None:
    group = ApproverGroup.objects.get(code="treasurers")
    url = f"/admin/treasury/approvergroup/{group.pk}/change/"
    page = opened(administrator, url)
    GroupMembership.objects.create(group=group, employee=company.vera)
    assert administrator.post(url, page | {"name": "Казначейство"}).status_code == 302
    group.refresh_from_db()
    assert group.name == "Казначейство"
    assert {row.employee for row in group.memberships.all()} == {company.tamara, company.vera}
    page = opened(administrator, url)
    GroupMembership.objects.filter(employee=company.vera).delete()
    administrator.post(url, page | {"name": "Казначеи"})
    assert {row.employee for row in group.memberships.all()} == {company.tamara}


def test_a_member_whom_both_have_exchanged_is_refused(
    administrator: Client, other: Client, company: Company
) -> None:
    group = ApproverGroup.objects.get(code="treasurers")
    url = f"/admin/treasury/approvergroup/{group.pk}/change/"
    page = opened(administrator, url)
    member = "memberships-0-employee"
    assert other.post(url, opened(other, url) | {member: company.vera.pk}).status_code == 302
    response = administrator.post(url, page | {member: company.boris.pk})
    assert response.status_code == 200
    assert [row.employee for row in group.memberships.all()] == [company.vera]
