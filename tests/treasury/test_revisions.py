"""What was approved stands written, and is what is paid."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from tests.company import ADMIN, TELEGRAM, Company
from treasury import facts, materiality, standing
from treasury.errors import NotReady, Superseded
from treasury.models import Counterparty, Department, Organization, PaymentRequest
from treasury.services import decisions, directories, requests
from treasury.workflow import Action, Concern, Status

pytestmark = pytest.mark.usefixtures("english")


def change(company: Company, request: PaymentRequest, **fields: object) -> PaymentRequest:
    return requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def renamed(company: Company, name: str = "ООО «Рога и копыта»") -> None:
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name=name)


def test_a_submit_writes_down_all_that_is_approved(company: Company) -> None:
    request = company.submitted(own_account=company.own_account)
    revision = request.revisions.get()
    document = request.documents.get()
    assert revision.facts == {
        "organization": {
            "key": company.organization.pk, "name": "ООО «Ромашка»", "inn": "7707083893",
            "kpp": "773601001",
        },
        "department": {"key": company.department.pk, "name": "Производство"},
        "cash_flow_item": {"key": company.item.pk, "code": "01.1", "name": "Оплата поставщикам"},
        "counterparty": {
            "key": company.counterparty.pk, "name": "АО «Северсталь»", "inn": "3528000597",
            "kpp": "997550001",
        },
        "counterparty_account": {
            "key": company.account.pk, "number": "40702810200000000001", "bik": "044525225",
            "bank": "ПАО Сбербанк",
        },
        "own_account": {
            "key": company.own_account.pk, "number": "40702810900000000013", "bik": "044525225",
            "bank": "ПАО Сбербанк",
        },
        "currency": "RUB", "amount": "125000.50", "vat_amount": "22541.07",
        "vat_rate": {"key": company.vat_rate.pk, "name": "22 %", "percent": "22.00"},
        "purpose": request.purpose, "invoice_number": "45", "invoice_date": "2026-11-10",
        "contract": "", "requester": {"key": company.anna.pk, "name": "Смирнова Анна"},
        "documents": {document.sha256: "Счёт 1.pdf"},
    }  # fmt: skip
    assert (request.snapshot, revision.number) == (revision, request.revision)
    assert revision.digest == revision.computed_digest()
    assert request.events.get(action=Action.SUBMIT).data["digest"] == revision.digest


def test_a_decision_names_the_revision_and_its_digest(company: Company) -> None:
    request = company.submitted()
    decision = company.approve(request, company.boris)
    first = request.revisions.get()
    assert (decision.snapshot, decision.digest) == (first, first.digest)
    request = change(company, request, **company.sums("125000.00"))
    assert company.approve(request, company.fedor).snapshot == request.revisions.get(number=2)
    entry = request.events.filter(action=Action.APPROVE).latest("id")
    assert entry.data["digest"] == request.revisions.get(number=2).digest
    decision.refresh_from_db()
    assert decision.snapshot == request.revisions.get(number=1)


def test_each_change_of_what_is_paid_is_a_revision(company: Company) -> None:
    request = change(company, company.approved(), invoice_number="46")
    assert (request.status, request.revision) == (Status.IN_APPROVAL, 2)
    entry = request.events.get(action=Action.CHANGE, revision=2)
    assert entry.data["digest"] == request.revisions.get(number=2).digest
    assert request.revisions.get(number=1).facts["invoice_number"] == "45"
    request = change(company, request, comment="Поторопите, пожалуйста")
    assert request.revision == 2


def test_while_it_is_prepared_or_reworked_nothing_is_asked(company: Company) -> None:
    request = company.submitted()
    request = requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    assert request.snapshot is None
    request = change(company, request, **company.sums(900))
    assert request.revisions.get().facts["amount"] == "125000.50"
    request = requests.submit(request=request, actor=company.anna, channel=ADMIN)
    assert (request.revision, request.revisions.get(number=2).facts["amount"]) == (2, "900.00")
    decisions.return_for_rework(
        task=company.task(request, company.boris), actor=company.boris, channel=TELEGRAM,
        reason="Не хватает акта",
    )  # fmt: skip
    request.refresh_from_db()
    assert (request.status, request.snapshot) == (Status.RETURNED, None)


def test_it_is_shown_as_it_was_submitted_whatever_the_directories_say_now(
    company: Company,
) -> None:
    request = company.submitted()
    renamed(company)
    Department.objects.filter(pk=company.department.pk).update(name="Цех")
    fresh = PaymentRequest.objects.get(pk=request.pk)
    shown = standing.as_submitted(fresh)
    assert (shown.counterparty.name, shown.department.name) == ("АО «Северсталь»", "Производство")
    assert standing.warnings(fresh) == [
        "Changed in the directories: counterparty: АО «Северсталь» → ООО «Рога и копыта»",
        "Changed in the directories: department: Производство → Цех",
    ]


def test_nobody_approves_what_the_directories_have_made_of_it(company: Company) -> None:
    request = company.submitted()
    renamed(company)
    with pytest.raises(Superseded, match="АО «Северсталь» → ООО «Рога и копыта»"):
        company.approve(request, company.boris)
    assert not request.decisions.exists()
    Counterparty.objects.filter(pk=company.counterparty.pk).update(name="АО «Северсталь»")
    Organization.objects.filter(pk=company.organization.pk).update(kpp="770701001")
    with pytest.raises(Superseded, match="organization, KPP: 773601001 → 770701001"):
        company.approve(request, company.boris)


def test_saved_once_more_it_is_asked_anew_as_the_directories_have_it(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    renamed(company)
    request = change(company, request, comment=request.comment)
    assert (request.revision, company.open_position(request)) == (2, 2)
    entry = request.events.latest("id")
    assert entry.data["changes"]["counterparty"] == [
        "АО «Северсталь», 3528000597, 997550001", "ООО «Рога и копыта», 3528000597, 997550001",
    ]  # fmt: skip
    company.approve(request, company.fedor)


def test_another_name_of_a_department_asks_nobody(company: Company) -> None:
    request = company.submitted()
    Department.objects.filter(pk=company.department.pk).update(name="Цех")
    assert company.approve(request, company.boris).snapshot == request.snapshot
    assert change(company, request, comment=request.comment).revision == 1


def test_the_last_approval_compares_every_row(company: Company) -> None:
    request = company.submitted()
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    type(company.vat_rate).objects.filter(pk=company.vat_rate.pk).update(percent=Decimal(20))
    with pytest.raises((Superseded, NotReady)):
        company.approve(request, company.tamara)


def test_an_account_out_of_use_is_said_of_what_was_approved(company: Company) -> None:
    request = company.approved()
    assert standing.warnings(request) == []
    directories.retire(row=company.account, reason="Счёт закрыт банком")
    request = PaymentRequest.objects.get(pk=request.pk)
    assert standing.warnings(request) == [
        "“40702810200000000001, ПАО Сбербанк” is no longer in use. Счёт закрыт банком"
    ]


@pytest.mark.parametrize(
    ("payment_status", "warned"),
    [("none", 1), ("batched", 1), ("failed", 1), ("exported", 0), ("partly_paid", 0), ("paid", 0)],
)
def test_what_is_with_the_bank_is_warned_of_no_more(
    company: Company, payment_status: str, warned: int
) -> None:
    request = company.approved()
    PaymentRequest.objects.filter(pk=request.pk).update(payment_status=payment_status)
    directories.retire(row=company.account, reason="Счёт закрыт банком")
    request = PaymentRequest.objects.get(pk=request.pk)
    assert len(standing.warnings(request)) == warned
    assert standing.resting_on(company.account).count() == warned


def test_a_request_in_approval_has_its_snapshot(company: Company) -> None:
    request = company.submitted()
    with pytest.raises(DatabaseError), transaction.atomic():
        PaymentRequest.objects.filter(pk=request.pk).update(snapshot=None)


def test_what_no_rule_names_asks_everyone() -> None:
    old, new = {"amount": "1.00", "weight": "1"}, {"amount": "1.00", "weight": "2"}
    differing = list(facts.differences(old, new))
    assert materiality.concerns(old, new, differing) == set(Concern)
