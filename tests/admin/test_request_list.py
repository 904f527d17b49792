"""Finding requests, in a constant number of queries."""

import html
import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import ADMIN, Company
from treasury.models import ApprovalStage, PaymentRequest
from treasury.services import requests


def found(client: Client, **query: Any) -> Sequence[PaymentRequest]:
    result: Sequence[PaymentRequest] = client.get(REQUESTS, query).context["cl"].result_list
    return list(result)


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_everyone_sees_what_concerns_him_alone(
    accountant: Client, budget_holder: Client, company: Company
) -> None:
    draft, submitted = company.draft(), company.submitted()
    assert set(found(accountant)) == {draft, submitted}
    assert found(budget_holder) == [submitted]
    assert found(browse(company.sergey, "Согласующий")) == []


def test_my_turn_is_what_waits_for_me(budget_holder: Client, company: Company) -> None:
    waiting, decided = company.submitted(), company.submitted()
    company.approve(decided, company.boris)
    assert set(found(budget_holder)) == {waiting, decided}
    assert found(budget_holder, whose="my_turn") == [waiting]


def test_mine_is_what_i_am_the_author_of(company: Company) -> None:
    company.draft()
    auditor = browse(company.sergey, "Аудитор")
    assert len(found(auditor)) == 1
    assert found(auditor, whose="mine") == []


def test_the_bar_filters_by_everything_at_once(accountant: Client, company: Company) -> None:
    wanted = company.draft(amount=Decimal(500), desired_date=date(2036, 12, 10))
    company.draft(amount=Decimal(5000), desired_date=date(2036, 12, 10))
    company.draft(amount=Decimal(500), desired_date=date(2036, 12, 20))
    company.draft(
        amount=Decimal(500), desired_date=date(2036, 12, 10),
        department=company.other_department,
    )  # fmt: skip
    query = {
        "status": "draft",
        "organization": company.organization.pk,
        "department": company.department.pk,
        "date_from": "2036-12-10",
        "date_to": "2036-12-10",
        "amount_from": "499,99",
        "amount_to": "1 000",
        "q": "",
    }
    assert found(accountant, **query) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "-00001", "ром-2026", "северсталь", "3528000597", "а-77", "СЧЕТУ 45", "125000,50",
        "125 000", "металлопрокат 125 000,50",
    ],
)  # fmt: skip
def test_search_knows_number_payee_inn_invoice_purpose_and_amount(
    accountant: Client, company: Company, text: str
) -> None:
    request = company.draft(invoice_number="А-77")
    assert found(accountant, q=text) == [request]
    assert found(accountant, q="нет такого") == []


@pytest.mark.parametrize(
    "query", [{"date_from": "вчера"}, {"amount_to": "много"}, {"organization": "x"}]
)
def test_a_filter_that_cannot_be_understood_breaks_nothing(
    accountant: Client, company: Company, query: dict[str, str]
) -> None:
    company.draft()
    assert accountant.get(REQUESTS, query, follow=True).status_code == 200


def test_a_row_says_what_matters(accountant: Client, company: Company) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    request = company.submitted(amount=Decimal("1234567.80"))
    PaymentRequest.objects.filter(pk=request.pk).update(desired_date=yesterday)
    text = text_of(accountant.get(REQUESTS))
    for expected in (
        '<span class="badge badge-in_approval">In approval</span>',
        "1,234,567.80\u202f₽",
        "date passed",
        "Держатель бюджета",
        "Б. Орлов, В. Лебедева",
        "А. Смирнова",
    ):
        assert expected in text
    assert ">overdue" not in text


def test_nothing_is_deleted_from_the_list_or_the_page(
    administrator: Client, company: Company
) -> None:
    request = company.draft()
    data = {"action": "delete_selected", "_selected_action": request.pk, "post": "yes"}
    administrator.post(REQUESTS, data)
    assert administrator.post(f"{REQUESTS}{request.pk}/delete/").status_code == 403
    assert PaymentRequest.objects.filter(pk=request.pk).exists()


def test_a_list_of_50_costs_as_many_queries_as_one_of_5(
    accountant: Client, company: Company
) -> None:
    for _number in range(5):
        company.submitted(documents=0)
    few = queries(accountant, REQUESTS)
    for _number in range(45):
        company.submitted(documents=0)
    assert len(found(accountant)) == 50
    assert queries(accountant, REQUESTS) == few


def test_what_is_overdue_costs_as_many_queries_as_what_is_not(
    accountant: Client, company: Company
) -> None:
    for _number in range(5):
        company.submitted(documents=0)
    few = queries(accountant, REQUESTS)
    ApprovalStage.objects.update(due_at=timezone.now() - timedelta(days=30))
    assert accountant.get(REQUESTS).content.decode().count("overdue by") == 5
    assert queries(accountant, REQUESTS) == few


def test_a_page_costs_no_more_for_a_long_history(
    accountant: Client, administrator: Client, company: Company
) -> None:
    request = company.submitted()
    few = [queries(client, page(request)) for client in (accountant, administrator)]
    for amount in range(1, 8):
        fields = company.sums(200_000 + amount)
        requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    assert [queries(client, page(request)) for client in (accountant, administrator)] == few


def test_the_first_page_costs_no_more_for_more_work(
    budget_holder: Client, company: Company
) -> None:
    company.submitted()
    few = queries(budget_holder, "/admin/")
    for _number in range(5):
        company.submitted()
    assert queries(budget_holder, "/admin/") == few
    assert budget_holder.get("/admin/").context["cards"][0].count == 6


def test_the_list_sorts_by_what_it_offers_and_no_more(accountant: Client, company: Company) -> None:
    cheap = company.draft(amount=Decimal(100))
    dear = company.draft(amount=Decimal(900))
    columns = accountant.get(REQUESTS).context["cl"].list_display
    assert found(accountant, o=columns.index("shown_amount")) == [cheap, dear]
    assert found(accountant, o=f"-{columns.index('payee')}") == [dear, cheap]
    # In an address that somebody has kept from before.
    assert found(accountant, o=columns.index("where")) == [dear, cheap]
    for column in ("where", "waits_for"):
        assert column not in accountant.get(REQUESTS).context["cl"].sortable_by


def test_a_row_leads_back_to_the_list_as_it_was_filtered(
    accountant: Client, company: Company
) -> None:
    request = company.submitted()
    text = text_of(accountant.get(f"{REQUESTS}?q=45&status=in_approval"))
    [address] = re.findall(rf'href="({REQUESTS}{request.pk}/change/[^"]*)"', text)
    kept = dict(parse_qsl(urlsplit(html.unescape(address)).query))
    assert dict(parse_qsl(kept["_changelist_filters"])) == {"q": "45", "status": "in_approval"}
    [plain] = re.findall(rf'href="({REQUESTS}{request.pk}/change/[^"]*)"',
                         text_of(accountant.get(REQUESTS)))  # fmt: skip
    assert plain == page(request)
