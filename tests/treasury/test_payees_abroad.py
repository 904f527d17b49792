"""Payees and banks abroad: known by a country's number and a SWIFT, held as firmly as ours."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, models, transaction

from tests.company import Company
from tests.treasury.test_banks import ALFA, directory, entry
from treasury import countries, proving, standing
from treasury.errors import DuplicateInvoice, Superseded
from treasury.models import (
    Bank,
    Counterparty,
    CounterpartyAccount,
    OwnAccount,
    PaymentRequest,
)
from treasury.services import requests
from treasury.workflow import Status

pytestmark = pytest.mark.usefixtures("english")

IBAN = "DE89370400440532013000"
# How those of AO «Северсталь» are known, and somebody's abroad.
HERE = {"inn": "7707083893", "kpp": "773601001"}
THERE = {"country": "DE", "tax_number": "DE136695976"}


def problems(row: models.Model) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        row.full_clean()
    return refusal.value.message_dict


@pytest.mark.parametrize(
    ("known_by", "field", "said"),
    [
        ({}, "inn", "Fill in the INN"),
        (HERE | {"kio": "12345"}, "kio", "Of a payee in Russia leave this empty"),
        (HERE | {"tax_number": "DE136695976"}, "tax_number", "choose another country"),
        ({"inn": "7707083893"}, "kpp", "A company has a KPP"),
        ({"country": "DE"}, "tax_number", "Fill in the tax number, or the KIO"),
        (THERE | HERE, "inn", "Of a payee abroad leave this empty"),
        (THERE | HERE, "kpp", "or choose Russia"),
        ({"country": "DE", "kio": "1234"}, "kio", "A KIO has 5 digits"),
        ({"country": "DE", "tax_number": "D-1"}, "tax_number", "3 to 20 Latin letters and digits"),
        ({"country": "QQ", "kio": "12345"}, "country", "not a valid choice"),
    ],
)
def test_a_payee_is_known_in_the_way_of_its_country(
    db: None, known_by: dict[str, str], field: str, said: str
) -> None:
    [text] = problems(Counterparty(name="Müller", **known_by))[field]
    assert said in text


@pytest.mark.parametrize(
    "known_by",
    [HERE, THERE, {"country": "CN", "kio": "12345"}, THERE | {"kio": "12345"}],
)
def test_who_is_known_is_saved(db: None, known_by: dict[str, str]) -> None:
    payee = Counterparty(name="Müller", **known_by)
    payee.full_clean()
    payee.save()


@pytest.mark.parametrize(
    "known_by",
    [
        {}, HERE | {"kio": "12345"}, HERE | {"tax_number": "1234"}, {"country": "DE"},
        THERE | HERE, THERE | {"kpp": "773601001"},
    ],
)  # fmt: skip
def test_the_database_holds_it_too(db: None, known_by: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Counterparty.objects.create(name="Müller", **known_by)


def test_a_number_is_there_once_in_its_country(company: Company) -> None:
    company.payee_abroad(country="DE", tax_number="136695976", kio="12345")
    for again in (
        {"country": "DE", "tax_number": "136695976"}, {"country": "AT", "kio": "12345"},
    ):  # fmt: skip
        [text] = problems(Counterparty(name="Once more", **again))["__all__"]
        assert "already exists" in text
        with pytest.raises(IntegrityError), transaction.atomic():
            Counterparty.objects.create(name="Once more", **again)
    Counterparty.objects.create(name="Another", country="AT", tax_number="136695976")


@pytest.mark.parametrize(
    ("known_by", "field", "said"),
    [
        ({}, "bik", "Fill in the BIK; of a bank abroad the SWIFT"),
        ({"bik": "044525593", "swift": "COBADEFF"}, "swift", "leave this empty"),
        ({"swift": "SABRRUMM"}, "swift", "This bank is in Russia: fill in its BIK"),
        ({"swift": "COBAXXFF"}, "swift", "8 or 11 Latin letters"),
        (
            {"swift": "COBADEFF", "correspondent_account": "30101810200000000593"},
            "correspondent_account", "leave this empty",
        ),
    ],
)  # fmt: skip
def test_a_bank_is_known_by_a_bik_or_abroad_by_a_swift(
    db: None, known_by: dict[str, str], field: str, said: str
) -> None:
    [text] = problems(Bank(name="Bank", **known_by))[field]
    assert said in text


@pytest.mark.parametrize(
    "known_by",
    [
        {}, {"bik": "044525593", "swift": "COBADEFF"},
        {"swift": "COBADEFF", "correspondent_account": "30101810200000000593"},
    ],
)  # fmt: skip
def test_the_database_holds_the_bank_to_it(db: None, known_by: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Bank.objects.create(name="Bank", **known_by)


def test_a_swift_is_there_once_with_and_without_its_xxx(company: Company) -> None:
    company.payee_abroad()
    assert "already exists" in problems(Bank(name="Head office", swift="COBADEFFXXX"))["swift"][0]
    branch = Bank(name="Branch", swift="COBADEFF123")
    branch.full_clean()
    branch.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Bank.objects.create(name="Branch", swift="COBADEFF123")


@pytest.mark.parametrize(
    ("swift", "number", "said"),
    [
        ("COBADEFF", "DE89370400440532013001", "This IBAN is not valid"),
        ("COBADEFF", "DE8937040044053201300", "This IBAN is not valid"),
        ("COBADEFF", "GB82WEST12345698765432", "This IBAN is of GB, and the bank is in DE"),
        ("COBADEFF", "123", "4 to 34 Latin letters and digits"),
        ("", IBAN, "for an IBAN choose its bank"),
        ("", "744567890123", "An account has 20 digits, this one has 12"),
        ("", "40702978800000000002", "does not belong to a bank with BIK 044525225"),
    ],
)
def test_the_number_of_an_account_has_to_fit_its_bank(
    company: Company, swift: str, number: str, said: str
) -> None:
    bank = Bank.objects.create(name="Abroad", swift=swift) if swift else company.account.bank
    account = CounterpartyAccount(
        counterparty=company.counterparty, bank=bank, number=number, currency="EUR"
    )
    assert said in problems(account)["number"][0]


@pytest.mark.parametrize(
    ("swift", "number"),
    [
        ("COBADEFF", IBAN),
        ("BKCHCNBJ45A", "744567890123"),
        # Guernsey has no IBAN of its own.
        ("BARCGGSP", "GB82WEST12345698765432"),
        ("HSBCHKHH", "40702810900000000013"),
    ],
)
def test_abroad_an_account_has_an_iban_or_the_number_that_its_bank_gives(
    company: Company, swift: str, number: str
) -> None:
    account = CounterpartyAccount(
        counterparty=company.payee_abroad().counterparty, currency="CNY",
        bank=Bank.objects.get_or_create(swift=swift)[0], number=number,
    )  # fmt: skip
    CounterpartyAccount.objects.all().delete()
    account.full_clean()


def test_a_payee_abroad_may_have_an_account_in_russia(company: Company) -> None:
    account = CounterpartyAccount(
        counterparty=company.payee_abroad().counterparty, bank=company.account.bank,
        number="40702810900000000013",
    )  # fmt: skip
    account.full_clean()


def test_our_own_accounts_are_at_banks_in_russia(company: Company) -> None:
    bank = company.payee_abroad().bank
    ours = OwnAccount(
        organization=company.organization, bank=bank, number="40702978400000000031", currency="EUR"
    )
    assert "at banks in Russia" in problems(ours)["bank"][0]


def test_a_request_goes_its_whole_way_and_what_was_approved_stands_written(
    company: Company,
) -> None:
    account = company.payee_abroad(country="DE", tax_number="DE136695976", kio="12345")
    request = company.approved(**company.abroad(account))
    assert request.status == Status.APPROVED
    kept = request.revisions.get().facts
    payee = account.counterparty
    assert kept["counterparty"] == {
        "key": payee.pk, "name": "Müller Werkzeuge GmbH", "country": "DE", "kio": "12345",
        "tax_number": "DE136695976",
    }  # fmt: skip
    assert kept["counterparty_account"] == {
        "key": account.pk, "number": IBAN, "swift": "COBADEFF", "bank": "Commerzbank",
    }  # fmt: skip
    assert not list(proving.faults())


def test_it_is_shown_as_it_was_submitted(company: Company) -> None:
    request = company.submitted(**company.abroad(company.payee_abroad()))
    Bank.objects.filter(swift="COBADEFF").update(name="Commerzbank AG")
    Counterparty.objects.filter(country="DE").update(name="Müller & Söhne GmbH")
    shown = standing.as_submitted(PaymentRequest.objects.get(pk=request.pk))
    payee, account = shown.counterparty, shown.counterparty_account
    assert (payee.name, payee.foreign_country) == ("Müller Werkzeuge GmbH", "Germany")
    assert list(map(str, payee.numbers)) == ["tax number DE136695976"]
    assert (account.number, str(account.bank)) == (IBAN, "Commerzbank (COBADEFF)")


def test_another_payee_abroad_asks_anew_and_says_so(company: Company) -> None:
    request = company.approved(**company.abroad(company.payee_abroad()))
    other = Counterparty.objects.create(name="Schmidt GmbH", country="DE", tax_number="DE999")
    account = CounterpartyAccount.objects.create(
        counterparty=other, bank=Bank.objects.get(swift="COBADEFF"), number=IBAN, currency="EUR"
    )
    fields = {"counterparty": other, "counterparty_account": account}
    requests.change(request=request, actor=company.anna, channel="admin", fields=fields)
    request.refresh_from_db()
    assert (request.status, request.revision) == (Status.IN_APPROVAL, 2)


def test_the_same_invoice_of_the_same_payee_abroad_asks_for_a_reason(company: Company) -> None:
    account = company.payee_abroad()
    first, second = (company.draft(**company.abroad(account)) for _ in range(2))
    with pytest.raises(DuplicateInvoice, match=first.number):
        requests.submit(request=second, actor=company.anna, channel="admin")


def test_of_two_payees_abroad_neither_has_the_others_invoice(company: Company) -> None:
    """None of them has an ИНН: that is nothing in common."""
    one = company.payee_abroad()
    other = company.payee_abroad(country="CN", kio="12345")
    company.draft(**company.abroad(one))
    second = company.draft(**company.abroad(other))
    requests.submit(request=second, actor=company.anna, channel="admin")


def test_only_the_same_account_abroad_is_that_of_another_payee(company: Company) -> None:
    one = company.payee_abroad()
    other = company.payee_abroad(country="CN", kio="12345")
    others = CounterpartyAccount.objects.of_other_payees
    assert others(one).get() == other
    places = [Bank.objects.create(name="Bank", swift=swift) for swift in ("BKCHCNBJ", "ICBKCNBJ")]
    first, second = (
        CounterpartyAccount.objects.create(
            counterparty=account.counterparty, bank=bank, number="744567890123", currency="CNY"
        )
        for account, bank in zip((one, other), places, strict=True)
    )
    assert not others(first).exists()
    CounterpartyAccount.objects.filter(pk=second.pk).update(bank=places[0])
    assert others(first).get() == second


FACTS: list[tuple[str, str, Any]] = [
    ("counterparty", "country", "AT"), ("counterparty", "tax_number", "DE999"),
    ("counterparty", "tax_number", ""), ("account", "number", "744567890123"),
    ("account", "currency", "CNY"), ("bank", "swift", "BKCHCNBJ"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fact", "value"), FACTS)
def test_what_was_submitted_is_rewritten_by_no_form_and_by_nobody_in_the_database(
    company: Company, name: str, fact: str, value: Any
) -> None:
    account = company.payee_abroad(**THERE, kio="12345")
    row = {"account": account, "counterparty": account.counterparty, "bank": account.bank}[name]
    rows = type(row)._base_manager.filter(pk=row.pk)
    company.draft(**company.abroad(account))
    for each in (value, getattr(row, fact)):
        assert rows.update(**{fact: each})
    company.submitted(**company.abroad(account))
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(**{fact: value})
    setattr(row, fact, value)
    assert "add a new row, and take this one out" in problems(row)[fact][0]


def test_nobody_makes_a_bank_abroad_one_in_russia(company: Company) -> None:
    Bank.objects.update(correspondent_account="")
    company.submitted(**company.abroad(company.payee_abroad()))
    for code, there in (("COBADEFF", {"bik": "044525593"}), (None, {"swift": "BKCHCNBJ"})):
        with pytest.raises(IntegrityError), transaction.atomic():
            Bank.objects.filter(swift=code).update(**({"bik": None, "swift": None} | there))


def test_the_kio_is_filled_in_later_and_then_asked_once_more(company: Company) -> None:
    account = company.payee_abroad()
    request = company.submitted(**company.abroad(account))
    payee = Counterparty.objects.get(pk=account.counterparty_id)
    payee.kio = "12345"
    payee.full_clean()
    payee.save()
    with pytest.raises(Superseded, match="counterparty, KIO: — → 12345"):
        company.approve(request, company.boris)
    assert not list(proving.faults())
    requests.change(request=request, actor=company.anna, channel="admin", fields={})
    company.approve(request, company.boris)


def test_the_directory_of_the_bank_of_russia_leaves_banks_abroad_alone(
    company: Company, tmp_path: Path
) -> None:
    company.payee_abroad()
    Bank.objects.create(name="Bank of China", swift="BKCHCNBJ")
    abroad = Bank.objects.filter(bik=None).order_by("pk")
    before, path = list(abroad.values()), tmp_path / "ED807.xml"
    path.write_bytes(directory(entry(*ALFA)))
    said = StringIO()
    call_command("load_banks", str(path), "--whole", stdout=said)
    assert "1 added, 0 changed, 0 as before, 1 out of use" in said.getvalue()
    assert list(abroad.values()) == before


def test_countries_are_named_in_the_language_of_the_reader_russia_first() -> None:
    [first, *named, (_others, by_code)] = countries.choices()
    assert first == ("RU", "Russia")
    assert [name for _code, name in named] == sorted(name for _code, name in named)
    assert ("AF", "AF") in by_code
    assert len(countries.CODES) == 1 + len(named) + len(by_code) == 250
