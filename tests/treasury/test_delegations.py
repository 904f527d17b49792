"""Deputies: who may appoint whom, what they may decide, and that nothing is stuck by it."""

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from tests.company import ADMIN, TELEGRAM, Company
from tests.treasury.conftest import appoint, stage
from treasury import explanation
from treasury.approval import read
from treasury.errors import (
    DelegationRefused,
    NotAllowed,
    TreasuryError,
)
from treasury.models import (
    AccountEvent,
    ApprovalTask,
    Delegation,
    Employee,
    Organization,
    PaymentRequest,
)
from treasury.services import decisions, delegations, requests

pytestmark = pytest.mark.usefixtures("english")


def test_a_freeze_is_dissolved_by_a_delegation(company: Company) -> None:
    """Boris alone holds the budget and is away; nobody else can move his task on."""
    company.department.budget_holders.remove(company.vera)
    request = company.submitted()
    task = company.task(request, company.boris)
    with pytest.raises(NotAllowed):
        decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)

    administrator = company.allow(company.gleb, "add_delegation")
    appoint(company.boris, company.sergey, actor=administrator, reason="В больнице")

    decision = decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    assert (decision.decided_by, decision.on_behalf_of) == (company.sergey, company.boris)
    event = request.events.latest("id")
    assert (event.actor, event.on_behalf_of) == (company.sergey, company.boris)
    assert company.open_position(request) == 2


def test_nobody_appoints_himself(company: Company) -> None:
    administrator = company.allow(company.gleb, "add_delegation")
    with pytest.raises(DelegationRefused, match="Nobody appoints himself"):
        appoint(company.boris, administrator, actor=administrator)
    assert not Delegation.objects.exists()


def test_who_asks_for_the_money_does_not_choose_who_decides(company: Company) -> None:
    author = company.allow(company.anna, "add_delegation")
    appoint(company.boris, company.sergey, actor=author)
    request = company.submitted()
    with pytest.raises(NotAllowed):
        decisions.approve(
            task=company.task(request, company.boris), actor=company.sergey, channel=TELEGRAM
        )
    assert explanation.why(read(request), company.sergey) == []


def test_whoever_is_away_may_still_decide_himself(company: Company) -> None:
    request = company.submitted()
    appoint(company.boris, company.sergey)
    assert company.approve(request, company.boris).on_behalf_of is None


def test_a_delegation_over_or_to_come_gives_no_right(company: Company) -> None:
    request = company.submitted()
    to_come = appoint(company.boris, company.sergey, since=timezone.now() + timedelta(hours=1))
    over = appoint(company.vera, company.sergey)
    delegations.end(delegation=over, actor=company.vera, channel=TELEGRAM)
    assert to_come in Delegation.objects.of(company.boris)
    for principal in (company.boris, company.vera):
        task = company.task(request, principal)
        with pytest.raises(NotAllowed):
            decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)


@pytest.mark.parametrize(("position", "allowed"), [(1, True), (2, False)])
def test_a_delegation_of_one_stage_covers_that_stage_alone(
    company: Company, position: int, allowed: bool
) -> None:
    appoint(company.boris, company.sergey, stage=stage(company, position))
    request = company.submitted()
    task = company.task(request, company.boris)
    assert (task in ApprovalTask.objects.open_for(company.sergey)) == allowed
    assert (request in PaymentRequest.objects.waiting_for(company.sergey)) == allowed
    if allowed:
        decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
        return
    with pytest.raises(NotAllowed):
        decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)


def test_the_stage_is_still_known_after_a_change_asked_anew(company: Company) -> None:
    appoint(company.boris, company.sergey, stage=stage(company, 1))
    request = company.submitted()
    requests.change(
        request=request,
        actor=company.anna,
        channel=ADMIN,
        fields={"contract": "№ 7"},
    )
    task = company.task(request, company.boris)
    decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    assert company.open_position(request) == 2


def test_a_stage_with_a_delegation_cannot_be_deleted(company: Company) -> None:
    delegation = appoint(company.boris, company.sergey, stage=stage(company, 1))
    with pytest.raises(ProtectedError):
        stage(company, 1).delete()
    assert list(Delegation.objects.running()) == [delegation]


def test_a_former_deputy_may_read_what_he_decided_and_nothing_else(company: Company) -> None:
    company.route.stages.filter(position=1).update(quorum="all")
    delegation = appoint(company.boris, company.sergey)
    decided, other = company.submitted(), company.submitted()
    task = company.task(decided, company.boris)
    decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    assert list(PaymentRequest.objects.visible_to(company.sergey)) == [other, decided]
    delegations.end(delegation=delegation, actor=company.boris, channel=TELEGRAM)
    assert list(PaymentRequest.objects.visible_to(company.sergey)) == [decided]


def test_a_delegation_of_one_organization_covers_no_other(company: Company) -> None:
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="7743013901")
    appoint(company.boris, company.sergey, organization=other)
    request = company.submitted()
    with pytest.raises(NotAllowed):
        decisions.approve(
            task=company.task(request, company.boris), actor=company.sergey, channel=TELEGRAM
        )


def test_only_the_person_himself_or_an_administrator_appoints(company: Company) -> None:
    for actor in (company.sergey, company.vera, company.anna):
        with pytest.raises(NotAllowed):
            appoint(company.boris, company.sergey, actor=actor)
    assert not Delegation.objects.exists()
    assert not AccountEvent.objects.exists()


