"""What a deputy may not: the author's own request, and two decisions where the route forbids it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.company import ADMIN, TELEGRAM, Company
from tests.treasury.conftest import appoint, stage
from treasury import explanation, rights
from treasury.approval import read
from treasury.errors import AlreadyDecided, NobodyCanDecide, NotAllowed
from treasury.models import Employee, GroupMembership, PaymentRequest, SamePerson
from treasury.services import decisions, requests
from treasury.workflow import Action

pytestmark = pytest.mark.usefixtures("english")


def test_a_deputy_does_not_decide_for_the_author(company: Company) -> None:
    """Anna, the author, holds the budget alone: her deputy is no way round."""
    company.department.budget_holders.set([company.anna])
    appoint(company.anna, company.sergey)
    with pytest.raises(NobodyCanDecide, match="only those who ask for the payment"):
        company.submitted()


def test_nor_for_one_who_became_the_requester_meanwhile(company: Company) -> None:
    request = company.submitted()
    appoint(company.boris, company.sergey)
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields={"requester": company.boris}
    )
    with pytest.raises(NotAllowed):
        decisions.approve(
            task=company.task(request, company.boris), actor=company.sergey, channel=TELEGRAM
        )


def test_a_role_holder_who_is_away_blocks_no_submit(company: Company) -> None:
    company.department.budget_holders.set([company.boris])
    appoint(company.boris, company.anna)  # who as the author will not be able to stand in
    request = company.submitted()
    assert company.open_position(request) == 1
    explained = explanation.explain(read(request)).stages[0]
    assert [list(asked.delegations) for asked in explained.people] == [[]]
    company.approve(request, company.boris)


@pytest.fixture
def decide_for_boris(company: Company) -> Callable[..., Any]:
    def decide(policy: str, deputy: Employee, **scope: Any) -> Any:
        company.route.same_person = policy
        company.route.save()
        appoint(company.boris, deputy, **scope)
        request = company.submitted()
        decisions.approve(task=company.task(request, company.boris), actor=deputy, channel=TELEGRAM)
        return request

    return decide


def test_skip_asks_a_deputy_again_in_his_own_right(
    company: Company, decide_for_boris: Callable[..., Any]
) -> None:
    """One press for somebody else must not waive the control that is the deputy's own."""
    request = decide_for_boris(SamePerson.SKIP, company.fedor)
    assert company.open_position(request) == 2
    assert company.task(request, company.fedor).status == "open"
    company.approve(request, company.fedor)
    assert company.open_position(request) == 3


def test_skip_counts_it_for_the_principal_no_more(
    company: Company, decide_for_boris: Callable[..., Any]
) -> None:
    """The deputy stands in at the first stage alone, so Boris himself is asked at the second."""
    group = stage(company, 2).group
    assert group
    GroupMembership.objects.filter(group=group).update(employee=company.boris)
    request = decide_for_boris(SamePerson.SKIP, company.sergey, stage=stage(company, 1))
    assert company.open_position(request) == 2
    assert request.decisions.get().decided_by == company.sergey
    assert company.task(request, company.boris).status == "open"


def test_ask_asks_a_deputy_again_in_his_own_right(
    company: Company, decide_for_boris: Callable[..., Any]
) -> None:
    request = decide_for_boris(SamePerson.ASK, company.fedor)
    assert company.task(request, company.fedor).status == "open"


def test_forbid_keeps_a_person_whom_a_later_stage_needs_from_standing_in(
    company: Company, decide_for_boris: Callable[..., Any]
) -> None:
    with pytest.raises(NotAllowed, match="different person"):
        decide_for_boris(SamePerson.FORBID, company.fedor)


def test_forbid_lets_him_when_a_colleague_can_take_the_later_stage(
    company: Company, decide_for_boris: Callable[..., Any]
) -> None:
    group = stage(company, 2).group
    assert group
    GroupMembership.objects.create(group=group, employee=company.gleb)
    request = decide_for_boris(SamePerson.FORBID, company.fedor)
    assert {task.employee for task in request.tasks.filter(status="open")} == {company.gleb}


def test_forbid_lets_nobody_stand_in_after_his_own_decision(company: Company) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    appoint(company.fedor, company.boris)
    request = company.submitted()
    company.approve(request, company.boris)
    task = company.task(request, company.fedor)
    with pytest.raises(NotAllowed, match="different person"):
        decisions.approve(task=task, actor=company.boris, channel=TELEGRAM)
    company.approve(request, company.fedor)
    assert company.open_position(request) == 3


def test_forbid_lets_nobody_give_two_voices_of_a_quorum(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum="all")
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    appoint(company.boris, company.vera)
    request = company.submitted()
    for _turn in ("before her own decision", "after it"):
        task = company.task(request, company.boris)
        with pytest.raises(NotAllowed, match="different person"):
            decisions.approve(task=task, actor=company.vera, channel=TELEGRAM)
        if company.task(request, company.vera).status == "open":
            company.approve(request, company.vera)
    company.approve(request, company.boris)
    assert company.open_position(request) == 2


