"""An administrator switches an employee off: what still waits for him must not be forgotten."""

from typing import Any

from django.test import Client

from tests.admin.conftest import shown, text_of
from tests.admin.test_roles import employee_form
from tests.company import Company
from treasury.models import Employee


def saved(client: Client, employee: Employee, **changes: Any) -> list[str]:
    """The warnings that follow."""
    url = f"/admin/treasury/employee/{employee.pk}/change/"
    data = shown(client, url) | employee_form(employee, **changes)
    response = client.post(url, data, follow=True)
    assert response.status_code == 200, text_of(response)
    said = response.context["messages"]
    return [str(message) for message in said if message.level_tag == "warning"]


def switched_off(client: Client, employee: Employee) -> list[str]:
    warnings = saved(client, employee, is_active="")
    employee.refresh_from_db()
    assert not employee.is_active
    return warnings


def test_the_requests_that_wait_are_named(administrator: Client, company: Company) -> None:
    first, decided, second = (company.submitted() for _number in range(3))
    company.approve(decided, company.boris)
    assert switched_off(administrator, company.boris) == [
        f"These requests still wait for this employee: {first.number}, {second.number}. "
        "The tasks can be handed over on the pages of the requests."
    ]


def test_of_many_five_are_named_and_the_others_counted(
    administrator: Client, company: Company
) -> None:
    numbers = [company.submitted().number for _number in range(7)]
    [warning] = switched_off(administrator, company.boris)
    assert f"{', '.join(numbers[:5])} and 2 more." in warning


def test_exactly_five_leave_nothing_to_count(administrator: Client, company: Company) -> None:
    numbers = [company.submitted().number for _number in range(5)]
    [warning] = switched_off(administrator, company.boris)
    assert f"{', '.join(numbers)}. " in warning


def test_nothing_is_said_of_those_for_whom_nothing_waits(
    administrator: Client, company: Company
) -> None:
    company.submitted()
    assert switched_off(administrator, company.tamara) == []


def test_nothing_is_said_when_something_else_is_changed(
    administrator: Client, company: Company
) -> None:
    company.submitted()
    assert saved(administrator, company.boris, last_name="Орлов-Дальний") == []
    switched_off(administrator, company.boris)
    assert saved(administrator, company.boris, is_active="", last_name="Орлов") == []
