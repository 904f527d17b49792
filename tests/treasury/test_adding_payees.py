"""Payees and their accounts that are added outside the pages of the back office."""

from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import ValidationError

from tests.company import Company
from treasury import rights
from treasury.errors import NoRight
from treasury.models import Bank, Counterparty, CounterpartyAccount
from treasury.services import directories

NUMBER = "40702810400000000021"


def add(company: Company, **changes: Any) -> CounterpartyAccount:
    facts: dict[str, Any] = {
        "name": "ООО «Лютик»", "inn": "7707049388", "kpp": "770701001", "number": NUMBER,
        "bank": Bank.objects.get(), "actor": company.anna, **changes,
    }  # fmt: skip
    return directories.add_payee(**facts)


@pytest.fixture
def allowed(company: Company) -> Company:
    company.anna = company.allow(company.anna, "add_counterparty", "add_counterpartyaccount")
    return company


def test_the_history_of_both_says_who_has_added_them(allowed: Company) -> None:
    account = add(allowed)
    assert (account.counterparty.inn, account.currency) == ("7707049388", "RUB")
    entries = LogEntry.objects.order_by("pk")
    assert [(entry.user, entry.action_flag, entry.object_id) for entry in entries] == [
        (allowed.anna, ADDITION, str(account.counterparty_id)),
        (allowed.anna, ADDITION, str(account.pk)),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"inn": "7707049389"}, "inn"),
        ({"inn": "3528000597", "kpp": "997550001"}, "__all__"),
        ({"kpp": ""}, "kpp"),
        ({"name": ""}, "name"),
        ({"number": "40702810500000000021"}, "number"),
        ({"number": NUMBER[:-1]}, "__all__"),
    ],
)
def test_what_a_page_would_refuse_is_refused_and_nothing_added(
    allowed: Company, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        add(allowed, **changes)
    if hasattr(refused.value, "error_dict"):
        assert set(refused.value.error_dict) == {field}
    assert Counterparty.objects.count() == 1
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("held", [[], ["add_counterparty"], ["add_counterpartyaccount"]])
def test_both_rights_are_needed(company: Company, held: list[str]) -> None:
    company.anna = company.allow(company.anna, *held)
    with pytest.raises(NoRight):
        add(company)
    assert Counterparty.objects.count() == 1


def test_who_holds_a_right_has_it_by_a_role_or_of_his_own(company: Company) -> None:
    permission = "treasury.add_paymentrequest"
    assert list(rights.holders(permission)) == [company.anna]
    company.allow(company.tamara, "add_paymentrequest")
    company.anna.is_active = False
    company.anna.save()
    assert list(rights.holders(permission)) == [company.tamara]
