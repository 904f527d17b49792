"""Keys that nobody could choose, in an address or a form: the page answers, and saves nothing."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import REQUESTS, page, text_of
from tests.company import Company
from treasury.models import PaymentRequest

ODD = ["abc", "-1", "9" * 30, "\N{SUPERSCRIPT TWO}"]
SEARCHED = ["counterparty", "cash_flow_item", "requester"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("name", SEARCHED)
def test_a_form_with_a_key_that_is_none_is_shown_and_explained(
    accountant: Client, form: dict[str, Any], name: str, odd: str
) -> None:
    assert accountant.get(f"{REQUESTS}add/", {name: odd}).status_code == 200
    sent = accountant.post(f"{REQUESTS}add/", {**form, name: odd})
    assert name in sent.context["form"].errors
    assert not PaymentRequest.objects.exists()


@pytest.mark.parametrize("odd", ODD)
def test_a_list_filtered_by_a_key_that_is_none_is_shown(
    accountant: Client, company: Company, odd: str
) -> None:
    request = company.draft()
    for name in ("counterparty", "organization", "department", "own_account"):
        assert request.number in text_of(accountant.get(REQUESTS, {name: odd}))


def test_a_number_that_no_database_could_hold_is_not_found(
    accountant: Client, company: Company
) -> None:
    number = page(company.draft()).replace(str(PaymentRequest.objects.get().pk), "9" * 30)
    assert accountant.get(number).status_code == 404
