"""Numbers of accounts, ИНН, КПП and БИК are taken as they are pasted."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import browse, text_of
from tests.company import Company
from treasury.models import Bank, Counterparty, CounterpartyAccount, OwnAccount

DIRECTORIES = "/admin/treasury"


def with_account(**fields: Any) -> dict[str, Any]:
    """A counterparty's form with one account in it, as a browser sends it."""
    return {
        "name": "ООО «Вектор»", "country": "RU", "is_active": "on",
        "accounts-TOTAL_FORMS": 1, "accounts-INITIAL_FORMS": 0, "accounts-0-currency": "RUB",
        "accounts-0-is_active": "on",
        **fields,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("inn", "kpp", "number"),
    [
        ("770708 3893", "7736 01001", "40702 81090 00000 00013"),
        ("7707\u00a0083893", "7736-01-001", "40702.810.9.0000.0000013"),
        (" 77\u202f07\u202f083893\u200b ", "773601001", "40702-810-9-0000-0000013"),
    ],
)
def test_what_stands_between_the_digits_is_dropped(
    accountant: Client, company: Company, inn: str, kpp: str, number: str
) -> None:
    bank = Bank.objects.get()
    data = with_account(inn=inn, kpp=kpp, **{"accounts-0-bank": bank.pk})
    accountant.post(f"{DIRECTORIES}/counterparty/add/", {**data, "accounts-0-number": number})
    payee = Counterparty.objects.get(inn="7707083893")
    assert payee.kpp == "773601001"
    assert payee.accounts.get().number == "40702810900000000013"


def test_a_number_that_is_too_long_is_refused_once_and_not_cut(
    accountant: Client, company: Company
) -> None:
    data = {"counterparty": company.counterparty.pk, "bank": company.account.bank_id,
            "number": "40702 81090 00000 00013 5", "currency": "RUB"}  # fmt: skip
    response = accountant.post(f"{DIRECTORIES}/counterpartyaccount/add/", data)
    assert response.context["errors"] == [
        ["An account has 20 digits, this one has 21: check how it is typed."]
    ]
    assert 'value="40702 81090 00000 00013 5"' in text_of(response)
    assert CounterpartyAccount.objects.count() == 1


def test_the_window_of_a_bank_and_an_own_account_take_them_too(
    company: Company, accountant: Client
) -> None:
    accountant.post(
        f"{DIRECTORIES}/bank/add/?_popup=1",
        {"bik": "044 525 974", "name": "АО «ТБанк»", "_popup": "1",
         "correspondent_account": "30101 81014 52500 00974"},
    )  # fmt: skip
    bank = Bank.objects.get(bik="044525974")
    assert bank.correspondent_account == "30101810145250000974"
    OwnAccount.objects.all().delete()
    browse(company.tamara, "Казначей").post(
        f"{DIRECTORIES}/ownaccount/add/",
        {"organization": company.organization.pk, "bank": company.account.bank_id,
         "number": "40702 81090 00000 00013", "currency": "RUB", "is_active": "on"},
    )  # fmt: skip
    assert OwnAccount.objects.get().number == "40702810900000000013"


@pytest.mark.parametrize(
    ("directory", "names"),
    [
        ("counterparty", ["inn", "kpp", "kio", "tax_number", "accounts-__prefix__-number"]),
        ("counterpartyaccount", ["number"]),
        ("bank", ["bik", "swift", "correspondent_account"]),
    ],
)
def test_the_browser_is_told_no_length_at_which_to_cut(
    accountant: Client, company: Company, directory: str, names: list[str]
) -> None:
    text = text_of(accountant.get(f"{DIRECTORIES}/{directory}/add/"))
    for name in names:
        field = next(tag for tag in text.split("<input ") if f'name="{name}"' in tag)
        assert "code-input" in field
        assert "maxlength" not in field.partition(">")[0]
