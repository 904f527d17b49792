"""A copy is a filled form: it is nothing yet until it is saved."""

from typing import Any

from django.test import Client

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import Company
from treasury.models import PaymentRequest

ADD = f"{REQUESTS}add/"


def test_the_form_is_filled_but_for_the_invoice_and_the_dates(
    accountant: Client, company: Company
) -> None:
    request = company.approved(contract="№ 7 от 01.11.2026")
    assert f'href="{ADD}?copy={request.pk}"' in text_of(accountant.get(page(request)))
    response = accountant.get(ADD, {"copy": request.pk})
    form = response.context["form"]
    assert form["counterparty_account"].value() == company.account.pk
    assert form["amount"].value() == "125,000.50"
    assert form["contract"].value() == "№ 7 от 01.11.2026"
    for name in ("invoice_number", "invoice_date", "desired_date"):
        assert not form[name].value()
    assert f"Copy of {request.number}" in text_of(response)
    assert PaymentRequest.objects.count() == 1


def test_it_gets_its_number_when_it_is_saved(
    accountant: Client, company: Company, form: dict[str, Any]
) -> None:
    original = company.approved()
    accountant.post(f"{ADD}?copy={original.pk}", form)
    copy = PaymentRequest.objects.exclude(pk=original.pk).get()
    assert (copy.status, copy.copied_from) == ("draft", original)
    assert copy.events.first().data == {"copied_from": original.number}  # type: ignore[union-attr]


def test_only_what_asks_nobody_and_is_seen_is_copied(accountant: Client, company: Company) -> None:
    assert accountant.get(ADD, {"copy": company.draft().pk}).status_code == 200
    assert accountant.get(ADD, {"copy": company.submitted().pk}).status_code == 403
    assert accountant.get(ADD, {"copy": "abc"}).status_code == 404
    stranger = company.allow(company.sergey, "add_paymentrequest")
    original = company.approved()
    client = browse(stranger)
    assert client.get(ADD, {"copy": original.pk}).status_code == 404


def test_a_link_slips_nothing_else_into_a_copy(accountant: Client, company: Company) -> None:
    original = company.approved()
    query = {"copy": f"{original.pk}", "amount": "999999", "counterparty_account": "77"}
    form = accountant.get(ADD, query).context["form"]
    assert form["amount"].value() == "125,000.50"
    assert form["counterparty_account"].value() == company.account.pk
