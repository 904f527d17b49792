"""The same invoice in two requests: it is submitted only with a reason, whoever comes first."""

import threading

import pytest
from django.db import connection
from django.utils import translation

from tests.company import ADMIN, Company
from treasury.errors import DuplicateInvoice, ReasonRequired
from treasury.models import Counterparty, CounterpartyAccount, Employee, PaymentRequest
from treasury.services import decisions, requests
from treasury.workflow import Action, Status

WHY = "Вторая часть поставки"


def submit(company: Company, request: PaymentRequest, reason: str = "") -> PaymentRequest:
    return requests.submit(request=request, actor=company.anna, channel=ADMIN, reason=reason)


def refusal(company: Company, request: PaymentRequest) -> str:
    with translation.override("en"), pytest.raises(DuplicateInvoice) as refused:
        submit(company, request)
    request.refresh_from_db()
    assert request.status in (Status.DRAFT, Status.RETURNED)
    return str(refused.value)


def test_without_a_reason_the_other_request_is_named(company: Company) -> None:
    first, second = company.submitted(), company.draft()
    assert f"{first.number} (In approval)" in refusal(company, second)


def test_the_reason_is_kept_in_the_journal(company: Company) -> None:
    first = company.submitted()
    request = submit(company, company.draft(), f"  {WHY} ")
    event = request.events.get(action=Action.SUBMIT)
    assert (event.reason, event.data["twins"]) == (WHY, [first.number])


def test_a_reason_has_to_be_one(company: Company) -> None:
    company.submitted()
    with pytest.raises(ReasonRequired):
        submit(company, company.draft(), "да")


@pytest.mark.parametrize(
    "number",
    ["№ Её-318/а", "Её-318/А", "ЕЕ-318/А", "её - 318/a", "Ee-318/A", "№\N{NO-BREAK SPACE}её-318/а"],
)
def test_an_invoice_is_the_same_however_its_number_was_typed(company: Company, number: str) -> None:
    first = company.draft(invoice_number="её-318/а")
    assert first.number in refusal(company, company.draft(invoice_number=number))


def test_a_short_number_is_the_same_too(company: Company) -> None:
    first = company.draft(invoice_number="№ 7")
    assert first.number in refusal(company, company.draft(invoice_number="7"))


def test_a_sign_alone_is_no_number(company: Company) -> None:
    company.draft(invoice_number="")
    assert submit(company, company.draft(invoice_number="№")).status == Status.IN_APPROVAL


def test_a_branch_of_the_payee_has_sent_the_same_invoice(company: Company) -> None:
    first = company.submitted()
    payee = company.counterparty
    branch = Counterparty.objects.create(name=payee.name, inn=payee.inn, kpp="781343001")
    account = CounterpartyAccount.objects.create(
        counterparty=branch, bank=company.account.bank, number=company.account.number
    )
    again = company.draft(counterparty=branch, counterparty_account=account)
    assert first.number in refusal(company, again)


@pytest.mark.parametrize("number", ["46", "451", ""])
def test_another_invoice_needs_no_reason(company: Company, number: str) -> None:
    company.submitted()
    request = submit(company, company.draft(invoice_number=number), WHY)
    event = request.events.get(action=Action.SUBMIT)
    assert (event.reason, "twins" in event.data) == ("", False)


def test_what_was_given_up_is_no_duplicate(company: Company) -> None:
    requests.cancel(request=company.draft(), actor=company.anna, channel=ADMIN)
    assert submit(company, company.draft()).status == Status.IN_APPROVAL


def give_back(company: Company, request: PaymentRequest) -> None:
    decisions.return_for_rework(
        task=company.task(request, company.boris), actor=company.boris, channel=ADMIN,
        reason="Нет договора",
    )  # fmt: skip


def test_after_a_return_the_reason_still_holds(company: Company) -> None:
    company.submitted()
    request = submit(company, company.draft(), WHY)
    give_back(company, request)
    request = submit(company, request)
    assert [event.reason for event in request.events.filter(action=Action.SUBMIT)] == [WHY, WHY]


def test_a_third_request_needs_a_reason_of_its_own(company: Company) -> None:
    company.submitted()
    request = submit(company, company.draft(), WHY)
    give_back(company, request)
    third = company.draft()
    assert third.number in refusal(company, request)


def test_a_stranger_to_the_other_request_learns_its_number_and_status(company: Company) -> None:
    first = company.submitted()
    company.allow(company.sergey, "add_paymentrequest")
    sergey = Employee.objects.get(pk=company.sergey.pk)
    request = requests.create(author=sergey, channel=ADMIN, fields=company.fields())
    with translation.override("en"), pytest.raises(DuplicateInvoice) as refused:
        requests.submit(request=request, actor=sergey, channel=ADMIN)
    assert f"{first.number} (In approval)" in str(refused.value)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_neither_slips_through(company: Company) -> None:
    drafts = [company.draft(), company.draft()]
    barrier = threading.Barrier(2)
    refused: list[DuplicateInvoice] = []

    def press(request: PaymentRequest) -> None:
        barrier.wait()
        try:
            submit(company, request)
        except DuplicateInvoice as refusal:
            refused.append(refusal)
        connection.close()

    threads = [threading.Thread(target=press, args=[draft]) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2
