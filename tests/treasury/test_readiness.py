"""What may be approved: asked at the submit, and of every change while somebody may approve it."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from tests.company import ADMIN, PDF, Company
from treasury import readiness
from treasury.errors import NotReady
from treasury.models import (
    Counterparty,
    CounterpartyAccount,
    Department,
    Organization,
    PaymentRequest,
    VatRate,
)
from treasury.services import directories, requests
from treasury.workflow import Status

pytestmark = pytest.mark.usefixtures("english")
TEXT = "Оплата по счёту 45"


def change(company: Company, request: PaymentRequest, **fields: Any) -> PaymentRequest:
    return requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def said(act: Callable[[], object]) -> dict[str, str]:
    with pytest.raises(NotReady) as refusal:
        act()
    return {name: str(text) for name, text in refusal.value.by_field.items()}


def submit(company: Company, **fields: Any) -> dict[str, str]:
    """What a submit of such a request is refused for."""
    request = company.draft(**fields)
    return said(lambda: requests.submit(request=request, actor=company.anna, channel=ADMIN))


def out_of_use(row: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(is_active=False)


# The row, the field at which it is said.
ROWS: list[tuple[Callable[[Company], Any], str]] = [
    (lambda company: company.organization, "organization"),
    (lambda company: company.department, "department"),
    (lambda company: company.item, "cash_flow_item"),
    (lambda company: company.counterparty, "counterparty"),
    (lambda company: company.account, "counterparty_account"),
    (lambda company: company.account.bank, "counterparty_account"),
    (lambda company: company.own_account, "own_account"),
    (lambda company: company.own_account.bank, "own_account"),
]


@pytest.mark.parametrize(("row_of", "field"), ROWS)
def test_every_row_that_it_names_has_to_be_in_use(
    company: Company, row_of: Callable[[Company], Any], field: str
) -> None:
    draft = company.draft(own_account=company.own_account)
    waiting, approved = (
        make(own_account=company.own_account) for make in (company.submitted, company.approved)
    )
    row = row_of(company)
    out_of_use(row)
    refusal = said(lambda: requests.submit(request=draft, actor=company.anna, channel=ADMIN))
    assert refusal[field] == f"“{row}” is no longer in use."
    for request in (waiting, approved):
        assert field in said(lambda: change(company, request, comment="Поторопите"))  # noqa: B023
        attachment = request.documents.get()
        assert field in said(
            lambda: requests.detach(attachment=attachment, actor=company.anna, channel=ADMIN)  # noqa: B023
        )
        assert request.documents.exists()


def test_why_a_row_is_out_of_use_is_told(company: Company) -> None:
    request = company.submitted()
    directories.retire(row=company.account, reason="Счёт арестован")
    refusal = said(lambda: change(company, request, priority="high"))
    assert refusal == {
        "counterparty_account": f"“{company.account}” is no longer in use. Счёт арестован"
    }


def test_another_row_mends_it(company: Company) -> None:
    request = company.submitted()
    out_of_use(company.item)
    item = type(company.item).objects.create(code="02.1", name="Прочее")
    assert change(company, request, cash_flow_item=item).revision == 2


def test_a_document_can_always_be_added(company: Company) -> None:
    request = company.submitted()
    out_of_use(company.counterparty)
    file = ContentFile(PDF + b"%new", "Акт.pdf")
    requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    assert request.documents.count() == 2


def test_a_draft_is_changed_however_unready_it_is(company: Company) -> None:
    request = company.draft(documents=0)
    out_of_use(company.account)
    change(company, request, comment="", vat_amount=Decimal(1))


def test_what_does_not_fit_together_is_not_submitted(company: Company) -> None:
    request = company.draft()
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5047043838")
    payee = Counterparty.objects.create(name="ООО «Вектор»", inn="7707083893", kpp="773601001")
    Department.objects.update(organization=other)
    company.account.counterparty = payee
    company.account.save()
    refusal = said(lambda: requests.submit(request=request, actor=company.anna, channel=ADMIN))
    assert refusal == {
        "department": "This department belongs to another organization.",
        "counterparty_account": "This account belongs to another counterparty.",
    }


def test_the_last_document_and_the_explanation_do_not_go_both(company: Company) -> None:
    request = change(company, company.submitted(), comment="")
    document = request.documents.get()
    refusal = said(lambda: requests.detach(attachment=document, actor=company.anna, channel=ADMIN))
    assert list(refusal) == ["documents"]
    fresh = PaymentRequest.objects.get()
    assert (fresh.documents.count(), fresh.revision) == (1, 1)


def test_a_day_that_passes_while_others_decide_hinders_nothing(company: Company) -> None:
    approved, returned = company.approved(), company.draft()
    yesterday = timezone.localdate() - timedelta(days=1)
    PaymentRequest.objects.update(desired_date=yesterday)
    for request in (approved, returned):
        request.refresh_from_db()
    assert readiness.shortcomings(approved) == {}
    change(company, approved, own_account=company.own_account)
    assert list(readiness.shortcomings(returned)) == ["desired_date"]


@pytest.mark.parametrize(
    ("since", "until", "wanted", "invoiced", "holds"),
    [
        (None, date(2036, 12, 31), date(2036, 12, 31), None, True),
        (None, date(2036, 12, 31), date(2037, 1, 1), None, False),
        (date(2037, 1, 1), None, date(2036, 12, 31), None, False),
        # In December for January.
        (date(2037, 1, 1), None, date(2037, 1, 10), None, True),
        # What was delivered under the old rate is paid with it.
        (None, date(2026, 10, 31), date(2036, 12, 1), date(2026, 10, 20), True),
        (None, date(2026, 10, 31), date(2036, 12, 1), date(2026, 11, 1), False),
    ],
)
def test_a_rate_holds_on_the_day_of_the_payment_or_of_the_invoice(
    company: Company, since: date | None, until: date | None, wanted: date, invoiced: date | None,
    holds: bool,
) -> None:  # fmt: skip
    rate = VatRate.objects.create(name="Новая", percent=Decimal(22), since=since, until=until)
    fields = {"vat_rate": rate, "desired_date": wanted, "invoice_date": invoiced}
    if holds:
        assert company.submitted(**fields).status == Status.IN_APPROVAL
    else:
        assert list(submit(company, **fields)) == ["vat_rate"]


@pytest.mark.parametrize(
    ("percent", "vat_amount", "purpose", "agrees"),
    [
        ("22", "22541.07", TEXT, True),
        ("22", "22541.08", TEXT, True),
        ("22", "22541.06", TEXT, True),
        ("22", "22541.09", TEXT, False),
        ("22", "0.00", TEXT, False),
        ("22", "124999.00", TEXT, False),
        # An invoice that is rounded line by line, as the purpose says.
        ("22", "22541.30", f"{TEXT}. В т.ч. НДС 22% - 22541.30 руб.", True),
        ("22", "22542.08", f"{TEXT}. В т.ч. НДС 22% - 22542.08 руб.", False),
        # Several rates, each with its part.
        ("22", "541.07", f"{TEXT}. В т.ч. НДС 22% - 500.00 руб., НДС 10% - 41.07 руб.", True),
        ("22", "500.00", f"{TEXT}. В т.ч. НДС 22% - 500.00 руб., НДС не облагается", True),
        ("22", "541.07", f"{TEXT}. В т.ч. НДС 22% - 541.07 руб., НДС 10%", False),
        (None, "0.00", TEXT, True),
        (None, "0.01", TEXT, False),
        ("0", "0.01", TEXT, False),
    ],
)
def test_the_vat_is_what_the_rate_makes_of_the_amount(
    company: Company, percent: str | None, vat_amount: str, purpose: str, agrees: bool
) -> None:
    rate = VatRate.objects.create(name="Ставка", percent=percent and Decimal(percent))
    fields = {"vat_rate": rate, "vat_amount": Decimal(vat_amount), "purpose": purpose}
    if agrees:
        assert company.submitted(**fields).status == Status.IN_APPROVAL
    else:
        assert list(submit(company, **fields)) == ["vat_amount"]


def test_an_amount_is_not_changed_without_its_vat(company: Company) -> None:
    request = company.approved()
    refusal = said(lambda: change(company, request, amount=Decimal(1_000_000)))
    assert refusal == {"vat_amount": "By the rate 22 % the VAT is 180,327.87: correct it."}
    request.refresh_from_db()
    assert (request.status, request.amount) == (Status.APPROVED, Decimal("125000.50"))


@pytest.mark.parametrize("percent", ["22", "20", "10", "7", "5"])
def test_half_a_kopeck_of_vat_is_a_whole_one(percent: str) -> None:
    rate = VatRate(percent=Decimal(percent))
    for kopecks in range(1, 500):
        exact = Decimal(kopecks) * rate.percent / (100 + rate.percent)  # type: ignore[operator]
        difference = rate.included_in(Decimal(kopecks) / 100) * 100 - exact
        assert Decimal("-0.5") < difference <= Decimal("0.5")
    assert VatRate(percent=Decimal(20)).included_in(Decimal("0.03")) == Decimal("0.01")


@pytest.mark.parametrize("make", ["submitted", "approved"])
def test_the_organization_stays_after_the_first_submit(company: Company, make: str) -> None:
    request = getattr(company, make)()
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5047043838")
    with pytest.raises(ValidationError, match="copy the request instead") as refusal:
        change(company, request, organization=other)
    assert list(refusal.value.message_dict) == ["organization"]


def test_of_a_draft_that_came_back_the_organization_stays_too(company: Company) -> None:
    request = requests.withdraw(request=company.submitted(), actor=company.anna, channel=ADMIN)
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5047043838")
    department = Department.objects.create(organization=other, name="Склад")
    fields = {"organization": other, "department": department, "own_account": None}
    with pytest.raises(ValidationError, match="organization"):
        change(company, request, **fields)
    assert change(company, company.draft(), **fields).organization == other


@pytest.mark.usefixtures("english")
def test_the_last_approval_says_what_the_request_has_lost(company: Company) -> None:
    request = company.submitted()
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    CounterpartyAccount.objects.update(is_active=False, out_of_use_reason="Письмо о мошенниках")
    with pytest.raises(NotReady, match="40702810200000000001"):
        company.approve(request, company.tamara)
    request.refresh_from_db()
    assert request.status == "in_approval"
    assert company.task(request, company.tamara).status == "open"
    CounterpartyAccount.objects.update(is_active=True, out_of_use_reason="")
    company.approve(request, company.tamara)
    request.refresh_from_db()
    assert request.status == "approved"
