"""The press, the queue, the page, the card and «why» answer alike who decides as a deputy."""

from collections.abc import Callable

import pytest

from tests.company import TELEGRAM, Company
from tests.treasury.conftest import appoint, stage
from treasury import explanation, rights
from treasury.approval import read
from treasury.errors import NotAllowed
from treasury.models import (
    ApprovalTask,
    Delegation,
    Employee,
    Organization,
    PaymentRequest,
)
from treasury.services import decisions

pytestmark = pytest.mark.usefixtures("english")


def of_his_own(company: Company) -> None:
    appoint(company.boris, company.sergey)


def of_this_organization(company: Company) -> None:
    appoint(company.boris, company.sergey, organization=company.organization)


def of_another_organization(company: Company) -> None:
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    appoint(company.boris, company.sergey, organization=other)


def of_this_stage(company: Company) -> None:
    appoint(company.boris, company.sergey, stage=stage(company, 1))


def of_another_stage(company: Company) -> None:
    appoint(company.boris, company.sergey, stage=stage(company, 2))


def by_an_administrator(company: Company) -> None:
    gleb = company.allow(company.gleb, "add_delegation")
    appoint(company.boris, company.sergey, actor=gleb)


def by_somebody_forgotten(company: Company) -> None:
    by_an_administrator(company)
    Delegation.objects.update(begun_by=None)


def by_the_author(company: Company) -> None:
    anna = company.allow(company.anna, "add_delegation")
    appoint(company.boris, company.sergey, actor=anna)


def by_whoever_has_changed_it(company: Company) -> None:
    by_an_administrator(company)
    PaymentRequest.objects.update(makers=[company.gleb.pk])


def of_one_who_asks(company: Company) -> None:
    of_his_own(company)
    PaymentRequest.objects.update(requester=company.boris)


def of_one_who_has_left(company: Company) -> None:
    of_his_own(company)
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)


@pytest.mark.parametrize(
    ("delegate", "decides"),
    [
        (of_his_own, True),
        (of_this_organization, True),
        (of_another_organization, False),
        (of_this_stage, True),
        (of_another_stage, False),
        (by_an_administrator, True),
        (by_somebody_forgotten, True),
        (by_the_author, False),
        (by_whoever_has_changed_it, False),
        (of_one_who_asks, False),
        (of_one_who_has_left, False),
    ],
)
def test_a_deputy_sees_has_and_decides_the_same_requests(
    company: Company, delegate: Callable[[Company], None], decides: bool
) -> None:
    request, sergey = company.submitted(), company.sergey
    delegate(company)
    request.refresh_from_db()
    task = company.task(request, company.boris)
    [opened, *_later] = explanation.explain(read(request)).stages
    deputies = {entry.deputy for one in opened.people for entry in one.delegations}
    answers = {
        "sees": PaymentRequest.objects.visible_to(sergey).filter(pk=request.pk).exists(),
        "reads": PaymentRequest.objects.readable_by(sergey).filter(pk=request.pk).exists(),
        "is waited for": PaymentRequest.objects.waiting_for(sergey).exists(),
        "has the task": ApprovalTask.objects.open_for(sergey).exists(),
        "has the buttons": rights.task_of(read(request), sergey) == task,
        "has the card": rights.may_decide(read(request), task, sergey),
        "is shown": deputies == {sergey},
        "is told why": explanation.why(read(request), sergey) != [],
        "decides": _decides(task, sergey),
    }
    assert answers == dict.fromkeys(answers, decides)


def _decides(task: ApprovalTask, person: Employee) -> bool:
    try:
        return decisions.approve(task=task, actor=person, channel=TELEGRAM).decided_by == person
    except NotAllowed:
        return False
