"""A copy is a filled form: it is nothing yet until it is saved."""

from typing import Any

from django.test import Client

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import ADMIN, Company
from treasury.models import Organization, PaymentRequest
from treasury.services import directories, requests

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


def test_what_went_out_of_use_since_is_said_before_the_copy_is_filled(
    accountant: Client, company: Company
) -> None:
    original = company.approved()
    directories.retire(row=company.account, reason="Счёт закрыт")
    form = accountant.get(ADD, {"copy": original.pk}).context["form"]
    assert list(form.errors) == ["counterparty_account"]
    assert "is no longer in use. Счёт закрыт" in form.errors["counterparty_account"][0]


def test_a_department_that_has_moved_is_said_and_refused_at_its_field(
    accountant: Client, company: Company, form: dict[str, Any]
) -> None:
    original = company.draft()
    requests.cancel(request=original, actor=company.anna, channel=ADMIN)
    # Never submitted, so that nothing keeps the department where it was.
    company.department.organization = Organization.objects.create(
        name="ООО «Лютик»", code="ЛЮТ", inn="5003052454"
    )
    company.department.save()
    url = f"{ADD}?copy={original.pk}"
    for response in (accountant.get(url), accountant.post(url, form)):
        errors = response.context["form"].errors
        assert errors == {"department": ["This department belongs to another organization."]}
    assert PaymentRequest.objects.count() == 1
