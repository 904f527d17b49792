"""The treasurer chooses the paying account where he approves."""

import pytest
from django.test import Client

from tests.admin.conftest import browse, button, opened, page, text_of
from tests.company import Company
from treasury.models import OwnAccount, PaymentRequest


@pytest.fixture
def treasurer(company: Company) -> Client:
    return browse(company.tamara, "Казначей")


def waiting(company: Company, own_account: OwnAccount | None = None) -> PaymentRequest:
    request = company.submitted(own_account=own_account)
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    return request


def sent(company: Company, request: PaymentRequest, **more: object) -> dict[str, object]:
    return {"task": company.task(request, company.tamara).pk, **more}


def test_a_single_account_is_on_the_button(treasurer: Client, company: Company) -> None:
    request = waiting(company)
    assert "Approve, pay from …0013, ПАО Сбербанк" in text_of(treasurer.get(page(request)))
    form = opened(treasurer, button(request, "approve"))
    assert form["own_account"] == [str(company.own_account.pk)]
    treasurer.post(button(request, "approve"), form)
    request.refresh_from_db()
    assert (request.status, request.own_account) == ("approved", company.own_account)
    assert "own account" in text_of(treasurer.get(page(request))).lower()


def test_of_several_one_is_chosen(treasurer: Client, company: Company) -> None:
    request, other = waiting(company), company.further_account()
    assert f'<option value="{other.pk}">' in text_of(treasurer.get(page(request)))
    refused = treasurer.post(button(request, "approve"), sent(company, request, own_account=""))
    assert "own_account" in refused.context["form"].errors
    data = sent(company, request, own_account=other.pk)
    assert treasurer.post(button(request, "approve"), data).status_code == 302
    request.refresh_from_db()
    assert (request.status, request.own_account) == ("approved", other)


def test_what_stands_there_is_chosen_already(treasurer: Client, company: Company) -> None:
    company.further_account()
    request = waiting(company, company.own_account)
    form = opened(treasurer, button(request, "approve"))
    assert form["own_account"] == [str(company.own_account.pk)]
    treasurer.post(button(request, "approve"), form)
    request.refresh_from_db()
    assert request.status == "approved"


def test_another_organizations_account_is_no_choice(treasurer: Client, company: Company) -> None:
    request, other = waiting(company), company.further_account()
    company.further_account("40702810700000000022")
    OwnAccount.objects.filter(pk=other.pk).update(currency="USD")
    data = sent(company, request, own_account=other.pk)
    response = treasurer.post(button(request, "approve"), data)
    assert "own_account" in response.context["form"].errors


def test_others_are_offered_none(company: Company) -> None:
    request = company.submitted(own_account=None)
    text = text_of(browse(company.boris, "Согласующий").get(page(request)))
    assert "pay from" not in text
    assert 'name="own_account"' not in text
