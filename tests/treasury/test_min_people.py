"""So many different people decide, whatever roles and absences come together in one of them."""

import pytest

from tests.company import ADMIN, TELEGRAM, Company
from tests.treasury.conftest import appoint
from treasury import deadlock, explanation, rights
from treasury.approval import read
from treasury.errors import NobodyCanDecide, NotAllowed
from treasury.models import (
    ApprovalRoute,
    ApprovalStage,
    Decision,
    Employee,
    GroupMembership,
    PaymentRequest,
    SamePerson,
)
from treasury.services import decisions, requests

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture(params=[SamePerson.SKIP, SamePerson.ASK])
def same_person(request: pytest.FixtureRequest, company: Company) -> str:
    """The route minds nobody at two stages."""
    policy: str = request.param
    ApprovalRoute.objects.update(same_person=policy)
    return policy


def everywhere(company: Company, *budget_holders: Employee) -> None:
    """Boris is the financial manager and the treasurer; these hold the budget."""
    GroupMembership.objects.update(employee=company.boris)
    company.department.budget_holders.set(budget_holders)


def wants(company: Company, people: int) -> None:
    ApprovalRoute.objects.filter(pk=company.route.pk).update(min_people=people)


def status(request: PaymentRequest) -> str:
    request.refresh_from_db()
    return request.status


def approve_all(company: Company, request: PaymentRequest, person: Employee) -> None:
    """Whatever waits for the person, until nothing does."""
    while task := rights.task_of(read(PaymentRequest.objects.get(pk=request.pk)), person):
        decisions.approve(task=task, actor=person, channel=TELEGRAM)


def test_a_route_wants_two_people_unless_it_says_otherwise() -> None:
    assert ApprovalRoute().min_people == 2


def test_a_route_for_one_person_alone_is_refused_at_submit(
    company: Company, same_person: str
) -> None:
    everywhere(company, company.boris)
    draft = company.draft()
    said = "The route wants 2 different people to approve, only 1 could decide."
    assert deadlock.obstacles(draft) == [said]
    with pytest.raises(NobodyCanDecide, match=said):
        requests.submit(request=draft, actor=company.anna, channel=ADMIN)


def test_one_person_in_all_roles_waits_for_another(company: Company, same_person: str) -> None:
    everywhere(company, company.boris, company.vera)
    request = company.submitted()
    company.approve(request, company.boris)
    assert (status(request), company.open_position(request)) == ("in_approval", 1)
    approve_all(company, request, company.boris)
    assert company.open_position(request) == 1
    company.approve(request, company.vera)
    approve_all(company, request, company.boris)
    assert status(request) == "approved"
    people = {made.decided_by for made in request.decisions.all()}
    assert people == {company.boris, company.vera}


def test_the_last_stage_stays_open_for_a_colleague_and_keeps_what_was_given(
    company: Company, same_person: str
) -> None:
    everywhere(company, company.boris)
    last = company.route.stages.get(position=3)
    assert last.group
    GroupMembership.objects.create(group=last.group, employee=company.tamara)
    request = company.submitted()
    approve_all(company, request, company.boris)
    assert (status(request), company.open_position(request)) == ("in_approval", 3)
    assert company.task(request, company.boris).status == "decided"
    stage = request.stages.get(position=3)
    assert "2 different people" in explanation.lacks_people(stage, stage.tasks.all())
    company.approve(request, company.tamara)
    assert status(request) == "approved"
    assert request.decisions.count() == 4


def test_one_deputy_of_three_does_not_pass_all_stages_alone(
    company: Company, same_person: str
) -> None:
    company.department.budget_holders.set([company.boris])
    for absent in (company.boris, company.fedor, company.tamara):
        appoint(absent, company.sergey)
    request = company.submitted()
    for absent in (company.boris, company.fedor):
        task = company.task(request, absent)
        decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    last = company.task(request, company.tamara)
    with pytest.raises(NotAllowed, match="2 different people"):
        decisions.approve(task=last, actor=company.sergey, channel=TELEGRAM)
    approval = read(PaymentRequest.objects.get(pk=request.pk))
    assert rights.task_of(approval, company.sergey) is None
    tamara = explanation.explain(approval).stages[2].people[0]
    assert (tamara.person, list(tamara.delegations)) == (company.tamara, [])
    company.approve(request, company.tamara)
    assert status(request) == "approved"


