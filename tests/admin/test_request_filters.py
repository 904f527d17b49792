"""The bar above the request list: what it filters by, what it says, what the list adds up to."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import REQUESTS, browse, text_of
from tests.admin.test_request_list import found, queries
from tests.company import Company
from treasury.models import Counterparty, CounterpartyAccount, PaymentRequest


@pytest.fixture
def other_payee(company: Company) -> dict[str, Any]:
    payee = Counterparty.objects.create(name="ООО «Вектор»", inn="7707083893", kpp="770701001")
    account = CounterpartyAccount.objects.create(
        counterparty=payee, bank=company.account.bank, number="40702810900000000013"
    )
    return {"counterparty": payee, "counterparty_account": account}


def shown(client: Client, **query: Any) -> str:
    return text_of(client.get(REQUESTS, query)).replace("\u202f", " ")


def test_a_payee_an_account_and_a_priority_narrow_the_list(
    accountant: Client, company: Company, other_payee: dict[str, Any]
) -> None:
    wanted = company.draft(priority="high", **other_payee)
    company.draft(own_account=None)
    assert found(accountant, counterparty=other_payee["counterparty"].pk) == [wanted]
    assert found(accountant, own_account=company.own_account.pk) == [wanted]
    assert found(accountant, priority="high") == [wanted]


def test_a_currency_narrows_the_list(accountant: Client, company: Company) -> None:
    roubles, dollars = company.draft(), company.draft()
    PaymentRequest.objects.filter(pk=dollars.pk).update(currency="USD")
    assert found(accountant, currency="USD") == [dollars]
    assert found(accountant, currency="RUB") == [roubles]


def test_accounts_and_payees_are_offered_to_those_who_may_know_them(
    accountant: Client, budget_holder: Client, company: Company
) -> None:
    company.submitted()
    for name in ('name="own_account"', 'name="counterparty"'):
        assert name in shown(accountant)
        assert name not in shown(budget_holder)


def test_a_set_filter_is_a_chip_that_leads_to_the_list_without_it(
    accountant: Client, company: Company
) -> None:
    company.draft()
    text = shown(accountant, status="draft", amount_from="1000", amount_to="200 000")
    assert "<span>Status:</span> Draft" in text
    assert 'class="chip" href="?amount_from=1000&amp;amount_to=200+000"' in text
    assert "<span>Amount:</span> from 1,000.00 to 200,000.00" in text
    assert 'class="chip" href="?status=draft"' in text
    assert '<span class="number">2</span>' in text


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"amount_from": "abc"}, "Write the amount in digits"),
        ({"date_from": "вчера"}, "Enter a valid date."),
        ({"amount_from": "2000", "amount_to": "1000"}, "Less than “from”"),
        ({"date_from": "2026-12-02", "date_to": "2026-12-01"}, "Less than “from”"),
    ],
)
def test_nonsense_is_said_at_its_field_and_hides_nothing(
    accountant: Client, company: Company, query: dict[str, str], problem: str
) -> None:
    request = company.draft()
    text = shown(accountant, **query)
    assert f'role="alert" id="filter_{list(query)[-1]}_error">{problem}' in text
    assert '<details class="filter-toggle" open>' in text
    assert found(accountant, **query) == [request]


@pytest.mark.parametrize("payee", ["NaN", "-1", "9" * 30, "1 1"])
def test_a_payee_that_is_none_is_no_broken_page(accountant: Client, payee: str) -> None:
    assert accountant.get(REQUESTS, {"counterparty": payee}).status_code == 200
    assert accountant.get(f"{REQUESTS}add/", {"counterparty": payee}).status_code == 200


def test_an_any_agrees_with_what_is_asked(company: Company) -> None:
    client = browse(company.anna, "Бухгалтер")
    text = text_of(client.get(REQUESTS, headers={"accept-language": "ru"}))
    for title, word in (
        ("Статус", "Любой"), ("Чья очередь", "Любая"), ("Организация", "Любая"),
        ("Подразделение", "Любое"), ("Валюта", "Любая"), ("Приоритет", "Любой"),
    ):  # fmt: skip
        label = text.index(f"<span>{title}</span>")
        assert text.index("<option", label) == text.index(f'<option value="">{word}<', label)


def test_nothing_found_says_so_and_leads_on(accountant: Client, company: Company) -> None:
    company.draft()
    text = shown(accountant, q="нет такого", status="draft")
    assert "Nothing is like that." in text
    assert '<a class="btn" href="?">Reset filters</a>' in text
    assert "Total: 0" not in text


def test_the_list_tells_what_it_adds_up_to(accountant: Client, company: Company) -> None:
    for amount in ("100000.10", "20000.20"):
        company.draft(amount=Decimal(amount))
    dollars = company.draft(amount=Decimal(700))
    PaymentRequest.objects.filter(pk=dollars.pk).update(currency="USD")
    text = shown(accountant)
    assert "<strong>120,000.30 ₽</strong>, <strong>700.00 $</strong>" in text
    assert "In all that was found" not in text


def test_all_pages_are_added_up_by_one_query(accountant: Client, company: Company) -> None:
    for number in range(49):
        company.draft(documents=0, amount=Decimal(1000), invoice_number=str(number))
    one_page = queries(accountant, REQUESTS)
    for number in range(3):
        company.draft(documents=0, amount=Decimal(1000), invoice_number=str(number))
    text = shown(accountant)
    assert "On this page: <strong>50,000.00 ₽</strong>" in text
    assert "In all that was found: <strong>52,000.00 ₽</strong>" in text
    assert queries(accountant, REQUESTS) == one_page + 1


def test_what_is_found_through_two_tasks_is_added_up_once(company: Company) -> None:
    client = browse(company.boris, "Согласующий")
    for _number in range(51):
        company.submitted(documents=0, amount=Decimal(1000))
    assert "In all that was found: <strong>51,000.00 ₽</strong>" in shown(client)


def test_the_pager_marks_the_page_one_is_on(accountant: Client, company: Company) -> None:
    for _number in range(51):
        company.draft(documents=0)
    first, second = shown(accountant), shown(accountant, p=2)
    assert '<span class="this-page" aria-current="page">1</span><a href="?p=2"' in first
    assert '<span class="this-page" aria-current="page">2</span>' in second
    assert '<a href="?p=1">1</a>' in second


def test_a_row_shows_the_purpose_in_full_when_pointed_at(
    accountant: Client, company: Company
) -> None:
    request = company.draft(desired_date=date(2026, 12, 10))
    assert f'<span class="note" title="{request.purpose}">{request.purpose}</span>' in shown(
        accountant
    )
