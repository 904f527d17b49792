"""Approve, decline, return: who may, what follows, and that it happens once."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.company import ADMIN, TELEGRAM, Company
from treasury.errors import (
    AlreadyDecided,
    NobodyCanDecide,
    NotAllowed,
    ReasonRequired,
    Superseded,
    TreasuryError,
    WrongStatus,
)
from treasury.models import (
    ApprovalStage,
    Decision,
    Delegation,
    Employee,
    GroupMembership,
    Organization,
    Quorum,
    SamePerson,
)
from treasury.services import decisions, requests
from treasury.workflow import Action, Status

State = ApprovalStage.State


def test_three_approvals_in_the_order_of_the_route_approve_a_request(company: Company) -> None:
    request = company.submitted()
    assert {task.employee for task in request.tasks.all()} == {company.boris, company.vera}

    company.approve(request, company.boris)
    request.refresh_from_db()
    assert request.status == Status.IN_APPROVAL
    assert company.open_position(request) == 2
    company.approve(request, company.fedor)
    company.approve(request, company.tamara)

    request.refresh_from_db()
    assert (request.status, request.stage) == (Status.APPROVED, None)
    assert [stage.state for stage in request.stages.valid()] == [State.PASSED] * 3
    assert [decision.revision for decision in request.decisions.all()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("decide", "status"),
    [
        (decisions.decline, Status.DECLINED),
        (decisions.return_for_rework, Status.RETURNED),
    ],
)
def test_a_refusal_needs_a_reason_and_ends_the_approval(
    company: Company, decide: Callable[..., Decision], status: Status
) -> None:
    request = company.submitted()
    task = company.task(request, company.boris)
    for empty in ("", "    ", "нет", "\x00\x00\x00\x00\x00\x00"):
        with pytest.raises(ReasonRequired):
            decide(task=task, actor=company.boris, channel=TELEGRAM, reason=empty)

    decision = decide(task=task, actor=company.boris, channel=TELEGRAM, reason=" Нет договора ")

    request.refresh_from_db()
    assert (request.status, request.stage) == (status, None)
    assert decision.reason == "Нет договора"
    assert not request.tasks.filter(status="open").exists()


def test_nobody_but_the_entitled_decides(company: Company) -> None:
    request = company.submitted(requester=company.vera)
    task = company.task(request, company.boris)
    company.boris.is_superuser = False
    for person in (
        company.anna,  # the author
        company.vera,  # the requester, though she holds the budget
        company.gleb,  # another department's budget holder
        company.fedor,  # his turn comes later
        company.sergey,
    ):
        with pytest.raises(NotAllowed):
            decisions.approve(task=task, actor=person, channel=TELEGRAM)
    assert not request.decisions.exists()


def test_a_removed_employee_and_one_who_lost_the_role_decide_no_more(company: Company) -> None:
    request = company.submitted()
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)
    company.department.budget_holders.remove(company.vera)
    for person in (company.boris, company.vera):
        with pytest.raises(NotAllowed):
            company.approve(request, person)


def test_the_second_budget_holder_learns_who_decided(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    for late in (company.vera, company.boris):
        with pytest.raises(AlreadyDecided) as refusal:
            company.approve(request, late)
        assert refusal.value.decision.decided_by == company.boris
    assert request.decisions.count() == 1


def test_a_button_of_an_older_revision_is_dead(company: Company) -> None:
    request = company.submitted()
    old = company.task(request, company.boris)
    requests.change(
        request=request,
        actor=company.anna,
        channel=ADMIN,
        fields={"contract": "№ 7"},
    )
    with pytest.raises(Superseded):
        decisions.approve(task=old, actor=company.boris, channel=TELEGRAM)
    company.approve(request, company.boris)
    assert request.decisions.get().revision == 2


def test_a_button_of_a_withdrawn_request_says_its_status(company: Company) -> None:
    request = company.submitted()
    requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    with pytest.raises(WrongStatus):
        company.approve(request, company.boris)


def test_a_quorum_of_all_waits_for_everyone(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum=Quorum.ALL)
    request = company.submitted()
    company.approve(request, company.boris)
    assert company.open_position(request) == 1
    company.approve(request, company.vera)
    assert company.open_position(request) == 2


def test_a_quorum_of_two_out_of_three_closes_the_third(company: Company) -> None:
    company.department.budget_holders.add(company.sergey)
    company.route.stages.filter(position=1).update(quorum=Quorum.COUNT, quorum_count=2)
    request = company.submitted()
    company.approve(request, company.boris)
    company.approve(request, company.sergey)
    assert company.open_position(request) == 2
    assert company.task(request, company.vera).status == "closed"


@pytest.mark.parametrize("policy", SamePerson.values)
def test_one_person_at_two_stages_follows_the_policy(company: Company, policy: str) -> None:
    company.route.same_person = policy
    company.route.save()
    company.fedor.departments.add(company.department)  # now also a budget holder
    request = company.submitted()

    if policy == SamePerson.FORBID:
        # He alone can be the financial manager, so the budget is left to the others.
        assert company.fedor not in {task.employee for task in request.tasks.all()}
        company.approve(request, company.boris)
        assert company.open_position(request) == 2
        return

    company.approve(request, company.fedor)
    if policy == SamePerson.SKIP:
        assert company.open_position(request) == 3
        assert request.decisions.latest("id").channel == Decision.Channel.POLICY
    else:
        assert company.open_position(request) == 2
        assert company.task(request, company.fedor).status == "open"


def test_a_role_in_another_organization_gives_no_right(company: Company) -> None:
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    fedors = GroupMembership.objects.filter(employee=company.fedor)
    GroupMembership.objects.create(
        group=fedors.get().group, employee=company.sergey, organization=other
    )
    request = company.submitted()
    company.approve(request, company.boris)
    at_the_second = request.tasks.filter(stage__position=2)
    assert [task.employee for task in at_the_second] == [company.fedor]
    fedors.update(organization=other)
    with pytest.raises(NotAllowed):
        company.approve(request, company.fedor)
    fedors.update(organization=company.organization)
    company.approve(request, company.fedor)


def test_a_deputy_decides_on_behalf_of_the_principal(company: Company) -> None:
    request = company.submitted()
    now = timezone.now()
    Delegation.objects.create(
        principal=company.boris,
        deputy=company.sergey,
        since=now - timedelta(hours=1),
        until=now + timedelta(hours=1),
    )
    decision = decisions.approve(
        task=company.task(request, company.boris), actor=company.sergey, channel=TELEGRAM
    )
    assert (decision.decided_by, decision.on_behalf_of) == (company.sergey, company.boris)
    assert request.events.latest("id").on_behalf_of == company.boris


def test_a_deputy_out_of_his_days_or_organization_is_a_stranger(company: Company) -> None:
    request = company.submitted()
    now = timezone.now()
    Delegation.objects.create(
        principal=company.boris,
        deputy=company.sergey,
        since=now - timedelta(hours=2),
        until=now - timedelta(hours=1),
    )
    with pytest.raises(NotAllowed):
        decisions.approve(
            task=company.task(request, company.boris), actor=company.sergey, channel=TELEGRAM
        )


def test_the_author_decides_on_his_own_request_not_even_as_a_deputy(company: Company) -> None:
    request = company.submitted()
    now = timezone.now()
    Delegation.objects.create(
        principal=company.boris,
        deputy=company.anna,
        since=now - timedelta(hours=1),
        until=now + timedelta(hours=1),
    )
    with pytest.raises(NotAllowed):
        decisions.approve(
            task=company.task(request, company.boris), actor=company.anna, channel=TELEGRAM
        )


def test_a_task_is_handed_over_to_a_colleague(company: Company) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted()
    task = company.task(request, company.boris)
    with pytest.raises(NotAllowed):
        decisions.reassign(
            task=task, to=company.anna, actor=company.boris, channel=ADMIN, reason="Я в отпуске"
        )
    with pytest.raises(NotAllowed):
        decisions.reassign(
            task=task, to=company.sergey, actor=company.gleb, channel=ADMIN, reason="Я в отпуске"
        )
    successor = decisions.reassign(
        task=task, to=company.sergey, actor=company.boris, channel=ADMIN, reason="Я в отпуске"
    )
    with pytest.raises(NotAllowed):
        decisions.approve(task=task, actor=company.boris, channel=TELEGRAM)
    decisions.approve(task=successor, actor=company.sergey, channel=TELEGRAM)
    assert company.open_position(request) == 2


def test_a_stage_whose_people_left_meanwhile_loses_no_press(company: Company) -> None:
    request = company.submitted()
    Employee.objects.filter(pk=company.fedor.pk).update(is_active=False)
    with pytest.raises(NobodyCanDecide, match="Финансовый менеджер"):
        company.approve(request, company.boris)
    assert not request.decisions.exists()

    Employee.objects.filter(pk=company.fedor.pk).update(is_active=True)
    company.approve(request, company.boris)
    assert company.open_position(request) == 2


@pytest.mark.django_db(transaction=True)
def test_of_twenty_simultaneous_decisions_one_stands(company: Company) -> None:
    request = company.submitted()
    tasks = {person: company.task(request, person) for person in (company.boris, company.vera)}
    barrier = threading.Barrier(20)
    answers: list[Decision | TreasuryError] = []

    def press(person: Employee) -> None:
        barrier.wait()
        try:
            answers.append(decisions.approve(task=tasks[person], actor=person, channel=TELEGRAM))
        except TreasuryError as refusal:
            answers.append(refusal)
        finally:
            connection.close()

    people = [company.boris, company.vera] * 10
    threads = [threading.Thread(target=press, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    decision = request.decisions.get()
    refusals = [answer for answer in answers if isinstance(answer, AlreadyDecided)]
    assert len(answers) == 20
    assert len(refusals) == 19
    assert {refusal.decision for refusal in refusals} == {decision}
    assert request.events.filter(action=Action.APPROVE).count() == 1
