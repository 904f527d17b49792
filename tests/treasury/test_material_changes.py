"""What was approved is what is paid: a material change asks again, those whom it concerns."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile

from tests.company import ADMIN, PDF, Company
from treasury.errors import NobodyCanDecide
from treasury.models import (
    ApprovalStage,
    ApproverGroup,
    CounterpartyAccount,
    Currency,
    GroupMembership,
    PaymentRequest,
)
from treasury.services import requests
from treasury.workflow import Concern, Status

State = ApprovalStage.State


def change(company: Company, request: PaymentRequest, **fields: Any) -> PaymentRequest:
    return requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def another_account(company: Company, currency: str = Currency.RUB) -> CounterpartyAccount:
    number = {Currency.RUB: "40702810500000000002", Currency.USD: "40702840000000000001"}
    return CounterpartyAccount.objects.create(
        counterparty=company.counterparty, bank=company.account.bank,
        number=number[Currency(currency)], currency=currency,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "reopened_at"),
    [
        ({"amount": Decimal("200000.00"), "vat_amount": Decimal("36065.57")}, 1),
        ({"purpose": "Оплата по счёту 46"}, 2),
        ({"contract": "№ 7 от 01.11.2026"}, 2),
        ({"amount": Decimal("125000.49"), "vat_amount": Decimal("22541.08")}, 2),
        ({"amount": Decimal("125000.49"), "purpose": "Оплата по счёту 46"}, 2),
        ({"own_account": "another"}, 3),
    ],
)
def test_a_material_change_of_an_approved_request_reopens_what_it_concerns(
    company: Company, fields: dict[str, Any], reopened_at: int
) -> None:
    request = company.approved()
    values = {k: company.further_account() if v == "another" else v for k, v in fields.items()}
    request = change(company, request, **values)

    assert (request.status, request.revision) == (Status.IN_APPROVAL, 2)
    assert company.open_position(request) == reopened_at
    chain = list(request.stages.valid())
    assert [stage.position for stage in chain] == [1, 2, 3]
    assert [stage.state for stage in chain[: reopened_at - 1]] == [State.PASSED] * (reopened_at - 1)
    assert {task.revision for task in request.tasks.filter(status="open")} == {2}

    for person in (company.boris, company.fedor, company.tamara)[reopened_at - 1 :]:
        company.approve(request, person)
    request.refresh_from_db()
    assert request.status == Status.APPROVED


@pytest.mark.parametrize("approved", [False, True])
def test_another_requester_asks_again_from_the_first_stage(
    company: Company, approved: bool
) -> None:
    """Whatever the stages answer for: who decided before may be the one who asks now."""
    company.route.stages.filter(position=1).update(concern=Concern.PAYEE)
    company.route.stages.filter(position=2).update(concern=Concern.BUDGET)
    request = company.approved() if approved else company.submitted()
    request = change(company, request, requester=company.boris)
    assert (request.status, request.revision) == (Status.IN_APPROVAL, 2)
    assert company.open_position(request) == 1
    assert [task.employee for task in request.tasks.filter(status="open")] == [company.vera]
    assert request.events.latest("id").data["material"]


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.usefixtures("english")
def test_nobody_becomes_the_requester_without_whom_nobody_could_decide(
    company: Company, approved: bool
) -> None:
    request = company.approved() if approved else company.submitted()
    with pytest.raises(NobodyCanDecide, match="only those who ask for the payment"):
        change(company, request, requester=company.tamara)
    fresh = PaymentRequest.objects.get(pk=request.pk)
    assert (fresh.requester, fresh.revision, fresh.status) == (
        company.anna, 1, request.status,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "revision"),
    [
        ({"comment": "Поторопите, пожалуйста"}, 1),
        ({"priority": "high"}, 1),
        ({"amount": Decimal("125000.45")}, 2),
        ({"amount": Decimal("100000.00"), "vat_amount": Decimal("18032.79")}, 2),
    ],
)
def test_an_immaterial_change_keeps_the_approvals(
    company: Company, fields: dict[str, Any], revision: int
) -> None:
    """A revision is written for what is paid, though nobody is asked about less."""
    request = change(company, company.approved(), **fields)
    assert (request.status, request.revision) == (Status.APPROVED, revision)
    assert request.events.latest("id").data["changes"].keys() == fields.keys()


def test_a_kopeck_less_never_opens_the_vat(company: Company) -> None:
    """As far as one kopeck more of it may be; see also `test_readiness`."""
    request = company.approved()
    fields = {"amount": Decimal("125000.49"), "vat_amount": Decimal("22541.06")}
    request = change(company, request, **fields)
    assert (request.status, request.revision) == (Status.IN_APPROVAL, 2)


def test_a_smaller_amount_lets_no_vat_grow_even_in_proportion(company: Company) -> None:
    request = company.approved(vat_amount=Decimal("22541.06"))
    request = change(company, request, amount=Decimal("125000.49"), vat_amount=Decimal("22541.07"))
    assert request.status == Status.IN_APPROVAL


def test_the_vat_alone_asks_anew(company: Company) -> None:
    request = change(company, company.approved(), amount=Decimal("125000.45"))
    assert request.status == Status.APPROVED
    request = change(company, request, vat_amount=Decimal("22541.06"))
    assert request.status == Status.IN_APPROVAL


@pytest.mark.parametrize("rest", ["", " до 30.11"])
def test_a_purpose_may_follow_a_smaller_amount_in_its_vat_alone(
    company: Company, rest: str
) -> None:
    text = "Оплата по счёту 45"
    request = company.approved(purpose=f"{text}. В т.ч. НДС 22% - 22541.07 руб.")
    request = change(
        company, request, amount=Decimal("100000.00"), vat_amount=Decimal("18032.79"),
        purpose=f"{text}{rest}. В т.ч. НДС 22% - 18032.79 руб.",
    )  # fmt: skip
    assert request.status == (Status.IN_APPROVAL if rest else Status.APPROVED)


def test_a_change_during_approval_that_concerns_a_later_stage_asks_the_open_one_anew(
    company: Company,
) -> None:
    request = company.submitted()
    request = change(company, request, own_account=company.further_account())
    assert request.revision == 2
    assert company.open_position(request) == 1


def test_a_larger_amount_brings_in_the_stage_of_its_threshold(company: Company) -> None:
    company.route.stages.filter(position=3).update(min_amount=Decimal(1_000_000))
    request = company.submitted()
    company.approve(request, company.boris)
    company.approve(request, company.fedor)
    request.refresh_from_db()
    assert request.status == Status.APPROVED

    request = change(company, request, **company.sums(1_000_000))
    company.approve(request, company.boris)
    company.approve(request, company.fedor)
    assert company.open_position(request) == 3


def test_the_open_stage_is_passed_over_when_the_amount_falls_below_its_threshold(
    company: Company,
) -> None:
    company.route.stages.filter(position=1).update(min_amount=Decimal(100_000))
    request = company.submitted()
    request = change(company, request, contract="№ 7 от 01.11.2026", **company.sums(99_000))
    states = list(request.stages.valid().values_list("state", flat=True))
    assert states == [State.SKIPPED, State.OPEN, State.WAITING]


def test_a_changed_route_never_touches_a_request_in_flight(company: Company) -> None:
    request = company.submitted()
    company.route.stages.filter(position__gt=1).delete()
    company.approve(request, company.boris)
    assert company.open_position(request) == 2


def test_a_removed_document_is_material_and_an_added_one_is_not(company: Company) -> None:
    request = company.approved()
    requests.attach(
        request=request, actor=company.anna, channel=ADMIN, file=ContentFile(PDF + b"%", "Акт.pdf")
    )
    request.refresh_from_db()
    assert (request.status, request.revision) == (Status.APPROVED, 2)

    request = requests.detach(
        attachment=request.documents.latest("id"), actor=company.anna, channel=ADMIN
    )
    assert (request.status, request.revision) == (Status.IN_APPROVAL, 3)
    assert company.open_position(request) == 2
    assert [document.name for document in request.documents] == ["Счёт 1.pdf"]


@pytest.mark.parametrize("roles", [("financial_managers",), ("financial_managers", "treasurers")])
def test_an_approval_from_before_the_change_is_not_counted_for_it(
    company: Company, roles: tuple[str, ...]
) -> None:
    """The route counts an earlier approval of the same person, but only of what is asked now."""
    for group in ApproverGroup.objects.filter(code__in=roles):
        GroupMembership.objects.create(group=group, employee=company.boris)
    request = company.submitted()
    company.approve(request, company.boris)
    if company.open_position(request):
        company.approve(request, company.tamara)
    request.refresh_from_db()
    assert request.status == Status.APPROVED

    request = change(company, request, counterparty_account=another_account(company))

    assert request.status == Status.IN_APPROVAL
    assert company.open_position(request) == 2
    assert company.task(request, company.boris).status == "open"


@pytest.mark.parametrize("amount", ["125000.50", "125000.00"])
def test_the_same_number_in_another_currency_is_another_amount(
    company: Company, amount: str
) -> None:
    request = change(
        company, company.approved(), currency=Currency.USD, **company.sums(amount),
        counterparty_account=another_account(company, Currency.USD), own_account=None,
    )  # fmt: skip
    assert company.open_position(request) == 1


def test_a_further_change_never_asks_fewer(company: Company) -> None:
    """Nobody answers for the budget here, so a change of the amount is everyone's."""
    company.route.stages.filter(position=1).update(concern=Concern.PAYMENT)
    company.route.stages.filter(position=3).update(concern=Concern.PAYEE)
    for more in ({}, {"purpose": "Оплата по счёту 46"}):
        request = change(company, company.approved(), **company.sums(900_000), **more)
        assert company.open_position(request) == 1


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.usefixtures("english")
def test_no_change_brings_a_request_below_every_threshold(company: Company, approved: bool) -> None:
    """Nothing is ever approved by nobody."""
    company.route.stages.update(min_amount=Decimal(100_000))
    request = company.approved() if approved else company.submitted()
    smaller = company.sums(amount="99999.99")
    with pytest.raises(NobodyCanDecide, match="No stage"):
        change(company, request, contract="№ 7 от 01.11.2026", **smaller)
    fresh = PaymentRequest.objects.get(pk=request.pk)
    assert (fresh.status, fresh.revision, fresh.amount) == (request.status, 1, request.amount)
