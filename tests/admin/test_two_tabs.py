"""Two people, or two tabs, have one request open: nothing unseen is undone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.admin.conftest import browse, page, text_of
from tests.company import ADMIN, Company
from treasury.models import PaymentRequest
from treasury.services import requests

Form = dict[str, Any]


@pytest.fixture
def request_(accountant: Client, company: Company, form: Form) -> PaymentRequest:
    request = company.draft()
    accountant.post(page(request), form)
    return request


def opened(client: Client, request: PaymentRequest, form: Form) -> Form:
    """What the tab sends that has been opened now."""
    return form | {"version": client.get(page(request)).context["version"]}


def test_what_i_left_alone_comes_fresh_and_what_i_typed_stays(
    accountant: Client, request_: PaymentRequest, form: Form
) -> None:
    tab = opened(accountant, request_, form)
    later = (timezone.localdate() + timedelta(days=9)).isoformat()
    accountant.post(page(request_), tab | {"comment": "Ждёт склад", "desired_date": later})

    response = accountant.post(page(request_), tab | {"amount": "1 000,00", "vat_amount": ""})

    shown = response.context["form"]
    assert "someone has changed this request" in text_of(response)
    assert set(shown.errors) == {"__all__"}
    assert shown["comment"].value() == "Ждёт склад"
    assert shown["desired_date"].value() == later
    assert shown["amount"].value() == "1 000,00"
    request_.refresh_from_db()
    assert request_.comment == "Ждёт склад"
    assert str(request_.amount) == "125000.50"


def test_saving_again_undoes_nothing_unseen(
    accountant: Client, request_: PaymentRequest, form: Form
) -> None:
    tab = opened(accountant, request_, form)
    accountant.post(page(request_), tab | {"comment": "Ждёт склад"})
    response = accountant.post(page(request_), tab | {"amount": "1 000,00", "vat_amount": ""})
    shown = response.context["form"]
    again = {name: shown[name].value() for name in form} | {"version": response.context["version"]}
    accountant.post(page(request_), {name: value or "" for name, value in again.items()})
    request_.refresh_from_db()
    assert (str(request_.amount), request_.comment) == ("1000.00", "Ждёт склад")


def test_what_both_have_changed_is_shown_with_both_values(
    accountant: Client, company: Company, request_: PaymentRequest, form: Form
) -> None:
    tab = opened(accountant, request_, form)
    fedor = company.allow(company.fedor, "change_paymentrequest")
    requests.change(
        request=request_, actor=fedor, channel=ADMIN,
        fields={"department": company.other_department, "comment": "Ждёт склад"},
    )  # fmt: skip
    response = accountant.post(page(request_), tab | {"comment": "Срочно, ждут люди"})
    shown = response.context["form"]
    [said] = shown.errors["comment"]
    assert said.startswith("Ф. Климов, ")
    assert "“Ждёт склад”; you have “Срочно, ждут люди”" in said
    assert shown["comment"].value() == "Срочно, ждут люди"
    assert shown["department"].value() == str(company.other_department.pk)
    assert set(shown.errors) == {"__all__", "comment"}


def test_the_same_change_twice_is_no_conflict(
    accountant: Client, request_: PaymentRequest, form: Form
) -> None:
    tab = opened(accountant, request_, form) | {"comment": "Ждёт склад"}
    accountant.post(page(request_), tab)
    response = accountant.post(page(request_), tab)
    assert set(response.context["form"].errors) == {"__all__"}


def test_what_cannot_be_understood_hides_no_foreign_change(
    accountant: Client, request_: PaymentRequest, form: Form
) -> None:
    """Another mistake on the form must not let it through the next time."""
    tab = opened(accountant, request_, form)
    accountant.post(page(request_), tab | {"amount": "999", "comment": "Ждёт склад"})
    response = accountant.post(page(request_), tab | {"amount": "много"})
    shown = response.context["form"]
    assert shown["comment"].value() == "Ждёт склад"
    assert any("“999.00”; you have “много”" in said for said in shown.errors["amount"])


def test_an_approval_meanwhile_is_said_too(
    accountant: Client, company: Company, form: Form
) -> None:
    request = company.submitted()
    tab = opened(accountant, request, form)
    company.approve(request, company.boris)
    response = accountant.post(page(request), tab)
    assert "someone has changed this request" in text_of(response)
    assert browse(company.fedor).get(page(request)).status_code == 200
