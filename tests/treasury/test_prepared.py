"""A query whose SQL is written once gives what Django's own would."""

from datetime import datetime

import pytest
from django.db import DatabaseError, connection
from django.db.models import F
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from tests.company import ADMIN, Company
from treasury.models import (
    ApprovalStage,
    ApprovalTask,
    Decision,
    Event,
    Organization,
    PaymentRequest,
    Revision,
)
from treasury.prepared import Prepared, PreparedUpdate, complete, gather, insert, update
from treasury.services import decisions

TASKS = Prepared(
    lambda request: ApprovalTask.objects.filter(request=request).order_by("id"),
    int,
    related={"employee": (), "decision": (), "stage": ("id", "name")},
)
REVISIONS = Prepared(lambda keys: Revision.objects.filter(pk__among=keys), list)
NUMBERED = Prepared(lambda number: PaymentRequest.objects.filter(number=number), str)


def test_rows_and_those_related_are_as_the_database_has_them(company: Company) -> None:
    request = company.submitted()
    task = request.tasks.get(employee=company.boris)
    decisions.approve(task=task, actor=company.boris, channel=ADMIN)
    for _twice in range(2):
        found = TASKS(request.pk)
        assert found == list(request.tasks.order_by("id"))
        assert [each.employee for each in found] == [
            each.employee for each in request.tasks.order_by("id")
        ]
    decided, waiting = found[0], found[-1]
    assert decided.decision == Decision.objects.get()
    assert decided.decision.decided_at == Decision.objects.get().decided_at
    assert decided.decision.task is decided
    assert not hasattr(waiting, "decision")


def test_a_column_that_was_not_named_is_read_when_it_is_asked_for(company: Company) -> None:
    [task, *_others] = TASKS(company.submitted().pk)
    assert task.stage.get_deferred_fields() >= {"quorum", "state"}
    assert task.stage.state == "open"


def test_what_the_driver_leaves_to_a_field_is_read_by_it(company: Company) -> None:
    snapshot = company.submitted().snapshot
    assert snapshot is not None
    [found] = REVISIONS([snapshot.pk])
    assert found.facts == snapshot.facts
    assert found.submitted_at == snapshot.submitted_at


def test_of_a_path_that_leads_to_many_each_makes_a_row(company: Company) -> None:
    request = company.submitted()
    rows = Prepared(
        lambda key: ApprovalStage.objects.filter(request=key).order_by("position", "tasks__id"),
        int,
        related={"tasks": (), "tasks__employee": ("id", "last_name")},
    ).rows(request.pk)
    pairs = [(row[""].position, row["tasks"] and row["tasks"].employee.pk) for row in rows]
    assert pairs == [(1, company.boris.pk), (1, company.vera.pk), (2, None), (3, None)]


def test_each_call_has_its_own_values(company: Company) -> None:
    first, second = company.submitted(), company.submitted()
    assert NUMBERED.first(first.number) == first
    assert NUMBERED.first(second.number) == second
    assert NUMBERED.first("no such") is None


def test_a_query_that_changes_its_parameter_is_refused(company: Company) -> None:
    later = Prepared(lambda key: PaymentRequest.objects.filter(pk=key + 1), int)
    with pytest.raises(ValueError, match="changes its parameters"):
        later(0)


def test_related_rows_are_read_once_and_of_none_nothing(company: Company) -> None:
    request = PaymentRequest.objects.get(pk=company.draft(own_account=None).pk)
    for queries in (2, 0):
        with CaptureQueriesContext(connection) as captured:
            complete(request, ["organization", "requester", "own_account"])
            found = (request.organization, request.requester, request.own_account)
        assert found == (company.organization, company.anna, None)
        assert len(captured) == queries


@pytest.mark.django_db
def test_a_related_row_that_is_gone_is_missed_by_whoever_asks_for_it() -> None:
    request = PaymentRequest(organization_id=0)
    complete(request, ["organization"])
    with pytest.raises(Organization.DoesNotExist):
        _ = request.organization


@pytest.mark.django_db(transaction=True)
def test_rows_are_held_in_a_transaction_alone(company: Company) -> None:
    """Outside of one they would be let go at once."""
    rows = Prepared(lambda key: PaymentRequest.objects.filter(pk=key), int, shared=True)
    for _twice in range(2):
        with pytest.raises(TransactionManagementError):
            rows(company.draft().pk)


def test_rows_are_inserted_with_what_django_would_write(company: Company) -> None:
    stages = list(company.submitted().stages.order_by("position"))
    rows = [
        ApprovalTask(request=stage.request, stage=stage, employee=company.sergey, revision=1)
        for stage in stages
    ]
    for _twice in range(2):
        insert(rows)
        found = ApprovalTask.objects.filter(employee=company.sergey).order_by("pk")
        assert [row.pk for row in rows] == [row.pk for row in found]
        assert [row.stage for row in found] == stages
        assert [row.created_at for row in rows] == [row.created_at for row in found]
        assert rows[0].status == found[0].status == ApprovalTask.Status.OPEN
        found.delete()
    insert([])


def test_a_row_takes_over_the_key_that_another_has_got_meanwhile(company: Company) -> None:
    stage = company.submitted().stages.earliest("position")
    stage.pk, stage.position, stage.state = None, 9, ApprovalStage.State.WAITING
    task = ApprovalTask(request=stage.request, stage=stage, employee=company.sergey, revision=1)
    insert([stage])
    insert([task])
    assert ApprovalTask.objects.get(employee=company.sergey).stage == stage


def test_the_named_columns_are_written_and_no_other(company: Company) -> None:
    task = company.submitted().tasks.earliest("pk")
    task.status, task.origin = ApprovalTask.Status.CLOSED, ApprovalTask.Origin.ADDED
    for _twice in range(2):
        update(task, ["status"])
        found = ApprovalTask.objects.get(pk=task.pk)
        assert (found.status, found.origin) == ("closed", "route")


def test_a_row_that_is_gone_is_not_written_silently(company: Company) -> None:
    task = company.submitted().tasks.earliest("pk")
    ApprovalTask.objects.filter(pk=task.pk).delete()
    with pytest.raises(DatabaseError, match="no such row: ApprovalTask"):
        update(task, ["status"])


def test_many_rows_are_changed_to_what_is_given(company: Company) -> None:
    first, second = company.submitted(), company.submitted()
    later = PreparedUpdate(
        lambda keys, _by: PaymentRequest.objects.filter(pk__among=keys),
        list,
        int,
        change=lambda _keys, by: {"journal_length": F("journal_length") + by},
    )
    for by in (5, 7):
        lengths = [request.journal_length for request in (first, second)]
        assert later([first.pk, second.pk], by) == 2
        assert later([], by) == 0
        first.refresh_from_db()
        second.refresh_from_db()
        assert [first.journal_length, second.journal_length] == [each + by for each in lengths]


def test_moments_are_parameters_too(company: Company) -> None:
    first, second = company.submitted(), company.submitted()
    later = Prepared(
        lambda than, request: Event.objects.filter(at__gt=than, request=request), datetime, int
    )
    for request in (first, second):
        created, *others = request.events.order_by("id")
        assert later(created.at, request.pk) == others
        assert later(others[-1].at, request.pk) == []


def test_what_was_gathered_is_asked_for_no_more(company: Company) -> None:
    request = company.submitted()
    stages = list(request.stages.order_by("-position"))
    gather(request, "stages", stages)
    with CaptureQueriesContext(connection) as captured:
        assert [*request.stages.all()] == stages
    assert captured.captured_queries == []
