"""Filling, saving and submitting a request."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import PDF, Company
from treasury.models import (
    Bank,
    Counterparty,
    CounterpartyAccount,
    Organization,
    PaymentRequest,
    VatRate,
)
from treasury.services import directories

ADD = f"{REQUESTS}add/"
Form = dict[str, Any]


def a_file(name: str = "Счёт 45.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def only_request() -> PaymentRequest:
    return PaymentRequest.objects.get()


def test_a_request_is_created_with_its_documents(accountant: Client, form: Form) -> None:
    files = [a_file(), a_file("Договор.pdf", PDF + b"%2")]
    response = accountant.post(ADD, form | {"documents": files})
    request = only_request()
    assert response.headers["Location"] == page(request)
    assert request.number == f"РОМ-{timezone.localdate().year}-00001"
    assert request.amount == Decimal("125000.50")
    assert [document.name for document in request.documents] == ["Счёт 45.pdf", "Договор.pdf"]
    # One save is one entry of the journal.
    event = request.events.get()
    assert (event.action, event.data["changes"]["documents"]) == (
        "create", ["", "Счёт 45.pdf, Договор.pdf"],
    )  # fmt: skip
    assert [proof["sha256"] for proof in event.data["documents"]] == [
        document.sha256 for document in request.documents
    ]


def test_a_blank_vat_is_computed_from_the_rate(accountant: Client, form: Form) -> None:
    accountant.post(ADD, form)
    assert only_request().vat_amount == Decimal("22541.07")


def test_a_typed_vat_is_kept(accountant: Client, form: Form) -> None:
    accountant.post(ADD, form | {"vat_amount": "1,234.50"})
    assert only_request().vat_amount == Decimal("1234.50")


@pytest.mark.parametrize("typed", ["125000.50", "125 000,50", "125\u00a0000,50", "125,000.50"])
def test_an_amount_is_taken_as_it_is_pasted(accountant: Client, form: Form, typed: str) -> None:
    accountant.post(ADD, form | {"amount": typed})
    assert only_request().amount == Decimal("125000.50")


def test_the_purpose_is_cleaned_before_it_is_measured(accountant: Client, form: Form) -> None:
    accountant.post(ADD, form | {"purpose": "«Сталь»" + " " * 210 + "по счёту"})
    assert only_request().purpose == '"Сталь" по счёту'


def test_save_and_submit_starts_the_approval(accountant: Client, form: Form) -> None:
    response = accountant.post(ADD, form | {"documents": a_file(), "_submit": ""}, follow=True)
    assert only_request().status == "in_approval"
    assert "was submitted" in text_of(response)


def test_what_is_not_ready_is_saved_as_a_draft_and_said(accountant: Client, form: Form) -> None:
    response = accountant.post(ADD, form | {"comment": "", "_submit": ""}, follow=True)
    assert only_request().status == "draft"
    assert "Attach a document" in text_of(response)


def test_problems_stand_at_their_fields_and_nothing_typed_is_lost(
    accountant: Client, form: Form, company: Company
) -> None:
    stranger = Counterparty.objects.create(name="ООО «Другой»", inn="7707083893")
    bad = {"counterparty": stranger.pk, "amount": "много", "comment": "Не потерять"}
    response = accountant.post(ADD, form | bad)
    errors = response.context["form"].errors
    assert set(errors) == {"counterparty_account", "amount"}
    assert errors["counterparty_account"] == ["This account belongs to another counterparty."]
    assert "много" in text_of(response)
    assert "Не потерять" in text_of(response)
    assert not PaymentRequest.objects.exists()


def test_an_empty_form_is_refused_field_by_field(accountant: Client) -> None:
    errors = accountant.post(ADD, {"amount": ""}).context["form"].errors
    assert {"organization", "counterparty", "amount", "purpose", "desired_date"} <= set(errors)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "0"),
        ("amount", "-5"),
        ("amount", "1,234"),
        ("amount", "9" * 30),
        ("vat_amount", "999999999"),
        ("purpose", "П" * 211),
        ("purpose", "→"),
        ("desired_date", "31.02.2026"),
        ("department", "abc"),
        ("organization", "99999999999999999999"),
        ("currency", "XXX"),
    ],
)
def test_nonsense_is_refused_at_its_field(
    accountant: Client, form: Form, name: str, value: str
) -> None:
    response = accountant.post(ADD, form | {name: value})
    assert response.status_code == 200
    assert name in response.context["form"].errors
    assert not PaymentRequest.objects.exists()


def test_a_draft_is_changed_and_the_journal_says_how(
    accountant: Client, form: Form, company: Company
) -> None:
    request = company.draft()
    response = accountant.post(page(request), form | {"amount": "999"}, follow=True)
    request.refresh_from_db()
    assert request.amount == Decimal(999)
    assert "<del>125,000.50</del> → <ins>999.00</ins>" in text_of(response)


def test_saving_without_a_change_writes_nothing(accountant: Client, company: Company) -> None:
    request = company.draft()
    initial = accountant.get(page(request)).context["form"].initial
    before = request.events.count()
    accountant.post(page(request), {name: value or "" for name, value in initial.items()})
    assert request.events.count() == before


def test_who_has_seen_an_older_state_is_warned_and_changes_nothing(
    accountant: Client, form: Form, company: Company
) -> None:
    request = company.draft()
    seen = accountant.get(page(request)).context["version"]
    accountant.post(page(request), form | {"amount": "999", "version": seen})
    response = accountant.post(page(request), form | {"amount": "111", "version": seen})
    assert "someone has changed this request" in text_of(response)
    request.refresh_from_db()
    assert request.amount == Decimal(999)
    # Whoever saves after the warning has seen the newest state.
    newest = response.context["version"]
    accountant.post(page(request), form | {"amount": "111", "version": newest})
    request.refresh_from_db()
    assert request.amount == Decimal(111)


def test_a_material_change_in_approval_asks_anew(
    accountant: Client, form: Form, company: Company
) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    accountant.post(page(request), form | {"amount": "500000"})
    request.refresh_from_db()
    assert (request.revision, request.stage and request.stage.position) == (2, 1)


def test_the_organization_of_a_submitted_request_is_only_read(
    accountant: Client, form: Form, company: Company
) -> None:
    request = company.submitted()
    response = accountant.get(f"{page(request)}?edit=1")
    shown = response.context["form"].fields["organization"]
    assert shown.disabled
    assert "For another organization copy the request" in text_of(response)
    assert not response.context["form"].fields["department"].disabled
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5047043838")
    accountant.post(page(request), form | {"organization": other.pk})
    request.refresh_from_db()
    assert request.organization == company.organization


def test_what_makes_a_submitted_request_unfit_stands_at_its_field(
    accountant: Client, form: Form, company: Company
) -> None:
    request = company.submitted()
    directories.retire(row=company.account, reason="Счёт арестован")
    response = accountant.post(page(request), form | {"vat_amount": "1.00"})
    assert response.context["form"].errors == {
        "counterparty_account": [f"“{company.account}” is no longer in use. Счёт арестован"],
        "vat_amount": ["By the rate 22 % the VAT is 22,541.07: correct it."],
    }


def test_rates_to_come_and_of_the_last_year_are_offered_with_their_days(
    accountant: Client, company: Company
) -> None:
    VatRate.objects.all().delete()
    today = timezone.localdate()
    day, long = timedelta(days=1), timedelta(days=366)
    for name, since, until in (
        ("now", None, None), ("soon", today + day, None), ("just over", None, today - day),
        ("long over", None, today - long),
    ):  # fmt: skip
        VatRate.objects.create(name=name, percent=Decimal(22), since=since, until=until)
    offered = accountant.get(ADD).context["form"]["vat_rate"]
    labels = [str(label) for value, label in offered.field.choices if value]
    assert [label.partition(" (")[0] for label in labels] == ["now", "soon", "just over"]
    assert [label.partition(" (")[2][:5] for label in labels] == ["", "from ", "until"]


def test_a_rate_that_is_over_is_not_taken_from_the_last_request(
    accountant: Client, company: Company
) -> None:
    company.draft()
    yesterday = timezone.localdate() - timedelta(days=1)
    VatRate.objects.filter(pk=company.vat_rate.pk).update(until=yesterday)
    assert accountant.get(ADD).context["form"]["vat_rate"].value() is None
    query = {"counterparty": company.counterparty.pk}
    usual = accountant.get(f"{REQUESTS}choices/", query).json()["usual"]
    assert usual["vat_rate"] is None


def test_a_submitted_request_is_read_until_its_author_wants_to_change_it(
    accountant: Client, company: Company
) -> None:
    request = company.submitted()
    assert accountant.get(page(request)).context["form"] is None
    assert accountant.get(page(request) + "?edit=1").context["form"] is not None


def test_who_may_not_change_reads_and_a_post_is_refused(
    budget_holder: Client, form: Form, company: Company
) -> None:
    request = company.submitted()
    assert budget_holder.get(page(request) + "?edit=1").context["form"] is None
    response = budget_holder.post(page(request), form | {"amount": "1"})
    assert response.status_code == 403
    request.refresh_from_db()
    assert request.amount == Decimal("125000.50")


def test_who_may_not_ask_for_money_cannot_add(budget_holder: Client, form: Form) -> None:
    assert budget_holder.get(ADD).status_code == 403
    assert budget_holder.post(ADD, form).status_code == 403
    assert not PaymentRequest.objects.exists()


def test_a_stranger_does_not_even_see_a_request(company: Company) -> None:
    stranger = browse(company.sergey, "Согласующий")
    assert stranger.get(page(company.submitted())).status_code == 404


def test_a_new_form_begins_with_what_the_last_request_had(
    accountant: Client, company: Company
) -> None:
    company.draft()
    response = accountant.get(ADD, {"counterparty": company.counterparty.pk})
    form = response.context["form"]
    assert form["organization"].value() == company.organization.pk
    assert form["department"].value() == company.department.pk
    assert form["requester"].value() == company.anna.pk
    assert company.counterparty.inn in text_of(response)


def test_lists_follow_the_chosen_organization_and_counterparty(
    accountant: Client, company: Company
) -> None:
    bank = Bank.objects.get()
    closed = CounterpartyAccount(counterparty=company.counterparty, bank=bank, is_active=False)
    closed.number = "40702810500000000002"
    closed.save()
    query = {"organization": company.organization.pk, "counterparty": company.counterparty.pk}
    found = accountant.get(f"{REQUESTS}choices/", query).json()
    assert [option["label"] for option in found["department"]] == ["Маркетинг", "Производство"]
    assert [option["value"] for option in found["own_account"]] == [company.own_account.pk]
    account = {"value": company.account.pk, "label": str(company.account), "currency": "RUB"}
    assert found["counterparty_account"] == [account]
    assert found["usual"] == {}


def test_a_counterparty_brings_what_its_last_request_had(
    accountant: Client, company: Company
) -> None:
    company.draft(contract="12 от 01.02.2026")
    query = {"counterparty": company.counterparty.pk}
    usual = accountant.get(f"{REQUESTS}choices/", query).json()["usual"]
    assert usual["contract"] == "12 от 01.02.2026"
    assert usual["cash_flow_item"] == {"value": company.item.pk, "label": str(company.item)}


@pytest.mark.parametrize("query", ["", "?organization=x", "?counterparty=99999999999999999999999"])
def test_nonsense_finds_no_choices(accountant: Client, query: str) -> None:
    response = accountant.get(f"{REQUESTS}choices/{query}")
    assert response.status_code == 200
    assert not any(response.json().values())


def test_choices_are_for_those_who_fill_forms(budget_holder: Client, company: Company) -> None:
    assert budget_holder.get(f"{REQUESTS}choices/?organization=1").status_code == 403
    assert Client().get(f"{REQUESTS}choices/?organization=1").status_code == 302


def test_a_counterparty_is_found_by_its_inn(accountant: Client, company: Company) -> None:
    query = {
        "term": "352800", "app_label": "treasury", "model_name": "paymentrequest",
        "field_name": "counterparty",
    }  # fmt: skip
    results = accountant.get(f"{REQUESTS}counterparties/", query).json()["results"]
    text = "АО «Северсталь» · 3528000597 / 997550001"
    assert results == [{"id": str(company.counterparty.pk), "text": text}]


def test_the_same_invoice_in_another_request_is_pointed_out(
    accountant: Client, company: Company
) -> None:
    first, second = company.submitted(), company.draft()
    assert list(accountant.get(page(second)).context["same_invoice"]) == [first]
