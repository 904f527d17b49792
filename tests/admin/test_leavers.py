"""Whoever decided so far does so no more: what still waits for him must not be forgotten."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import save, shown, text_of
from tests.admin.test_roles import employee_form
from tests.company import Company
from treasury.models import ApproverGroup, Employee, PaymentRequest

# What is said is known after the commit.
pytestmark = pytest.mark.django_db(transaction=True)


def warnings(response: Any) -> list[str]:
    assert response.status_code == 200, text_of(response)
    said = response.context["messages"]
    return [str(message) for message in said if message.level_tag == "warning"]


def saved(client: Client, employee: Employee, **changes: Any) -> list[str]:
    """The warnings that follow."""
    url = f"/admin/treasury/employee/{employee.pk}/change/"
    data = shown(client, url) | employee_form(employee, **changes)
    return warnings(client.post(url, data, follow=True))


def switched_off(client: Client, employee: Employee) -> list[str]:
    said = saved(client, employee, is_active="")
    employee.refresh_from_db()
    assert not employee.is_active
    return said


def last_holder(company: Company) -> Employee:
    company.department.budget_holders.set([company.boris])
    return company.boris


def test_the_requests_that_wait_for_the_last_are_named(
    administrator: Client, company: Company
) -> None:
    boris = last_holder(company)
    first, decided, second = (company.submitted() for _number in range(3))
    company.approve(decided, boris)
    assert switched_off(administrator, boris) == [
        f"These requests still wait for this employee: {first.number}, {second.number}. "
        "The tasks can be handed over on the pages of the requests."
    ]


def test_what_a_colleague_can_decide_waits_for_the_leaver_no_more(
    administrator: Client, company: Company
) -> None:
    request = company.submitted()
    assert switched_off(administrator, company.boris) == []
    assert [task.employee for task in request.tasks.filter(status="open")] == [company.vera]


def test_of_many_five_are_named_and_the_others_counted(
    administrator: Client, company: Company
) -> None:
    boris = last_holder(company)
    numbers = [company.submitted().number for _number in range(7)]
    [warning] = switched_off(administrator, boris)
    assert f"{', '.join(numbers[:5])} and 2 more." in warning


def test_exactly_five_leave_nothing_to_count(administrator: Client, company: Company) -> None:
    boris = last_holder(company)
    numbers = [company.submitted().number for _number in range(5)]
    [warning] = switched_off(administrator, boris)
    assert f"{', '.join(numbers)}. " in warning


def test_nothing_is_said_of_those_for_whom_nothing_waits(
    administrator: Client, company: Company
) -> None:
    company.submitted()
    assert switched_off(administrator, company.tamara) == []


def test_nothing_is_said_when_something_else_is_changed(
    administrator: Client, company: Company
) -> None:
    boris = last_holder(company)
    company.submitted()
    assert saved(administrator, boris, last_name="Орлов-Дальний") == []
    switched_off(administrator, boris)
    assert saved(administrator, boris, is_active="", last_name="Орлов") == []


def of_nobody(request: PaymentRequest) -> str:
    return (
        f"1 request waits for nobody who may decide: {request.number}. Appoint an approver, "
        "or hand the task over on the page of the request."
    )


def test_a_department_without_its_last_holder_is_warned_of(
    administrator: Client, company: Company
) -> None:
    last_holder(company)
    request = company.submitted()
    url = f"/admin/treasury/department/{company.department.pk}/change/"
    page = {"organization": company.organization.pk, "name": "Производство", "is_active": "on"}
    sent = {**page, "budget_holders": [], "out_of_use_reason": ""}
    assert warnings(administrator.post(url, shown(administrator, url) | sent, follow=True)) == [
        of_nobody(request)
    ]
    back = save(administrator, url, {**sent, "budget_holders": [company.sergey.pk]})
    assert warnings(administrator.get(back.url)) == []
    assert [task.employee for task in request.tasks.filter(status="open")] == [company.sergey]


def test_a_group_without_its_last_member_is_warned_of(
    administrator: Client, company: Company
) -> None:
    request = company.submitted()
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    group = ApproverGroup.objects.get(code="treasurers")
    [member] = group.memberships.all()
    data = {
        "name": group.name, "code": group.code, "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1, "memberships-0-id": member.pk,
        "memberships-0-group": group.pk, "memberships-0-employee": company.tamara.pk,
        "memberships-0-organization": "", "memberships-0-DELETE": "on",
    }  # fmt: skip
    url = f"/admin/treasury/approvergroup/{group.pk}/change/"
    assert warnings(administrator.post(url, data, follow=True)) == [of_nobody(request)]