def hours(number: float) -> datetime:
    return timezone.now() + timedelta(hours=number)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"until": -1}, "in the past"),
        ({"since": 3, "until": 2}, "after the beginning"),
        ({"reason": "x" * 201}, "too long"),
    ],
)
def test_dates_and_texts_that_make_no_sense_are_refused(
    company: Company, fields: dict[str, Any], text: str
) -> None:
    values = {
        name: hours(value) if isinstance(value, int) else value for name, value in fields.items()
    }
    with pytest.raises(DelegationRefused, match=text):
        appoint(company.boris, company.sergey, **values)


def test_a_beginning_in_the_past_is_now(company: Company) -> None:
    before = timezone.now()
    assert appoint(company.boris, company.sergey, since=hours(-5)).since >= before


def test_the_deputy_is_someone_else_who_works_here(company: Company) -> None:
    with pytest.raises(DelegationRefused, match="someone else"):
        appoint(company.boris, company.boris)
    Employee.objects.filter(pk=company.sergey.pk).update(is_active=False)
    with pytest.raises(DelegationRefused, match="no longer works here; choose another deputy"):
        appoint(company.boris, company.sergey)
    with pytest.raises(DelegationRefused, match="hand the tasks over"):
        appoint(company.sergey, company.boris, actor=company.allow(company.gleb, "add_delegation"))


def test_an_organization_and_a_stage_are_one_scope_too_many(company: Company) -> None:
    scope = {"organization": company.organization, "stage": stage(company, 1)}
    with pytest.raises(DelegationRefused, match="not both"):
        appoint(company.boris, company.sergey, **scope)
    with pytest.raises(IntegrityError, match="delegation_has_one_scope"), transaction.atomic():
        Delegation.objects.create(
            principal=company.boris, deputy=company.sergey, since=hours(0), until=hours(1), **scope
        )


@pytest.mark.parametrize(
    ("principal", "deputy", "text"),
    [
        ("boris", "gleb", "already has a deputy, С. Посторонних"),
        ("sergey", "gleb", "does not pass this on"),  # a chain: Boris → Sergey → Gleb
        ("gleb", "boris", "is away from .* choose another deputy"),  # Gleb → Boris → Sergey
        ("sergey", "boris", "is away"),  # a circle
    ],
)
def test_overlaps_chains_and_circles_are_refused(
    company: Company, principal: str, deputy: str, text: str
) -> None:
    appoint(company.boris, company.sergey)
    people = getattr(company, principal), getattr(company, deputy)
    with pytest.raises(DelegationRefused, match=text):
        appoint(*people)
    assert Delegation.objects.count() == 1
    later = appoint(*people, since=hours(25), until=hours(30))
    assert later.pk


def test_a_deputy_stands_in_for_several(company: Company) -> None:
    appoint(company.boris, company.sergey)
    assert appoint(company.vera, company.sergey).pk


def test_different_scopes_of_one_person_have_different_deputies(company: Company) -> None:
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="7743013901")
    appoint(company.boris, company.sergey, organization=company.organization)
    assert appoint(company.boris, company.gleb, organization=other).pk
    with pytest.raises(DelegationRefused):
        # The route of this stage is for all organizations.
        appoint(company.boris, company.gleb, stage=stage(company, 1))


def test_different_stages_of_one_person_have_different_deputies(company: Company) -> None:
    appoint(company.boris, company.sergey, stage=stage(company, 1))
    assert appoint(company.boris, company.gleb, stage=stage(company, 2)).pk
    with pytest.raises(DelegationRefused):
        appoint(company.boris, company.vera)


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_delegations_that_make_a_circle_one_stands(company: Company) -> None:
    barrier = threading.Barrier(2)
    refusals: list[TreasuryError] = []

    def go(principal: Employee, deputy: Employee) -> None:
        barrier.wait()
        try:
            appoint(principal, deputy)
        except TreasuryError as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    pairs = [(company.boris, company.vera), (company.vera, company.boris)]
    threads = [threading.Thread(target=go, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusals) == 1
    assert Delegation.objects.count() == 1


def test_ending_closes_a_running_one_and_forgets_one_to_come(company: Company) -> None:
    running = appoint(company.boris, company.sergey)
    to_come = appoint(company.vera, company.sergey, since=hours(1))
    delegations.end(delegation=running, actor=company.boris, channel=TELEGRAM)
    delegations.end(delegation=to_come, actor=company.vera, channel=TELEGRAM)
    assert list(Delegation.objects.all()) == [running]
    assert not Delegation.objects.running().exists()
    with pytest.raises(DelegationRefused, match="already ended"):
        delegations.end(delegation=running, actor=company.boris, channel=TELEGRAM)


def test_neither_the_deputy_nor_a_stranger_ends_it(company: Company) -> None:
    running = appoint(company.boris, company.sergey)
    for actor in (company.sergey, company.gleb):
        with pytest.raises(NotAllowed):
            delegations.end(delegation=running, actor=actor, channel=TELEGRAM)
    administrator = company.allow(company.gleb, "change_delegation")
    delegations.end(delegation=running, actor=administrator, channel=ADMIN)
    assert not Delegation.objects.running().exists()


def test_both_ends_are_in_the_journal_of_the_account(company: Company) -> None:
    delegation = appoint(company.boris, company.sergey, reason="Отпуск")
    delegations.end(delegation=delegation, actor=company.boris, channel=ADMIN)
    back, away = AccountEvent.objects.filter(employee=company.boris)
    assert (away.action, away.actor, away.channel) == ("away", company.boris, "telegram")
    assert (away.data["deputy"], away.data["reason"]) == ("Посторонних Сергей", "Отпуск")
    assert (back.action, back.channel) == ("back", "admin")


def test_the_database_refuses_to_alter_or_delete_what_happened_to_an_account(
    company: Company,
) -> None:
    appoint(company.boris, company.sergey)
    events = AccountEvent.objects.all()
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        events.update(action="back")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        events._raw_delete("default")
