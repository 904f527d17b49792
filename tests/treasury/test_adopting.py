"""What a leaver has left behind is gone on with by a colleague."""

import pytest

from tests.company import ADMIN, Company
from treasury import proving, rights
from treasury.errors import NoRight, TreasuryError, WrongStatus
from treasury.models import Employee, PaymentRequest
from treasury.services import decisions, requests
from treasury.workflow import Action


@pytest.fixture
def gleb(company: Company) -> Employee:
    """Another accountant."""
    return company.allow(company.gleb, "add_paymentrequest", "change_paymentrequest")


def leave(person: Employee) -> None:
    Employee.objects.filter(pk=person.pk).update(is_active=False)


def adopt(request: PaymentRequest, actor: Employee) -> PaymentRequest:
    return requests.adopt(request=request, actor=actor, channel=ADMIN)


def fresh(request: PaymentRequest) -> PaymentRequest:
    return PaymentRequest.objects.get(pk=request.pk)


def test_the_new_author_submits_and_neither_decides(company: Company, gleb: Employee) -> None:
    company.department.budget_holders.add(company.anna, gleb)
    draft = company.draft(requester=company.sergey)
    leave(company.anna)
    adopted = adopt(draft, gleb)
    assert (adopted.author, adopted.makers) == (gleb, [company.anna.pk])
    Employee.objects.filter(pk=company.anna.pk).update(is_active=True)
    fields = {"requester": gleb}
    requests.change(request=adopted, actor=gleb, channel=ADMIN, fields=fields)
    submitted = requests.submit(request=adopted, actor=gleb, channel=ADMIN)
    asked = {task.employee for task in submitted.tasks.filter(status="open")}
    assert asked == {company.boris, company.vera}


def test_it_stands_in_the_journal(company: Company, gleb: Employee) -> None:
    draft = company.draft()
    leave(company.anna)
    adopt(draft, gleb)
    event = draft.events.last()
    assert event
    assert (event.action, event.actor, event.status) == (Action.ADOPT, gleb, "draft")
    assert event.data == {
        "changes": {"author": ["Смирнова Анна", "Чужов Глеб"]}, "makers": [company.anna.pk],
    }  # fmt: skip
    assert list(proving.faults()) == []


def test_also_what_was_returned_and_of_one_who_prepares_no_more(
    company: Company, gleb: Employee
) -> None:
    request = company.submitted()
    decisions.return_for_rework(
        task=company.task(request, company.boris), actor=company.boris, channel=ADMIN,
        reason="Нет договора",
    )  # fmt: skip
    company.anna.user_permissions.clear()
    assert adopt(request, gleb).author == gleb


def test_of_an_author_who_prepares_requests_nothing_is_taken(
    company: Company, gleb: Employee
) -> None:
    draft = company.draft()
    with pytest.raises(NoRight):
        adopt(draft, gleb)
    with pytest.raises(TreasuryError):
        requests.cancel(request=draft, actor=gleb, channel=ADMIN)
    assert fresh(draft).author == company.anna


@pytest.mark.parametrize("right", ["add_paymentrequest", "change_paymentrequest"])
def test_who_may_not_prepare_or_not_edit_takes_nothing_over(company: Company, right: str) -> None:
    draft = company.draft()
    leave(company.anna)
    with pytest.raises(NoRight):
        adopt(draft, company.allow(company.gleb, right))


def test_what_is_submitted_is_not_taken_over(company: Company, gleb: Employee) -> None:
    request = company.submitted()
    leave(company.anna)
    with pytest.raises(WrongStatus):
        adopt(request, gleb)


def test_whoever_may_take_it_over_may_give_it_up_at_once(company: Company, gleb: Employee) -> None:
    draft = company.draft()
    leave(company.anna)
    assert requests.cancel(request=draft, actor=gleb, channel=ADMIN).status == "cancelled"


def test_drafts_are_copied_by_whoever_prepares(company: Company, gleb: Employee) -> None:
    draft = company.draft()
    assert Action.COPY in rights.actions(draft, gleb)
    copy = requests.create(author=gleb, channel=ADMIN, fields=company.fields(), copied_from=draft)
    assert (copy.author, copy.copied_from) == (gleb, draft)
