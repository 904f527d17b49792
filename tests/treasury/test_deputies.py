"""What a deputy may not: the author's own request, and two decisions where the route forbids it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.company import ADMIN, TELEGRAM, Company
from tests.treasury.conftest import appoint, stage
from treasury import routing
from treasury.errors import AlreadyDecided, NobodyCanDecide, NotAllowed
from treasury.models import Employee, GroupMembership, SamePerson
from treasury.services import decisions, requests

pytestmark = pytest.mark.usefixtures("english")


def test_a_deputy_does_not_decide_for_the_author(company: Company) -> None:
    """Anna, the author, holds the budget alone: her deputy is no way round."""
    company.department.budget_holders.set([company.anna])
    appoint(company.anna, company.sergey)
    with pytest.raises(NobodyCanDecide, match="only the author or the requester"):
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
    explained = routing.explain(request).stages[0]
    assert [list(asked.delegations) for asked in explained.people] == [[]]
    company.approve(request, company.boris)


@pytest.fixture
def decide_for_boris(company: Company) -> Callable[..., Any]:
    def decide(policy: str, deputy: Employee) -> Any:
        company.route.same_person = policy
        company.route.save()
        appoint(company.boris, deputy)
        request = company.submitted()
        decisions.approve(task=company.task(request, company.boris), actor=deputy, channel=TELEGRAM)
        return request

    return decide


def test_skip_counts_what_a_deputy_decided_as_his_own_approval(
    company: Company, decide_for_boris: Callable[..., Any]
) -> None:
    request = decide_for_boris(SamePerson.SKIP, company.fedor)
    assert company.open_position(request) == 3
    policy = request.decisions.latest("id")
    assert (policy.channel, policy.decided_by, policy.on_behalf_of) == (
        "policy", company.fedor, None,
    )  # fmt: skip


def test_skip_counts_it_for_the_principal_too_and_records_both(
    company: Company, decide_for_boris: Callable[..., Any]
) -> None:
    group = stage(company, 2).group
    assert group
    GroupMembership.objects.filter(group=group).update(employee=company.boris)
    request = decide_for_boris(SamePerson.SKIP, company.sergey)
    policy = request.decisions.latest("id")
    assert (policy.channel, policy.decided_by, policy.on_behalf_of) == (
        "policy", company.sergey, company.boris,
    )  # fmt: skip


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


def test_a_deputy_who_presses_twice_hears_that_it_is_decided(company: Company) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    appoint(company.boris, company.sergey)
    request = company.submitted()
    task = company.task(request, company.boris)
    decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    with pytest.raises(AlreadyDecided):
        decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
