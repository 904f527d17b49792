"""Bringing in a colleague: a task handed over, an approver added; and why it came to whom."""

from decimal import Decimal

import pytest

from tests.company import ADMIN, TELEGRAM, Company
from tests.treasury.conftest import appoint
from treasury import explanation as explaining
from treasury.approval import read
from treasury.errors import (
    AlreadyDecided,
    NobodyCanDecide,
    NotAllowed,
    ReasonRequired,
    WrongColleague,
)
from treasury.models import (
    ApprovalTask,
    Employee,
    GroupMembership,
    PaymentRequest,
    Quorum,
    SamePerson,
)
from treasury.services import decisions, requests
from treasury.workflow import Action

pytestmark = pytest.mark.usefixtures("english")

REASON = "Нужна вторая подпись"
SIGN = "\N{NARROW NO-BREAK SPACE}₽"


def add(
    company: Company, request: PaymentRequest, to: Employee, actor: Employee, of: Employee
) -> ApprovalTask:
    return decisions.add_approver(
        task=company.task(request, of), to=to, actor=actor, channel=TELEGRAM, reason=REASON
    )


def hand_over(
    company: Company,
    request: PaymentRequest,
    to: Employee,
    by: Employee | None = None,
    reason: str = "Ухожу в отпуск",
) -> ApprovalTask:
    """By Boris, unless said otherwise."""
    actor = by or company.boris
    return decisions.reassign(
        task=company.task(request, actor), to=to, actor=actor, channel=TELEGRAM, reason=reason
    )


@pytest.mark.parametrize("first", ["the added one", "one of the role"])
def test_an_added_approver_decides_besides_one_of_the_role(company: Company, first: str) -> None:
    request = company.submitted()
    task = add(company, request, company.sergey, company.boris, company.boris)
    assert task.origin == ApprovalTask.Origin.ADDED
    assert company.task(request, company.boris).status == "open"
    people = [company.sergey, company.vera]
    for person in people if first == "the added one" else reversed(people):
        assert company.open_position(request) == 1
        company.approve(request, person)
    assert company.open_position(request) == 2


def test_an_added_voice_makes_up_no_number_of_the_role(company: Company) -> None:
    company.department.budget_holders.add(company.gleb)
    company.route.stages.filter(position=1).update(quorum=Quorum.COUNT, quorum_count=2)
    request = company.submitted()
    add(company, request, company.sergey, company.boris, company.boris)
    for person in (company.boris, company.sergey):
        company.approve(request, person)
    assert company.open_position(request) == 1
    company.approve(request, company.gleb)
    assert company.open_position(request) == 2


def test_an_added_voice_that_is_handed_over_is_besides_the_role_still(company: Company) -> None:
    request = company.submitted()
    add(company, request, company.sergey, company.boris, company.boris)
    administrator = company.allow(company.fedor, "reassign_task")
    successor = decisions.reassign(
        task=company.task(request, company.sergey), to=company.tamara, actor=administrator,
        channel=ADMIN, reason=REASON,
    )  # fmt: skip
    assert successor.origin == ApprovalTask.Origin.ADDED
    company.approve(request, company.tamara)
    assert company.open_position(request) == 1


def test_a_quorum_of_all_waits_for_the_added_one_too(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum=Quorum.ALL)
    request = company.submitted()
    add(company, request, company.sergey, company.boris, company.boris)
    company.approve(request, company.boris)
    company.approve(request, company.vera)
    assert company.open_position(request) == 1
    company.approve(request, company.sergey)
    assert company.open_position(request) == 2


def test_adding_is_in_the_journal_with_its_reason(company: Company) -> None:
    request = company.submitted()
    task = add(company, request, company.sergey, company.boris, company.boris)
    event = request.events.latest("id")
    assert (event.action, event.actor, event.reason) == ("add_approver", company.boris, REASON)
    assert event.data == {
        "task": task.pk, "stage": "Держатель бюджета", "added": "Посторонних Сергей",
    }  # fmt: skip


def test_a_deputy_adds_on_behalf(company: Company) -> None:
    appoint(company.boris, company.gleb)
    request = company.submitted()
    add(company, request, company.sergey, company.gleb, company.boris)
    event = request.events.latest("id")
    assert (event.actor, event.on_behalf_of) == (company.gleb, company.boris)


def test_only_the_assignee_or_an_administrator_adds(company: Company) -> None:
    request = company.submitted()
    for stranger in (company.anna, company.gleb, company.vera, company.fedor):
        with pytest.raises(NotAllowed):
            add(company, request, company.sergey, stranger, company.boris)
    administrator = company.allow(company.gleb, "reassign_task")
    assert add(company, request, company.sergey, administrator, company.boris).pk


def test_nobody_chooses_who_decides_on_his_own_request(company: Company) -> None:
    anna = company.allow(company.anna, "reassign_task")
    request = company.submitted()
    with pytest.raises(NotAllowed):
        add(company, request, company.sergey, anna, company.boris)


