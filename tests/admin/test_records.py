"""The lists of what was decided and what happened: read from the newest down."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import browse, text_of
from tests.company import Company

DECISIONS = "/admin/treasury/decision/"
JOURNAL = "/admin/treasury/event/"


@pytest.fixture
def auditor(company: Company) -> Client:
    return browse(company.sergey, "Аудитор")


def keys(client: Client, address: str, **query: Any) -> list[int]:
    rows = client.get(address, query).context["cl"].result_list
    return [row.pk for row in rows]


@pytest.mark.parametrize("address", [DECISIONS, JOURNAL])
def test_the_newest_comes_first(auditor: Client, company: Company, address: str) -> None:
    company.approved()
    shown = keys(auditor, address)
    assert len(shown) > 2
    assert shown == sorted(shown, reverse=True)


def test_decisions_are_sorted_by_request_on_demand(auditor: Client, company: Company) -> None:
    company.approved()
    company.approved()
    shown = auditor.get(DECISIONS, {"o": "1"}).context["cl"].result_list
    numbers = [decision.request.number for decision in shown]
    assert numbers == sorted(numbers)


def test_a_decision_is_described_in_the_language_of_its_reader(
    auditor: Client, company: Company
) -> None:
    decision = company.approved().decisions.latest("id")
    russian = {"accept-language": "ru"}
    column = re.compile(r"<th[^>]*column-shown_request[^>]*>.*?>Заявка<", re.S)
    assert column.search(text_of(auditor.get(DECISIONS, headers=russian)))
    page = text_of(auditor.get(f"{DECISIONS}{decision.pk}/change/", headers=russian))
    assert "<label>Заявка:</label>" in page
    assert "<label>Задача согласования:</label>" in page
    assert decision.request.number in page
