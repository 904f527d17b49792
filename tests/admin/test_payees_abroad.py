"""A payee abroad is written down, found and shown by its country, its number and a SWIFT."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import REQUESTS, browse, opened, page, save, text_of
from tests.company import Company
from treasury.models import Bank, Counterparty, CounterpartyAccount, Employee, PaymentRequest
from treasury.workflow import Status

DIRECTORIES = "/admin/treasury"
PAYEES = f"{DIRECTORIES}/counterparty/"
IBAN = "DE89370400440532013000"


def sent(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Müller Werkzeuge GmbH", "country": "DE", "tax_number": "DE136695976",
        "is_active": "on", "accounts-TOTAL_FORMS": 0, "accounts-INITIAL_FORMS": 0, **changes,
    }  # fmt: skip


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


def test_the_form_begins_in_russia_and_explains_what_is_asked_where(accountant: Client) -> None:
    assert opened(accountant, f"{PAYEES}add/")["country"] == ["RU"]
    text = text_of(accountant.get(f"{PAYEES}add/"))
    assert text.index(">Russia<") < text.index(">Argentina<") < text.index(">AF<")
    assert "Of a payee in Russia." in text
    assert "Of a payee abroad: what its own country knows it by." in text
    assert "back_office/payee.js" in text


def test_an_accountant_adds_the_bank_and_then_the_payee_with_a_pasted_iban(
    accountant: Client, company: Company
) -> None:
    bank = {"swift": "coba de ff xxx", "name": "Commerzbank", "city": "Frankfurt", "_popup": "1"}
    accountant.post(f"{DIRECTORIES}/bank/add/?_popup=1", bank)
    saved = Bank.objects.get(bik=None)
    assert saved.swift == "COBADEFF"
    row = {
        "bank": saved.pk, "number": "DE89 3704 0044 0532 0130 00", "currency": "EUR",
        "is_active": "on",
    }  # fmt: skip
    account = {f"accounts-0-{name}": value for name, value in row.items()}
    data = sent(**account | {"accounts-TOTAL_FORMS": 1}, tax_number="de 136/695-976")
    assert accountant.post(f"{PAYEES}add/", data).status_code == 302
    payee = Counterparty.objects.get(country="DE")
    assert (payee.tax_number, payee.inn, payee.kpp) == ("DE136695976", "", "")
    assert payee.accounts.get().number == IBAN


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"tax_number": ""}, "tax_number", "Fill in the tax number, or the KIO"),
        ({"inn": "7707083893"}, "inn", "Of a payee abroad leave this empty, or choose Russia"),
        ({"country": "RU"}, "tax_number", "Of a payee in Russia leave this empty"),
        ({"country": "RU", "tax_number": ""}, "inn", "Fill in the INN from the invoice"),
        ({"country": "RU", "tax_number": "", "inn": "7707083890"}, "inn", "check digits"),
        ({"kio": "123"}, "kio", "A KIO has 5 digits"),
    ],
)
def test_what_is_wrong_is_said_once_and_at_its_field(
    accountant: Client, changes: dict[str, str], field: str, said: str
) -> None:
    response = accountant.post(f"{PAYEES}add/", sent(**changes))
    [(wrong, [text])] = errors(response).items()
    assert (wrong, said in text) == (field, True), text
    assert not Counterparty.objects.filter(name="Müller Werkzeuge GmbH").exists()


def test_a_number_that_is_known_already_is_refused(accountant: Client, company: Company) -> None:
    company.payee_abroad()
    response = accountant.post(f"{PAYEES}add/", sent(name="Müller"))
    assert "with this tax number already exists" in errors(response)["__all__"][0]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({}, "bik", "Fill in the BIK; of a bank abroad the SWIFT"),
        ({"swift": "SABRRUMM"}, "swift", "This bank is in Russia: fill in its BIK"),
        ({"swift": "COBADEFF", "bik": "044525593"}, "swift", "leave this empty"),
        ({"swift": "COBA"}, "swift", "8 or 11 Latin letters"),
    ],
)
def test_a_bank_says_which_code_it_needs(
    accountant: Client, changes: dict[str, str], field: str, said: str
) -> None:
    response = accountant.post(f"{DIRECTORIES}/bank/add/", {"name": "Bank", **changes})
    assert said in errors(response)[field][0]


def test_an_account_says_at_its_number_what_does_not_fit_the_bank(
    accountant: Client, company: Company
) -> None:
    account = company.payee_abroad()
    data = {
        "counterparty": account.counterparty_id, "bank": account.bank_id, "currency": "EUR",
        "number": "GB82 WEST 1234 5698 7654 32", "is_active": "on",
    }  # fmt: skip
    response = accountant.post(f"{DIRECTORIES}/counterpartyaccount/add/", data)
    assert errors(response) == {
        "number": ["This IBAN is of GB, and the bank is in DE: compare both."]
    }


def test_once_submitted_its_facts_are_only_read_and_the_kio_can_still_be_added(
    accountant: Client, company: Company
) -> None:
    account = company.payee_abroad()
    company.submitted(**company.abroad(account))
    address = f"{PAYEES}{account.counterparty_id}/change/"
    form = accountant.get(address).context["adminform"].form
    assert {name for name, field in form.fields.items() if field.disabled} == {
        "country", "tax_number",
    }  # fmt: skip
    data = sent(country="CN", tax_number="1234", kio="12345")
    assert save(accountant, address, data).status_code == 302
    payee = Counterparty.objects.get(pk=account.counterparty_id)
    assert (payee.country, payee.tax_number, payee.kio) == ("DE", "DE136695976", "12345")
    told = text_of(accountant.get(address.replace("/change/", "/history/")))
    assert "KIO: — → 12345" in told


def test_a_correction_of_the_number_is_a_new_row(accountant: Client, company: Company) -> None:
    account = company.payee_abroad()
    company.submitted(**company.abroad(account))
    address = f"{PAYEES}add/?corrects={account.counterparty_id}"
    data = opened(accountant, address)
    assert (data["country"], data["tax_number"]) == (["DE"], ["DE136695976"])
    assert data["accounts-0-number"] == [IBAN]
    data |= {"tax_number": "DE999999999", "former_reason": "Описка в номере"}
    assert accountant.post(address, data).status_code == 302
    account.counterparty.refresh_from_db()
    assert not account.counterparty.is_active
    assert Counterparty.objects.get(tax_number="DE999999999").accounts.get().number == IBAN


@pytest.mark.parametrize("typed", ["DE136695976", "6695", "12345", "müller"])
def test_payee_and_request_are_found_by_what_it_is_known_by(
    accountant: Client, company: Company, typed: str
) -> None:
    account = company.payee_abroad(country="DE", tax_number="DE136695976", kio="12345")
    request = company.draft(**company.abroad(account))
    company.draft()
    listed = text_of(accountant.get(PAYEES, {"q": typed}))
    assert "Germany, KIO 12345, tax number DE136695976" in listed
    assert "Северсталь" not in listed
    found = accountant.get(REQUESTS, {"q": typed}).context["cl"].result_list
    assert list(found) == [request]
    offered = accountant.get(f"{REQUESTS}counterparties/", _autocomplete(typed)).json()["results"]
    assert [option["text"] for option in offered] == [
        "Müller Werkzeuge GmbH · Germany / 12345 / DE136695976"
    ]


def test_a_bank_is_found_by_its_swift(accountant: Client, company: Company) -> None:
    company.payee_abroad()
    listed = accountant.get(f"{DIRECTORIES}/bank/", {"q": "cobade"}).context["cl"].result_list
    assert [str(bank) for bank in listed] == ["Commerzbank (COBADEFF)"]


def test_from_the_form_of_a_request_to_its_page_and_the_copy(
    accountant: Client, company: Company, form: dict[str, Any]
) -> None:
    account = company.payee_abroad()
    fields = company.abroad(account)
    data = form | {
        "counterparty": account.counterparty_id, "counterparty_account": account.pk,
        "currency": "EUR", "amount": "1 500,00", "vat_rate": fields["vat_rate"].pk,
        "own_account": fields["own_account"].pk, "purpose": fields["purpose"],
    }  # fmt: skip
    accountant.post(f"{REQUESTS}add/", data)
    request = PaymentRequest.objects.get()
    copied = text_of(accountant.get(f"{REQUESTS}add/?copy={request.pk}"))
    assert "Müller Werkzeuge GmbH · Germany / DE136695976" in copied
    assert f"{IBAN}, Commerzbank" in copied
    accountant.post(f"{REQUESTS}{request.pk}/do/submit/")
    request.refresh_from_db()
    assert request.status == Status.IN_APPROVAL
    assert not request.vat_amount
    text = text_of(browse(company.boris, "Согласующий").get(page(request)))
    assert "Germany, tax number DE136695976" in text
    assert f'{IBAN} <span class="quiet">Commerzbank, SWIFT COBADEFF</span>' in text


def test_an_account_in_another_currency_is_refused(
    accountant: Client, company: Company, form: dict[str, Any]
) -> None:
    account = company.payee_abroad()
    data = {"counterparty": account.counterparty_id, "counterparty_account": account.pk}
    response = accountant.post(f"{REQUESTS}add/", form | data)
    assert "is in EUR" in errors(response)["currency"][0]
    assert not PaymentRequest.objects.exists()


def test_a_treasurer_gets_no_account_of_ours_abroad(company: Company) -> None:
    bank = company.payee_abroad().bank
    data = {
        "organization": company.organization.pk, "bank": bank.pk, "currency": "EUR",
        "number": "40702978400000000031", "is_active": "on",
    }  # fmt: skip
    treasurer = browse(company.tamara, "Казначей")
    response = treasurer.post(f"{DIRECTORIES}/ownaccount/add/", data)
    assert "choose one with a BIK" in errors(response)["bank"][0]


def test_in_russian_it_is_said_in_russian(company: Company) -> None:
    browse(company.anna, "Бухгалтер")
    client = Client(headers={"accept-language": "ru"})
    client.force_login(Employee.objects.get(pk=company.anna.pk))
    account = company.payee_abroad(country="CN", kio="12345")
    text = text_of(client.get(PAYEES))
    assert "Китай, КИО 12345" in text
    response = client.post(f"{PAYEES}add/", sent(tax_number=""))
    assert "налоговый номер" in errors(response)["tax_number"][0]
    assert CounterpartyAccount.objects.get(pk=account.pk).bank.code.label == "SWIFT"


def _autocomplete(term: str) -> dict[str, str]:
    names = {"app_label": "treasury", "model_name": "paymentrequest", "field_name": "counterparty"}
    return {"term": term, **names}
