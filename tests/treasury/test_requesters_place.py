"""Naming an approver as the requester makes no approval easier."""

import pytest

from tests.company import ADMIN, Company
from treasury import deadlock, explanation
from treasury.approval import read
from treasury.errors import NobodyCanDecide
from treasury.models import ApprovalTask, Employee, PaymentRequest, Quorum
from treasury.services import requests

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(autouse=True)
def all_budget_holders_decide(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum=Quorum.ALL)


def asked(request: PaymentRequest) -> dict[Employee, str]:
    """Who is asked at the open stage, and whose voice he gives."""
    return {task.employee: task.origin for task in request.tasks.filter(status="open")}


def test_a_quorum_of_all_is_refused_without_the_requester(company: Company) -> None:
    draft = company.draft(requester=company.boris)
    [said] = deadlock.obstacles(draft)
    assert "needs the voice of Б. Орлов, who as the requester cannot decide" in str(said)
    with pytest.raises(NobodyCanDecide, match="name another requester"):
        requests.submit(request=draft, actor=company.anna, channel=ADMIN)


def test_a_stand_in_of_the_stage_is_asked_in_his_place(company: Company) -> None:
    company.may_take_over(company.sergey)
    draft = company.draft(requester=company.boris)
    planned = explanation.explain(read(draft)).stages[0].people
    assert {one.person for one in planned} == {company.vera, company.sergey}
    request = requests.submit(request=draft, actor=company.anna, channel=ADMIN)
    assert asked(request) == {company.vera: "route", company.sergey: "substitute"}
    company.approve(request, company.vera)
    assert company.open_position(request) == 1
    said = explanation.why(read(request), company.sergey)[-1]
    assert said == "Asked in the requester's place: budget holders of “Производство”"
    company.approve(request, company.sergey)
    assert company.open_position(request) == 2


def test_nobody_takes_it_who_asks_or_has_left_or_holds_the_role(company: Company) -> None:
    company.may_take_over(company.boris, company.vera, company.anna, company.gleb)
    Employee.objects.filter(pk=company.gleb.pk).update(is_active=False)
    with pytest.raises(NobodyCanDecide):
        company.submitted(requester=company.boris)


def test_his_substitute_decides_though_the_list_has_changed(company: Company) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted(requester=company.boris)
    company.may_take_over()
    company.approve(request, company.sergey)
    company.approve(request, company.vera)
    assert company.open_position(request) == 2


def test_a_number_of_them_that_needs_everyone_needs_his_place_too(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum=Quorum.COUNT, quorum_count=2)
    with pytest.raises(NobodyCanDecide, match="needs the voice"):
        company.submitted(requester=company.boris)
    company.department.budget_holders.add(company.gleb)
    request = company.submitted(requester=company.boris)
    assert set(asked(request)) == {company.vera, company.gleb}


def test_a_later_stage_asks_its_stand_in(company: Company) -> None:
    company.may_take_over(company.sergey, position=3)
    request = company.submitted(requester=company.tamara)
    for person in (company.boris, company.vera, company.fedor):
        company.approve(request, person)
    assert asked(request) == {company.sergey: ApprovalTask.Origin.SUBSTITUTE}


def test_where_any_one_decides_the_others_do(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum=Quorum.ANY)
    assert set(asked(company.submitted(requester=company.boris))) == {company.vera}


def test_the_author_and_whoever_has_changed_it_leave_a_quorum_of_all(company: Company) -> None:
    company.department.budget_holders.add(company.anna)
    request = company.submitted()
    assert set(asked(request)) == {company.boris, company.vera}
    boris = company.allow(company.boris, "change_paymentrequest")
    requests.change(request=request, actor=boris, channel=ADMIN, fields=company.sums(150_000))
    assert set(asked(request)) == {company.vera}