def test_the_right_is_read_at_the_moment_of_the_act(company: Company) -> None:
    administrator = company.allow(company.gleb, "reassign_task")
    assert administrator.has_perm("treasury.reassign_task")
    administrator.user_permissions.clear()
    with pytest.raises(NotAllowed):
        add(company, company.submitted(), company.sergey, administrator, company.boris)


def test_whom_nobody_may_ask(company: Company) -> None:
    request = company.submitted(requester=company.gleb)
    Employee.objects.filter(pk=company.tamara.pk).update(is_active=False)
    for person in (company.anna, company.gleb, company.tamara, company.vera, company.boris):
        with pytest.raises(NotAllowed):
            add(company, request, person, company.boris, company.boris)
    with pytest.raises(ReasonRequired):
        decisions.add_approver(
            task=company.task(request, company.boris), to=company.sergey, actor=company.boris,
            channel=TELEGRAM, reason="да",
        )  # fmt: skip


def test_nobody_takes_a_task_or_a_voice_for_himself(company: Company) -> None:
    """Neither an administrator nor a deputy."""
    request = company.submitted()
    task = company.task(request, company.boris)
    appoint(company.boris, company.sergey)
    for actor in (company.allow(company.gleb, "reassign_task"), company.sergey):
        for action in (Action.REASSIGN, Action.ADD_APPROVER):
            assert actor not in decisions.colleagues(read(request), task, actor, action)
        with pytest.raises(NotAllowed, match="to himself"):
            add(company, request, actor, actor, company.boris)
        with pytest.raises(NotAllowed, match="to himself"):
            decisions.reassign(task=task, to=actor, actor=actor, channel=TELEGRAM, reason=REASON)


def test_a_task_handed_over_can_be_handed_back(company: Company) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted()
    task = company.task(request, company.boris)
    his = hand_over(company, request, company.sergey)
    found = decisions.colleagues(read(request), his, company.sergey, Action.REASSIGN)
    assert list(found) == [company.boris]
    back = hand_over(company, request, company.boris, company.sergey, "Это всё же твоё")
    assert (back.pk, back.status, back.origin) == (task.pk, "open", "reassigned")
    assert company.task(request, company.sergey).status == "closed"
    event = request.events.latest("id")
    assert (event.action, event.actor, event.data["task"]) == (
        "reassign", company.sergey, task.pk,
    )  # fmt: skip
    why = explaining.why(read(request), company.boris)[-1]
    assert why == "Handed over by С. Посторонних: Это всё же твоё"
    company.approve(request, company.boris)
    assert company.open_position(request) == 2


def test_who_has_handed_his_task_over_may_be_asked_too(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum=Quorum.ALL)
    company.may_take_over(company.sergey)
    request = company.submitted()
    hand_over(company, request, company.sergey)
    asked = add(company, request, company.boris, company.vera, company.vera)
    assert asked.origin == ApprovalTask.Origin.ADDED
    for person in (company.sergey, company.vera):
        company.approve(request, person)
    assert company.open_position(request) == 1
    company.approve(request, company.boris)
    assert company.open_position(request) == 2


