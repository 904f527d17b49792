"""The rules that the database keeps are asked about at once, and each is told that is broken."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import CheckConstraint, Model
from django.test.utils import CaptureQueriesContext

from tests.company import Company
from treasury.models import PaymentRequest
from treasury.workflow import PaymentStatus, Status

pytestmark = pytest.mark.django_db
RULES = [rule for rule in PaymentRequest._meta.constraints if isinstance(rule, CheckConstraint)]


def told(request: PaymentRequest, exclude: set[str] | None = None) -> list[str]:
    try:
        request.validate_constraints(exclude)
    except ValidationError as error:
        return error.messages
    return []


def told_one_by_one(request: PaymentRequest, exclude: set[str] | None = None) -> list[str]:
    """As Django does it."""
    messages = []
    for rule in RULES:
        try:
            rule.validate(PaymentRequest, request, exclude)
        except ValidationError as error:
            messages += error.messages
    return messages


def test_while_all_hold_it_is_one_question(company: Company) -> None:
    request = company.submitted()
    with CaptureQueriesContext(connection) as queries:
        assert told(request) == []
    asked = [query["sql"] for query in queries if "_check" in query["sql"]]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("broken", "exclude", "rules"),
    [
        ({"amount": -1}, set(), ["amount_is_positive", "vat_is_within_amount"]),
        ({"amount": -1}, {"vat_amount"}, ["amount_is_positive"]),
        ({"vat_amount": -1}, set(), ["vat_is_within_amount"]),
        ({"vat_amount": None}, set(), []),
        ({"status": "lost"}, set(), ["status_is_known", "has_a_snapshot_in_approval"]),
        ({"status": Status.IN_APPROVAL}, set(), ["has_a_stage", "has_a_snapshot_in_approval"]),
        (
            {"amount": -1, "payment_status": PaymentStatus.PAID},
            set(),
            ["amount_is_positive", "vat_is_within_amount", "is_paid_only_when_approved"],
        ),
        ({"payment_status": PaymentStatus.PAID}, {"status"}, []),
    ],
)
def test_each_that_is_broken_is_told(
    company: Company, broken: dict[str, Any], exclude: set[str], rules: list[str]
) -> None:
    request = company.draft()
    for name, value in broken.items():
        setattr(request, name, value)
    messages = told(request, exclude)
    assert messages == told_one_by_one(request, exclude)
    assert len(messages) == len(rules)
    for message, rule in zip(messages, rules, strict=True):
        assert f"request_{rule}" in message


def test_nothing_else_is_forgotten(company: Company) -> None:
    request = company.draft()
    [(model, rules)] = request.get_constraints()
    others = [rule.name for rule in PaymentRequest._meta.constraints if rule not in RULES]
    kind: type[Model] = PaymentRequest
    assert (model, [rule.name for rule in rules[1:]]) == (kind, others)