def test_nor_is_a_task_handed_over_to_whom_would_make_them_too_few(company: Company) -> None:
    everywhere(company, company.boris)
    last = company.route.stages.get(position=3)
    GroupMembership.objects.filter(group=last.group).update(employee=company.tamara)
    request = company.submitted()
    company.approve(request, company.boris)
    last.stand_ins.add(company.boris)
    with pytest.raises(NotAllowed, match="2 different people"):
        decisions.reassign(
            task=company.task(request, company.tamara), to=company.boris, actor=company.tamara,
            channel=TELEGRAM, reason="Ухожу в отпуск",
        )  # fmt: skip


def test_three_people_are_waited_for(company: Company) -> None:
    wants(company, 3)
    GroupMembership.objects.filter(employee=company.tamara).update(employee=company.boris)
    request = company.submitted()
    company.approve(request, company.boris)
    assert company.open_position(request) == 1  # Fedor alone is to come
    company.approve(request, company.vera)
    assert company.open_position(request) == 2
    company.approve(request, company.fedor)
    assert status(request) == "approved"


def test_whoever_is_asked_in_addition_is_one_more(company: Company) -> None:
    everywhere(company, company.boris, company.vera)
    request = company.submitted()
    decisions.add_approver(
        task=company.task(request, company.boris), to=company.sergey, actor=company.boris,
        channel=TELEGRAM, reason="Нужна вторая подпись",
    )  # fmt: skip
    company.approve(request, company.boris)
    company.approve(request, company.sergey)
    assert status(request) == "approved"


def test_a_press_after_which_too_few_are_left_is_refused_and_not_lost(company: Company) -> None:
    everywhere(company, company.boris, company.vera)
    request = company.submitted()
    Employee.objects.filter(pk=company.vera.pk).update(is_active=False)
    with pytest.raises(NobodyCanDecide, match="only 1 could decide"):
        company.approve(request, company.boris)
    assert not request.decisions.exists()
    Employee.objects.filter(pk=company.vera.pk).update(is_active=True)
    company.approve(request, company.boris)
    assert company.open_position(request) == 1


def test_who_has_changed_what_is_paid_is_none_of_them_any_more(company: Company) -> None:
    wants(company, 3)
    fedor = company.allow(company.fedor, "change_paymentrequest")
    request = company.submitted()
    for person in (company.boris, fedor):
        company.approve(request, person)
    with pytest.raises(NobodyCanDecide, match="3 different people to approve, only 2"):
        requests.change(
            request=request, actor=fedor, channel=ADMIN,
            fields={"own_account": company.further_account()},
        )  # fmt: skip


def test_a_request_keeps_the_number_it_was_submitted_under(company: Company) -> None:
    everywhere(company, company.boris)
    wants(company, 1)
    request = company.submitted()
    wants(company, 2)
    company.approve(request, company.boris)
    assert status(request) == "approved"
    assert set(request.stages.values_list("min_people", flat=True)) == {1}


def test_a_change_asks_again_with_the_number_of_the_first_submit(company: Company) -> None:
    wants(company, 3)
    request = company.submitted()
    company.approve(request, company.boris)
    wants(company, 1)
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields=company.sums(130_000)
    )
    valid = ApprovalStage.objects.filter(request=request).valid()
    assert set(valid.values_list("min_people", flat=True)) == {3}
    GroupMembership.objects.filter(employee=company.tamara).update(employee=company.fedor)
    company.department.budget_holders.set([company.boris])
    with pytest.raises(NobodyCanDecide, match="3 different people"):
        requests.change(
            request=request, actor=company.anna, channel=ADMIN, fields=company.sums(140_000)
        )


def test_different_people_approve_as_before(company: Company) -> None:
    request = company.approved()
    assert status(request) == "approved"
    assert not request.decisions.filter(channel=Decision.Channel.POLICY).exists()
