"""The back office as its people open it."""

from collections.abc import Sequence
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from tests.company import Company
from treasury.models import Employee, PaymentRequest

REQUESTS = "/admin/treasury/paymentrequest/"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def browse(person: Employee, *roles: str) -> Client:
    """A browser in English, in which the person has logged in with these roles."""
    groups = Group.objects.filter(name__in=roles)
    assert len(groups) == len(roles)
    # Nobody's cards are to be shown anew, as after `set`.
    given = Employee.groups.through.objects
    given.filter(employee=person).delete()
    given.bulk_create(given.model(employee=person, group=group) for group in groups)
    Employee.objects.filter(pk=person.pk).update(is_staff=True)
    client = Client(headers={"accept-language": "en"})
    client.force_login(Employee.objects.get(pk=person.pk))
    return client


@pytest.fixture
def accountant(company: Company) -> Client:
    return browse(company.anna, "Бухгалтер")


@pytest.fixture
def budget_holder(company: Company) -> Client:
    return browse(company.boris, "Согласующий")


@pytest.fixture
def administrator(company: Company) -> Client:
    return browse(company.gleb, "Администратор")


@pytest.fixture
def form(company: Company) -> dict[str, Any]:
    """What a filled form sends."""
    return {
        "organization": company.organization.pk,
        "department": company.department.pk,
        "cash_flow_item": company.item.pk,
        "requester": company.anna.pk,
        "counterparty": company.counterparty.pk,
        "counterparty_account": company.account.pk,
        "own_account": "",
        "amount": "125 000,50",
        "currency": "RUB",
        "vat_rate": company.vat_rate.pk,
        "vat_amount": "",
        "purpose": "Оплата по счёту 45 за «металлопрокат»",
        "invoice_number": "45",
        "invoice_date": "2026-11-10",
        "contract": "",
        "desired_date": (timezone.localdate() + timedelta(days=7)).isoformat(),
        "priority": "normal",
        "comment": "Срочная поставка",
    }


def page(request: PaymentRequest) -> str:
    return f"{REQUESTS}{request.pk}/change/"


def button(request: PaymentRequest, action: str) -> str:
    return f"{REQUESTS}{request.pk}/do/{action}/"


def text_of(response: Any) -> str:
    return str(response.content.decode())


class FormReader(HTMLParser):
    """What a browser would send of a page whose fields nobody has touched."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.sent.setdefault(self._select, []).append(value)
        elif tag == "input" and name and given.get("type") not in {"submit", "file"}:
            is_tick = given.get("type") in {"checkbox", "radio"}
            if not is_tick or "checked" in given:
                self.sent.setdefault(name, []).append(value or ("on" if is_tick else ""))


def opened(client: Client, url: str) -> dict[str, Any]:
    """What the page at this address sends, as it is shown now."""
    reader = FormReader()
    reader.feed(text_of(client.get(url)))
    return dict(reader.sent)


def shown(client: Client, url: str) -> dict[str, Any]:
    """Of it only what the page remembers of the moment when it was opened."""
    sent = opened(client, url)
    return {name: value for name, value in sent.items() if name.startswith("initial-")}


def save(client: Client, url: str, data: dict[str, Any]) -> Any:
    """Open the page and send this from it."""
    return client.post(url, shown(client, url) | data)
