"""On the page of a route: whom it would ask about a request that does not exist."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import browse, text_of
from tests.company import Company
from treasury.models import GroupMembership, PaymentRequest


@pytest.fixture
def page(company: Company) -> str:
    company.route.stages.filter(position=3).update(min_amount=Decimal(500_000))
    return f"/admin/treasury/approvalroute/{company.route.pk}/change/"


def asked(client: Client, page: str, company: Company, **changes: Any) -> str:
    query = {"try-amount": "1 200 000", "try-department": company.department.pk, **changes}
    text = text_of(client.get(page, query))
    return text[text.index('id="trial"') :]


def test_the_people_of_each_stage_are_named(
    administrator: Client, company: Company, page: str
) -> None:
    text = asked(administrator, page, company)
    for person in ("Б. Орлов", "В. Лебедева", "Ф. Климов", "Т. Белова"):
        assert person in text
    assert not PaymentRequest.objects.exists()


def test_a_small_amount_passes_over_the_stage_of_large_ones(
    administrator: Client, company: Company, page: str
) -> None:
    text = asked(administrator, page, company, **{"try-amount": "499 999,99"})
    assert "Not needed for this amount" in text
    assert "Т. Белова" not in text


def test_who_asks_for_the_money_is_not_asked(
    administrator: Client, company: Company, page: str
) -> None:
    text = asked(administrator, page, company, **{"try-author": company.tamara.pk})
    assert "nobody could decide" in text


@pytest.mark.parametrize("amount", ["", "много", "-1"])
def test_a_wrong_amount_is_said_and_nothing_breaks(
    administrator: Client, company: Company, page: str, amount: str
) -> None:
    text = asked(administrator, page, company, **{"try-amount": amount})
    assert "errorlist" in text
    assert "timeline" not in text


def test_an_auditor_may_try_too(company: Company, page: str) -> None:
    assert "Т. Белова" in asked(browse(company.sergey, "Аудитор"), page, company)


def test_too_few_different_people_are_said(
    administrator: Client, company: Company, page: str
) -> None:
    said = "The route wants 2 different people to approve, only 1 could decide."
    assert said not in asked(administrator, page, company)
    GroupMembership.objects.update(employee=company.boris)
    company.department.budget_holders.set([company.boris])
    assert said in asked(administrator, page, company)
