"""When an appointment changes, the open tasks of running requests follow."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from telegrambot import tasks
from tests.company import ADMIN, TELEGRAM, Company
from tests.telegrambot.bot import Commits
from treasury import proving
from treasury.errors import NotAllowed, TreasuryError
from treasury.models import (
    ApproverGroup,
    Employee,
    GroupMembership,
    Organization,
    OwnAccount,
    PaymentRequest,
    Quorum,
    SamePerson,
)
from treasury.services import appointments, decisions, followers, people
from treasury.workflow import Action, Status

Act = Callable[[], object]


@pytest.fixture
def gleb(company: Company) -> Employee:
    """The administrator, who holds no budget here."""
    rights = ("change_department", "change_approvergroup", "change_employee")
    return company.allow(company.gleb, *rights)


@pytest.fixture
def hold(company: Company, gleb: Employee, committed: Callable[[Act], None]) -> Any:
    def change(**who: Any) -> None:
        committed(
            lambda: appointments.change_holders(
                department=company.department, actor=gleb, channel=ADMIN, **who
            )
        )

    return change


@pytest.fixture
def join(gleb: Employee, committed: Callable[[Act], None]) -> Any:
    def change(code: str, **seats: Any) -> None:
        group = ApproverGroup.objects.get(code=code)
        committed(
            lambda: appointments.change_members(group=group, actor=gleb, channel=ADMIN, **seats)
        )

    return change


@pytest.fixture
def work(gleb: Employee, committed: Callable[[Act], None]) -> Any:
    def change(person: Employee, *, here: bool) -> None:
        fields = {"is_active": here}
        committed(lambda: people.change(employee=person, actor=gleb, channel=ADMIN, fields=fields))

    return change


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Commits) -> Callable[[Act], None]:
    def run(act: Act) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            act()

    return run


def asked(request: PaymentRequest) -> set[Employee]:
    return {task.employee for task in request.tasks.filter(status="open")}


def told(request: PaymentRequest) -> list[dict[str, Any]]:
    return [event.data for event in request.events.filter(action=Action.REASK)]


def quorum(company: Company, position: int, quorum: str, count: int | None = None) -> None:
    company.route.stages.filter(position=position).update(quorum=quorum, quorum_count=count)


def test_a_new_budget_holder_is_asked_instead_of_the_former(
    company: Company, gleb: Employee, hold: Any
) -> None:
    request, other = company.submitted(), company.submitted(department=company.other_department)
    hold(joined=[company.sergey], left=[company.boris])
    assert asked(request) == {company.vera, company.sergey}
    assert asked(other) == {company.gleb}
    [event] = request.events.filter(action=Action.REASK)
    assert (event.actor, event.channel, event.status) == (gleb, ADMIN, Status.IN_APPROVAL)
    assert event.data == {
        "stage": "Держатель бюджета", "lost": ["Орлов Борис"], "asked": ["Посторонних Сергей"],
    }  # fmt: skip
    assert told(other) == []
    company.approve(request, company.sergey)
    assert company.open_position(request) == 2
    assert list(proving.faults()) == []


def test_the_former_holder_decides_no_more(company: Company, hold: Any) -> None:
    request = company.submitted()
    hold(left=[company.boris])
    with pytest.raises(NotAllowed):
        company.approve(request, company.boris)
    hold(joined=[company.boris])
    assert asked(request) == {company.boris, company.vera}
    company.approve(request, company.boris)


def test_members_of_a_group_count_in_their_organization_only(company: Company, join: Any) -> None:
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    request = company.submitted()
    company.approve(request, company.boris)
    join("financial_managers", joined=[(company.sergey, other)])
    assert asked(request) == {company.fedor}
    join("financial_managers", joined=[(company.sergey, company.organization)])
    assert asked(request) == {company.fedor, company.sergey}
    join("financial_managers", left=[(company.sergey, company.organization)])
    assert asked(request) == {company.fedor}
    assert [(entry["lost"], entry["asked"]) for entry in told(request)] == [
        ([], ["Посторонних Сергей"]), (["Посторонних Сергей"], []),
    ]  # fmt: skip


def test_only_the_open_stage_follows_and_a_later_one_asks_who_is_there_then(
    company: Company, join: Any
) -> None:
    request = company.submitted()
    join("treasurers", joined=[(company.sergey, None)], left=[(company.tamara, None)])
    assert asked(request) == {company.boris, company.vera}
    assert told(request) == []
    company.approve(request, company.boris)
    company.approve(request, company.fedor)
    assert asked(request) == {company.sergey}


def test_who_leaves_is_asked_no_more_and_is_asked_when_he_is_back(
    company: Company, work: Any
) -> None:
    request = company.submitted()
    work(company.boris, here=False)
    assert asked(request) == {company.vera}
    work(company.boris, here=True)
    assert asked(request) == {company.boris, company.vera}


def test_those_who_ask_for_the_money_get_no_task(company: Company, hold: Any) -> None:
    request = company.submitted(requester=company.sergey)
    PaymentRequest.objects.filter(pk=request.pk).update(makers=[company.tamara.pk])
    hold(joined=[company.anna, company.sergey, company.tamara])
    assert asked(request) == {company.boris, company.vera}
    assert told(request) == []


def test_who_has_decided_at_the_stage_is_not_asked_again(company: Company, hold: Any) -> None:
    quorum(company, 1, Quorum.ALL)
    request = company.submitted()
    company.approve(request, company.boris)
    hold(left=[company.boris])
    hold(joined=[company.boris])
    assert asked(request) == {company.vera}
    assert told(request) == []


def test_who_has_handed_his_task_over_is_not_asked_by_the_appointment_of_another(
    company: Company, hold: Any
) -> None:
    company.may_take_over(company.tamara)
    request = company.submitted()
    decisions.reassign(
        task=company.task(request, company.boris), to=company.tamara, actor=company.boris,
        channel=TELEGRAM, reason="Ухожу в отпуск",
    )  # fmt: skip
    hold(joined=[company.sergey])
    assert asked(request) == {company.vera, company.tamara, company.sergey}


def test_what_a_colleague_has_been_asked_for_stays_his(company: Company, hold: Any) -> None:
    request = company.submitted()
    decisions.add_approver(
        task=company.task(request, company.boris), to=company.sergey, actor=company.boris,
        channel=TELEGRAM, reason="Нужен второй взгляд",
    )  # fmt: skip
    hold(joined=[company.sergey])
    hold(left=[company.sergey])
    assert asked(request) == {company.boris, company.vera, company.sergey}
    assert told(request) == []


def test_the_task_of_the_last_stays_and_can_be_handed_over(
    company: Company, gleb: Employee, hold: Any
) -> None:
    request = company.submitted()
    hold(left=[company.vera])
    hold(left=[company.boris])
    assert asked(request) == {company.boris}
    assert followers.stranded(departments=[company.department.pk]) == [request.number]
    gleb.user_permissions.add(Permission.objects.get(codename="reassign_task"))
    decisions.reassign(
        task=company.task(request, company.boris), to=company.sergey, actor=gleb, channel=ADMIN,
        reason="Держателя пока нет",
    )  # fmt: skip
    assert followers.stranded(departments=[company.department.pk]) == []


def test_whoever_is_appointed_then_is_asked_instead_of_the_last(
    company: Company, hold: Any
) -> None:
    request = company.submitted()
    hold(left=[company.vera, company.boris])
    assert asked(request) == {company.vera, company.boris}
    hold(joined=[company.sergey])
    assert asked(request) == {company.sergey}
    assert followers.stranded(departments=[company.department.pk]) == []


def test_too_few_for_the_quorum_keep_the_tasks_too(company: Company, hold: Any) -> None:
    quorum(company, 1, Quorum.COUNT, 2)
    request = company.submitted()
    company.approve(request, company.boris)
    hold(left=[company.vera])
    assert company.open_position(request) == 1
    assert asked(request) == {company.vera}
    assert followers.stranded(departments=[company.department.pk]) == [request.number]


def test_the_last_who_has_not_approved_loses_the_role_and_the_stage_passes(
    company: Company, hold: Any
) -> None:
    quorum(company, 1, Quorum.ALL)
    request = company.submitted()
    company.approve(request, company.boris)
    hold(left=[company.vera])
    assert company.open_position(request) == 2
    assert asked(request) == {company.fedor}
    assert told(request)[0]["lost"] == ["Лебедева Вера"]


def test_everyone_who_has_not_approved_loses_the_role_and_nothing_passes(
    company: Company, hold: Any
) -> None:
    quorum(company, 1, Quorum.ALL)
    request = company.submitted()
    hold(left=[company.vera, company.boris])
    assert company.open_position(request) == 1
    assert asked(request) == {company.vera, company.boris}


def last_of_two_treasurers(company: Company) -> PaymentRequest:
    """Approved by all but Sergey, who has to as well."""
    quorum(company, 3, Quorum.ALL)
    group = ApproverGroup.objects.get(code="treasurers")
    GroupMembership.objects.create(group=group, employee=company.sergey)
    request = company.submitted(own_account=company.own_account)
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(request, person)
    assert asked(request) == {company.sergey}
    return request


def test_it_may_be_the_last_approval_that_is_needed_no_more(company: Company, join: Any) -> None:
    request = last_of_two_treasurers(company)
    join("treasurers", left=[(company.sergey, None)])
    request.refresh_from_db()
    assert (request.status, request.stage) == (Status.APPROVED, None)
    event = request.events.last()
    assert event
    assert (event.action, event.status) == (Action.REASK, Status.APPROVED)


def test_what_could_not_be_paid_any_more_is_not_approved_by_a_dismissal(
    company: Company, join: Any
) -> None:
    request = last_of_two_treasurers(company)
    OwnAccount.objects.filter(pk=company.own_account.pk).update(is_active=False)
    join("treasurers", left=[(company.sergey, None)])
    assert company.open_position(request) == 3
    assert asked(request) == {company.sergey}
    assert told(request) == []
    group = ApproverGroup.objects.get(code="treasurers")
    assert followers.stranded(groups=[group.pk]) == [request.number]


def test_a_stage_is_passed_by_nobodys_appointment(company: Company, join: Any) -> None:
    """By the route his earlier approval would count here, had he held the role before."""
    request = company.submitted()
    company.approve(request, company.boris)
    join("financial_managers", joined=[(company.boris, None)], left=[(company.fedor, None)])
    assert company.open_position(request) == 2
    assert asked(request) == {company.boris}


def test_where_nobody_may_decide_twice_only_who_is_free_is_asked(
    company: Company, join: Any
) -> None:
    company.route.same_person = SamePerson.FORBID
    company.route.save()
    request = company.submitted()
    company.approve(request, company.boris)
    # Boris has decided, and the last stage cannot do without Tamara.
    seats = [(person, None) for person in (company.boris, company.tamara, company.sergey)]
    join("financial_managers", joined=seats)
    assert asked(request) == {company.fedor, company.sergey}


def test_what_a_killed_process_has_left_is_caught_up_with_once(
    company: Company, gleb: Employee
) -> None:
    request = company.submitted()
    # Nothing follows: the process is gone before the commit has its consequences.
    appointments.change_holders(
        department=company.department, joined=[company.sergey], left=[company.boris], actor=gleb,
        channel=ADMIN,
    )  # fmt: skip
    people.change(employee=company.vera, actor=gleb, channel=ADMIN, fields={"is_active": False})
    assert asked(request) == {company.boris, company.vera}
    for _run in range(2):
        tasks.follow_appointments()
        assert asked(request) == {company.sergey}
    [event] = request.events.filter(action=Action.REASK)
    assert event.actor == gleb


def test_who_has_handed_over_since_is_not_asked_by_that(company: Company, hold: Any) -> None:
    company.may_take_over(company.tamara)
    request = company.submitted()
    hold(joined=[company.sergey])
    decisions.reassign(
        task=company.task(request, company.sergey), to=company.tamara, actor=company.sergey,
        channel=TELEGRAM, reason="Ухожу в отпуск",
    )  # fmt: skip
    tasks.follow_appointments()
    assert company.sergey not in asked(request)


@pytest.mark.django_db(transaction=True)
def test_presses_and_appointments_at_once_leave_one_state(company: Company) -> None:
    gleb = company.allow(company.gleb, "change_department")
    submitted = [company.submitted() for _number in range(3)]
    presses = [(request, who) for request in submitted for who in (company.boris, company.vera)]
    acts: list[Act] = [partial(company.approve, request, who) for request, who in presses]
    for joined, left in ((company.sergey, company.boris), (company.boris, company.vera)):
        acts.append(
            partial(
                appointments.change_holders, department=company.department, joined=[joined],
                left=[left], actor=gleb, channel=ADMIN,
            )
        )  # fmt: skip
    barrier = threading.Barrier(len(acts))
    wrong: list[Exception] = []

    def run(act: Act) -> None:
        barrier.wait()
        try:
            act()
        except TreasuryError:
            pass
        except Exception as exc:
            wrong.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert list(proving.faults()) == []
    holders = set(company.department.budget_holders.all())
    for request in submitted:
        approved = request.decisions.count()
        assert company.open_position(request) == 1 + approved
        assert asked(request) == ({company.fedor} if approved else holders)
