"""A query whose SQL is written once gives what Django's own would."""

import pytest

from tests.company import ADMIN, Company
from treasury.models import ApprovalStage, ApprovalTask, Decision, PaymentRequest, Revision
from treasury.prepared import Prepared
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
