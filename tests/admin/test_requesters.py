"""Whoever fills payment requests finds the person who asks; the employees' pages stay closed."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import Company
from treasury.models import Employee

FIELD = {"app_label": "treasury", "model_name": "paymentrequest", "field_name": "requester"}
OFFERED = f"{REQUESTS}requesters/"


def found(client: Client, term: str) -> list[str]:
    response = client.get(OFFERED, {**FIELD, "term": term})
    assert response.status_code == 200
    return [result["text"] for result in response.json()["results"]]


@pytest.mark.parametrize("role", ["Бухгалтер", "Казначей"])
def test_those_who_fill_requests_find_people_and_open_no_page_of_theirs(
    company: Company, role: str
) -> None:
    client = browse(company.sergey, role)
    assert found(client, "Орлов") == [str(company.boris)]
    assert client.get("/admin/treasury/employee/").status_code == 403
    assert client.get(f"/admin/treasury/employee/{company.boris.pk}/change/").status_code == 403


def test_the_field_asks_where_it_is_answered(accountant: Client, company: Company) -> None:
    for url in (f"{REQUESTS}add/", page(company.draft())):
        select = re.search(r'<select name="requester"[^>]*>', text_of(accountant.get(url)))
        assert select
        assert f'data-ajax--url="{OFFERED}"' in select[0]


def test_people_who_have_left_are_not_found(accountant: Client, company: Company) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)
    assert found(accountant, "Орлов") == []


@pytest.mark.parametrize("role", ["Согласующий", "Аудитор", "Администратор"])
def test_nobody_else_is_answered(company: Company, role: str) -> None:
    assert browse(company.sergey, role).get(OFFERED, FIELD).status_code == 403


@pytest.mark.parametrize(
    "other",
    [
        {"model_name": "department", "field_name": "budget_holders"},
        {"model_name": "paymentrequest", "field_name": "author"},
        {"app_label": "oauth", "model_name": "usertoken", "field_name": "employee"},
        {"app_label": "treasury", "model_name": "routestage", "field_name": "route"},
    ],
)
def test_no_other_field_is_filled_there(accountant: Client, other: Any) -> None:
    assert accountant.get(OFFERED, FIELD | other).status_code == 403