@pytest.fixture(params=[SamePerson.ASK, SamePerson.SKIP])
def all_at_once(request: pytest.FixtureRequest, company: Company) -> None:
    """Every budget holder has to approve, and nobody minds the same person at two stages."""
    company.route.stages.filter(position=1).update(quorum="all")
    company.route.same_person = request.param
    company.route.save()


@pytest.mark.usefixtures("all_at_once")
def test_a_deputy_with_a_task_of_his_own_gives_no_second_voice(company: Company) -> None:
    appoint(company.boris, company.vera)
    request = company.submitted()
    task = company.task(request, company.boris)
    with pytest.raises(NotAllowed, match="two voices"):
        decisions.approve(task=task, actor=company.vera, channel=TELEGRAM)
    company.approve(request, company.vera)
    with pytest.raises(NotAllowed, match="two voices"):
        decisions.approve(task=task, actor=company.vera, channel=TELEGRAM)
    assert company.open_position(request) == 1
    assert rights.task_of(read(request), company.vera) is None


@pytest.mark.usefixtures("all_at_once")
def test_a_deputy_of_two_decides_for_one_of_them(company: Company) -> None:
    appoint(company.boris, company.sergey)
    appoint(company.vera, company.sergey)
    request = company.submitted()
    for_boris, for_vera = (company.task(request, each) for each in (company.boris, company.vera))
    decisions.approve(task=for_boris, actor=company.sergey, channel=TELEGRAM)
    with pytest.raises(NotAllowed, match="two voices"):
        decisions.approve(task=for_vera, actor=company.sergey, channel=TELEGRAM)
    with pytest.raises(NotAllowed, match="two voices"):
        decisions.reassign(
            task=for_vera, to=company.sergey, actor=company.vera, channel=TELEGRAM,
            reason="Ухожу в отпуск",
        )  # fmt: skip
    found = decisions.colleagues(read(request), for_vera, company.vera, Action.REASSIGN)
    assert company.sergey not in found
    assert rights.task_of(read(request), company.sergey) is None
    company.approve(request, company.vera)
    assert company.open_position(request) == 2


def test_a_deputy_who_presses_twice_hears_that_it_is_decided(company: Company) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    appoint(company.boris, company.sergey)
    request = company.submitted()
    task = company.task(request, company.boris)
    decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    with pytest.raises(AlreadyDecided):
        decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)


def everyone_shown(request: PaymentRequest, position: int) -> tuple[set[Employee], set[Employee]]:
    """The people and the deputies of a stage, as they are explained."""
    asked = explanation.explain(read(request)).stages[position - 1].people
    deputies = {entry.deputy for one in asked for entry in one.delegations}
    return {one.person for one in asked}, deputies


def forbid(company: Company) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()


def test_forbid_explains_before_the_submit_whom_it_will_ask(company: Company) -> None:
    forbid(company)
    company.department.budget_holders.add(company.fedor)
    draft = company.draft()
    people, _deputies = everyone_shown(draft, 1)
    assert people == {company.boris, company.vera}
    request = requests.submit(request=draft, actor=company.anna, channel=ADMIN)
    assert {task.employee for task in request.tasks.all()} == people


@pytest.mark.parametrize("submitted", [False, True])
def test_forbid_explains_only_deputies_who_may_decide(company: Company, submitted: bool) -> None:
    forbid(company)
    appoint(company.boris, company.fedor)  # whom the next stage cannot do without
    appoint(company.vera, company.sergey)
    appoint(company.tamara, company.sergey)
    request = company.submitted() if submitted else company.draft()
    assert everyone_shown(request, 1) == ({company.boris, company.vera}, {company.sergey})
    assert everyone_shown(request, 3) == ({company.tamara}, {company.sergey})
    assert explanation.why(read(company.submitted()), company.fedor) == []
    assert explanation.why(read(company.submitted()), company.sergey) != []


def test_who_has_decided_is_explained_no_more_where_it_is_forbidden(company: Company) -> None:
    forbid(company)
    group = stage(company, 3).group
    assert group
    GroupMembership.objects.create(group=group, employee=company.boris)
    appoint(company.tamara, company.vera)
    request = company.submitted()
    assert everyone_shown(request, 3) == ({company.tamara, company.boris}, {company.vera})
    company.approve(request, company.boris)
    request.refresh_from_db()
    assert everyone_shown(request, 3) == ({company.tamara}, {company.vera})


@pytest.mark.parametrize("submitted", [False, True])
@pytest.mark.parametrize("policy", SamePerson)
def test_one_with_a_task_of_his_own_is_not_explained_as_a_deputy(
    company: Company, policy: str, submitted: bool
) -> None:
    company.route.same_person = policy
    company.route.save()
    appoint(company.boris, company.vera)
    request = company.submitted() if submitted else company.draft()
    assert everyone_shown(request, 1) == ({company.boris, company.vera}, set())
