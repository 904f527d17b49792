"""From which account a request is paid: chosen with his approval by who answers for the payment."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.company import ADMIN, TELEGRAM, Company
from treasury import proving
from treasury.errors import NotAllowed, NotReady
from treasury.models import (
    ApproverGroup,
    CounterpartyAccount,
    Employee,
    GroupMembership,
    Organization,
    OwnAccount,
    PaymentRequest,
    Quorum,
    SamePerson,
)
from treasury.services import decisions, directories, requests
from treasury.workflow import Concern, Status

pytestmark = pytest.mark.usefixtures("english")


def waiting_for_payment(company: Company, own_account: OwnAccount | None = None) -> PaymentRequest:
    request = company.submitted(own_account=own_account)
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    return request


def approve(
    company: Company, request: PaymentRequest, account: OwnAccount | None, who: Employee
) -> None:
    task = company.task(request, who)
    decisions.approve(task=task, actor=who, channel=TELEGRAM, own_account=account)
    request.refresh_from_db()


def test_the_treasurer_approves_and_chooses_in_one_entry(company: Company) -> None:
    request = waiting_for_payment(company)
    approve(company, request, company.own_account, company.tamara)
    assert (request.status, request.revision) == (Status.APPROVED, 2)
    assert (request.own_account, request.makers) == (company.own_account, [])
    event = request.events.latest("sequence")
    assert event.action == "approve"
    assert event.data["changes"] == {"own_account": ["", str(company.own_account)]}


def test_he_may_want_another_account_than_the_one_that_stands_there(company: Company) -> None:
    request = waiting_for_payment(company, company.own_account)
    other = company.further_account()
    approve(company, request, other, company.tamara)
    assert (request.status, request.revision, request.own_account) == (Status.APPROVED, 2, other)
    changes = {"own_account": [str(company.own_account), str(other)]}
    assert request.events.latest("sequence").data["changes"] == changes


def test_the_same_account_is_no_change(company: Company) -> None:
    request = waiting_for_payment(company, company.own_account)
    approve(company, request, company.own_account, company.tamara)
    assert "changes" not in request.events.latest("sequence").data


def test_nobody_else_chooses(company: Company) -> None:
    request = company.submitted(own_account=None)
    for person in (company.boris, company.fedor):
        with pytest.raises(NotAllowed, match="whoever answers for the payment"):
            approve(company, request, company.own_account, person)
        company.approve(request, person)
    request.refresh_from_db()
    assert request.own_account is None


def test_only_what_can_pay_is_taken(company: Company) -> None:
    request = waiting_for_payment(company)
    stranger = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="5003052454")
    foreign, in_dollars, retired, closed_bank, gone = (
        company.further_account(f"407028100000000000{serial}") for serial in range(21, 26)
    )
    OwnAccount.objects.filter(pk=foreign.pk).update(organization=stranger)
    OwnAccount.objects.filter(pk=in_dollars.pk).update(currency="USD")
    directories.retire(row=retired, reason="Счёт закрыт")
    gone.delete()
    for account in (foreign, in_dollars, retired, gone):
        with pytest.raises(NotReady, match="cannot pay for the request"):
            approve(company, request, account, company.tamara)
    directories.retire(row=closed_bank.bank, reason="Лицензия отозвана")
    with pytest.raises(NotReady, match="cannot pay for the request"):
        approve(company, request, closed_bank, company.tamara)
    request.refresh_from_db()
    assert (request.status, request.own_account) == (Status.IN_APPROVAL, None)


def test_without_an_account_the_payment_is_not_approved(company: Company) -> None:
    request = waiting_for_payment(company)
    with pytest.raises(NotReady, match="Choose the account"):
        approve(company, request, None, company.tamara)
    request.refresh_from_db()
    assert request.status == Status.IN_APPROVAL
    assert company.task(request, company.tamara).status == "open"


def test_an_organization_without_such_an_account_pays_all_the_same(company: Company) -> None:
    request = waiting_for_payment(company)
    OwnAccount.objects.update(currency="USD")
    approve(company, request, None, company.tamara)
    assert (request.status, request.own_account) == (Status.APPROVED, None)


def test_a_route_on_which_nobody_answers_for_the_payment_needs_none(company: Company) -> None:
    company.route.stages.filter(position=3).update(concern=Concern.PAYEE)
    request = waiting_for_payment(company)
    approve(company, request, None, company.tamara)
    assert request.status == Status.APPROVED


def test_whose_approval_counts_at_the_payment_too_chooses_before_it(company: Company) -> None:
    company.route.same_person = SamePerson.SKIP
    company.route.save()
    managers = ApproverGroup.objects.get(code="financial_managers")
    GroupMembership.objects.create(group=managers, employee=company.tamara)
    request = company.submitted(own_account=None)
    company.approve(request, company.boris)
    with pytest.raises(NotReady, match="Choose the account"):
        approve(company, request, None, company.tamara)
    approve(company, request, company.own_account, company.tamara)
    assert (request.status, request.own_account) == (Status.APPROVED, company.own_account)


def test_what_was_approved_before_the_choice_counts_at_no_later_stage(company: Company) -> None:
    company.route.stages.filter(position=2).update(concern=Concern.PAYMENT)
    for code in ("financial_managers", "treasurers"):
        group = ApproverGroup.objects.get(code=code)
        GroupMembership.objects.filter(group=group).delete()
        person = company.tamara if code == "financial_managers" else company.boris
        GroupMembership.objects.create(group=group, employee=person)
    request = company.submitted(own_account=None)
    company.approve(request, company.boris)
    approve(company, request, company.own_account, company.tamara)
    assert company.open_position(request) == 3
    approve(company, request, None, company.boris)
    assert request.status == Status.APPROVED


def test_what_another_treasurer_has_approved_stays(company: Company) -> None:
    treasurers = ApproverGroup.objects.get(code="treasurers")
    GroupMembership.objects.create(group=treasurers, employee=company.sergey)
    company.route.stages.filter(position=3).update(quorum=Quorum.ALL)
    request, other = waiting_for_payment(company), company.further_account()
    approve(company, request, company.own_account, company.tamara)
    with pytest.raises(NotAllowed, match="Others have approved the payment"):
        approve(company, request, other, company.sergey)
    approve(company, request, company.own_account, company.sergey)
    assert (request.status, request.own_account) == (Status.APPROVED, company.own_account)


def test_of_two_who_answer_for_the_payment_the_first_chooses(company: Company) -> None:
    treasurers = ApproverGroup.objects.get(code="treasurers")
    GroupMembership.objects.create(group=treasurers, employee=company.sergey)
    company.route.stages.filter(position=3).update(quorum=Quorum.ALL)
    request = waiting_for_payment(company)
    with pytest.raises(NotReady, match="Choose the account"):
        approve(company, request, None, company.tamara)
    assert not request.decisions.filter(decided_by=company.tamara).exists()


def test_a_refused_choice_is_as_if_it_had_never_been_made(company: Company) -> None:
    request = waiting_for_payment(company)
    directories.retire(row=company.account, reason="Счёт закрыт")
    with pytest.raises(NotReady, match="Счёт закрыт"):
        approve(company, request, company.own_account, company.tamara)
    assert list(proving.faults()) == []
    CounterpartyAccount.objects.update(is_active=True)
    approve(company, request, company.own_account, company.tamara)
    assert (request.status, request.revision) == (Status.APPROVED, 2)


def test_a_later_change_of_it_asks_the_treasurer_again(company: Company) -> None:
    request = waiting_for_payment(company)
    approve(company, request, company.own_account, company.tamara)
    request = requests.change(
        request=request, actor=company.anna, channel=ADMIN,
        fields={"own_account": company.further_account()},
    )  # fmt: skip
    assert company.open_position(request) == 3


def statements(company: Company, own_account: OwnAccount | None) -> int:
    """Of the treasurer's approval by which the company's account pays."""
    request = waiting_for_payment(company, own_account)
    task = company.task(request, company.tamara)
    with CaptureQueriesContext(connection) as queries:
        decisions.approve(
            task=task, actor=company.tamara, channel=TELEGRAM, own_account=company.own_account
        )
    return len(queries)


def test_the_choice_costs_the_account_and_a_revision(company: Company) -> None:
    assert statements(company, None) <= statements(company, company.own_account) + 6


def test_who_chooses_approves_what_he_has_chosen(company: Company) -> None:
    request = waiting_for_payment(company)
    approve(company, request, company.own_account, company.tamara)
    newest = request.revisions.get(number=2)
    assert newest.facts["own_account"]["number"] == company.own_account.number
    assert request.decisions.latest("id").snapshot == newest
    assert list(proving.faults()) == []