def test_a_decided_stage_takes_no_more_approvers(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    with pytest.raises(AlreadyDecided):
        add(company, request, company.sergey, company.vera, company.vera)


def test_colleagues_are_those_who_could_be_asked_with_approvers_first(company: Company) -> None:
    request = company.submitted(requester=company.gleb)
    task = company.task(request, company.boris)
    found = decisions.colleagues(read(request), task, company.boris, Action.ADD_APPROVER)
    assert list(found) == [company.tamara, company.fedor, company.sergey]


def test_a_task_goes_to_the_role_and_to_whom_the_route_lets_take_over(company: Company) -> None:
    request = company.submitted()
    company.department.budget_holders.add(company.tamara)
    company.may_take_over(company.sergey, company.gleb)
    Employee.objects.filter(pk=company.gleb.pk).update(is_active=False)
    task = company.task(request, company.boris)
    found = decisions.colleagues(read(request), task, company.boris, Action.REASSIGN)
    assert list(found) == [company.tamara, company.sergey]
    for outsider in (company.fedor, company.gleb):
        with pytest.raises(WrongColleague):
            hand_over(company, request, outsider)
    successor = hand_over(company, request, company.sergey)
    assert successor.origin == ApprovalTask.Origin.REASSIGNED
    decisions.approve(task=successor, actor=company.sergey, channel=TELEGRAM)
    assert company.open_position(request) == 2


def test_only_an_administrator_hands_a_task_over_to_anybody(company: Company) -> None:
    request = company.submitted()
    task = company.task(request, company.boris)
    with pytest.raises(WrongColleague, match="only by an administrator"):
        hand_over(company, request, company.sergey)
    assert company.task(request, company.boris).status == "open"
    administrator = company.allow(company.gleb, "reassign_task")
    found = decisions.colleagues(read(request), task, administrator, Action.REASSIGN)
    assert company.sergey in found
    successor = decisions.reassign(
        task=task, to=company.sergey, actor=administrator, channel=ADMIN, reason="Все в отпуске"
    )
    assert successor.origin == ApprovalTask.Origin.ASSIGNED
    assert request.events.latest("id").data["without_role"] is True
    assert explaining.why(read(request), company.sergey)[-1] == (
        "Handed over by administrator Г. Чужов to a person without this role: Все в отпуске"
    )
    company.approve(request, company.sergey)
    assert company.open_position(request) == 2


def test_the_list_of_a_stage_that_is_gone_lets_nobody_take_over(company: Company) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted()
    company.route.stages.filter(position=1).delete()
    with pytest.raises(WrongColleague):
        hand_over(company, request, company.sergey)


def test_forbid_keeps_whoever_a_later_stage_needs(company: Company) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    request = company.submitted()
    with pytest.raises(NotAllowed, match="different person"):
        add(company, request, company.fedor, company.boris, company.boris)
    with pytest.raises(NotAllowed, match="different person"):
        hand_over(company, request, company.fedor)
    company.approve(request, company.boris)
    task = company.task(request, company.fedor)
    found = decisions.colleagues(read(request), task, company.fedor, Action.ADD_APPROVER)
    assert company.boris not in found
    assert company.vera in found


def test_a_dry_run_names_the_stages_the_people_and_the_amounts(company: Company) -> None:
    company.route.stages.filter(position=2).update(min_amount=Decimal(200_000))
    company.route.stages.filter(position=3).update(min_amount=Decimal(100_000))
    appoint(company.tamara, company.sergey)
    explanation = explaining.explain(read(company.draft()))
    assert explanation.route == "Route “Основной”, for all organizations"
    first, second, third = explanation.stages
    assert first.role == "budget holders of “Производство”"
    assert [asked.person for asked in first.people] == [company.vera, company.boris]
    assert (second.applies, second.condition) == (
        False,
        f"only from 200,000.00{SIGN}",
    )
    assert (third.applies, third.condition) == (True, f"from 100,000.00{SIGN}")
    [tamara] = third.people
    assert [delegation.deputy for delegation in tamara.delegations] == [company.sergey]


def test_another_currency_is_above_every_threshold(company: Company) -> None:
    company.route.stages.filter(position=1).update(min_amount=Decimal(200_000))
    company.account.currency = "USD"
    company.account.save()
    explained = explaining.explain(read(company.draft(currency="USD"))).stages[0]
    assert (explained.applies, explained.condition) == (
        True, f"from 200,000.00{SIGN}, and always for another currency",
    )  # fmt: skip


def test_in_approval_the_copied_stages_are_explained(company: Company) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted()
    hand_over(company, request, company.sergey)
    GroupMembership.objects.update(employee=company.gleb)
    company.route.stages.filter(position=1).update(name="Другое имя")
    opened, waiting, _last = explaining.explain(read(request)).stages
    assert opened.stage.name == "Держатель бюджета"
    assert {asked.person for asked in opened.people} == {company.vera, company.sergey}
    assert [asked.person for asked in waiting.people] == [company.gleb]


def test_without_a_route_there_is_nothing_to_explain(company: Company) -> None:
    request = company.draft()
    company.route.delete()
    with pytest.raises(NobodyCanDecide):
        explaining.explain(read(request))


def test_why_it_came_to_a_role_holder(company: Company) -> None:
    company.route.stages.filter(position=1).update(min_amount=Decimal(100_000))
    assert explaining.why(read(company.submitted()), company.boris) == [
        "Route “Основной”, for all organizations",
        f"Stage 1 “Держатель бюджета”: from 100,000.00{SIGN}; the request is for 125,000.50{SIGN}",
        "Asked by role: budget holders of “Производство”",
    ]


def test_why_it_came_to_a_deputy(company: Company) -> None:
    appoint(company.boris, company.sergey)
    lines = explaining.why(read(company.submitted()), company.sergey)
    assert lines[-1].startswith("You stand in for Б. Орлов until ")
    assert lines[1] == (
        f"Stage 1 “Держатель бюджета”: for every amount; the request is for 125,000.50{SIGN}"
    )


def test_why_it_came_to_whom_a_colleague_brought_in(company: Company) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted()
    hand_over(company, request, company.sergey)
    add(company, request, company.gleb, company.vera, company.vera)
    assert (
        explaining.why(read(request), company.sergey)[-1]
        == "Handed over by Б. Орлов: Ухожу в отпуск"
    )
    assert (
        explaining.why(read(request), company.gleb)[-1]
        == f"Asked in addition by В. Лебедева: {REASON}"
    )


def test_there_is_no_why_for_whom_it_did_not_come_to(company: Company) -> None:
    request = company.submitted()
    for person in (company.anna, company.sergey, company.fedor):
        assert explaining.why(read(request), person) == []
    requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    assert explaining.why(read(request), company.boris) == []


def test_of_several_times_the_last_one_tells_why(company: Company) -> None:
    company.may_take_over(company.sergey)
    request = company.submitted()
    hand_over(company, request, company.sergey)
    hand_over(company, request, company.boris, company.sergey)
    hand_over(company, request, company.sergey, reason="Теперь точно твоё")
    why = explaining.why(read(request), company.sergey)[-1]
    assert why == "Handed over by Б. Орлов: Теперь точно твоё"
