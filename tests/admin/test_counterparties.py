"""Counterparties are kept once: by ИНН and КПП, and with a question before another branch."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from tests.admin.conftest import save, text_of
from tests.company import Company
from treasury.models import Counterparty

PAYEES = "/admin/treasury/counterparty/"
# The company's payee is АО «Северсталь», 3528000597 / 997550001.
INN = "3528000597"
PERSON = "500100732259"


def sent(**changes: str) -> dict[str, str]:
    return {
        "name": "ООО «Северсталь-Сбыт»", "country": "RU", "inn": INN,
        "kpp": "352801001", "is_active": "on",
        "accounts-TOTAL_FORMS": "0", "accounts-INITIAL_FORMS": "0", **changes,
    }  # fmt: skip


def add(client: Client, **changes: str) -> Any:
    return client.post(f"{PAYEES}add/", sent(**changes))


def test_a_known_inn_is_asked_about_and_saved_as_a_branch_when_confirmed(
    accountant: Client, company: Company
) -> None:
    response = add(accountant)
    text = text_of(response)
    assert "already: АО «Северсталь» · 3528000597 / 997550001" in text
    assert 'type="checkbox" name="branch"' in text
    assert not Counterparty.objects.filter(kpp="352801001").exists()
    assert add(accountant, branch="on").status_code == 302
    assert Counterparty.objects.filter(inn=INN).count() == 2


def test_nothing_is_asked_of_a_new_inn_nor_of_an_old_row(
    accountant: Client, company: Company
) -> None:
    opened = text_of(accountant.get(f"{PAYEES}add/"))
    assert 'type="hidden" name="branch"' in opened
    assert add(accountant, inn="7707083893", kpp="773601001").status_code == 302
    Counterparty.objects.create(name="Филиал", inn=INN, kpp="352801001")
    address = f"{PAYEES}{company.counterparty.pk}/change/"
    data = sent(name="АО «Северсталь» (головное)", kpp=company.counterparty.kpp)
    assert save(accountant, address, data).status_code == 302


def test_the_same_inn_and_kpp_are_refused_even_when_confirmed(
    accountant: Client, company: Company
) -> None:
    response = add(accountant, kpp="997550001", branch="on")
    assert response.status_code == 200
    assert "already exists" in text_of(response)
    with pytest.raises(IntegrityError), transaction.atomic():
        Counterparty.objects.create(name="Двойник", inn=INN, kpp="997550001")


def test_without_a_kpp_a_person_is_kept_once_too(db: None) -> None:
    Counterparty.objects.create(name="ИП Иванов", inn=PERSON)
    with pytest.raises(IntegrityError), transaction.atomic():
        Counterparty.objects.create(name="ИП Иванов И. И.", inn=PERSON)


@pytest.mark.parametrize(
    ("inn", "kpp", "problem"),
    [
        ("7707083893", "", "A company has a KPP"),
        (PERSON, "773601001", "An entrepreneur, whose INN has 12 digits, has no KPP"),
    ],
)
def test_a_company_has_a_kpp_and_an_entrepreneur_has_none(
    accountant: Client, company: Company, inn: str, kpp: str, problem: str
) -> None:
    assert problem in text_of(add(accountant, inn=inn, kpp=kpp))
    assert not Counterparty.objects.filter(inn=inn).exists()


def test_an_entrepreneur_is_saved_without_a_kpp(accountant: Client, company: Company) -> None:
    assert add(accountant, inn=PERSON, kpp="").status_code == 302
