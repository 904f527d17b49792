"""Which requests a person may read, and which wait for him; whether they are few or many."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests.company import TELEGRAM, Company
from treasury.models import Delegation, Employee, PaymentRequest, reading
from treasury.services import decisions


@pytest.fixture(autouse=True, params=[(99, 99), (0, 99), (0, 0)], ids=["few", "more", "many"])
def much(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is asked in another way for those who may read much."""
    few, many = request.param
    monkeypatch.setattr(reading, "FEW", few)
    monkeypatch.setattr(reading, "MANY", many)


def readable(employee: Employee) -> list[PaymentRequest]:
    rows = list(PaymentRequest.objects.visible_to(employee))
    assert list(PaymentRequest.objects.readable_by(employee)) == rows
    return rows


def waiting(employee: Employee) -> list[PaymentRequest]:
    return list(PaymentRequest.objects.waiting_for(employee))


def away(principal: Employee, deputy: Employee, **scope: object) -> Delegation:
    now = timezone.now()
    return Delegation.objects.create(
        principal=principal, deputy=deputy, since=now - timedelta(hours=1),
        until=now + timedelta(days=1), begun_by=principal, **scope,
    )  # fmt: skip


def test_who_may_view_everything_reads_everything(company: Company) -> None:
    drafts = [company.draft(), company.draft()]
    assert readable(company.anna) == drafts[::-1]
    assert waiting(company.anna) == []


def test_the_author_and_the_requester_read_a_request_once_each(company: Company) -> None:
    request = company.draft(requester=company.sergey)
    company.draft()
    PaymentRequest.objects.filter(pk=request.pk).update(author=company.gleb)
    assert readable(company.gleb) == readable(company.sergey) == [request]
    PaymentRequest.objects.filter(pk=request.pk).update(author=company.sergey)
    assert readable(company.sergey) == [request]


def test_whoever_has_or_had_a_task_reads_the_request(company: Company) -> None:
    request, other = company.submitted(), company.submitted()
    assert readable(company.boris) == waiting(company.boris) == [other, request]
    company.approve(request, company.vera)
    assert readable(company.boris) == [other, request]
    assert waiting(company.boris) == [other]
    assert readable(company.fedor) == waiting(company.fedor) == [request]


def test_who_has_no_part_in_it_reads_nothing(company: Company) -> None:
    company.submitted()
    company.approved()
    for stranger in (company.sergey, company.gleb):
        assert readable(stranger) == waiting(stranger) == []


def test_a_deputy_reads_what_his_principal_does_while_he_stands_in(company: Company) -> None:
    request = company.submitted()
    delegation = away(company.boris, company.sergey)
    assert readable(company.sergey) == waiting(company.sergey) == [request]
    Delegation.objects.filter(pk=delegation.pk).update(until=timezone.now())
    assert readable(company.sergey) == waiting(company.sergey) == []


def test_nobody_stands_in_for_one_who_has_left(company: Company) -> None:
    company.submitted()
    away(company.boris, company.sergey)
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)
    assert readable(company.sergey) == waiting(company.sergey) == []


@pytest.mark.parametrize(
    ("scope", "reaches"),
    [
        (lambda company: {"organization": company.organization}, True),
        (lambda company: {"stage": company.route.stages.get(position=1)}, True),
        (lambda company: {"stage": company.route.stages.get(position=2)}, False),
    ],
    ids=["organization", "stage", "other stage"],
)
def test_a_deputy_reads_no_further_than_his_scope(
    company: Company, scope: Callable[[Company], dict[str, object]], reaches: bool
) -> None:
    request = company.submitted()
    away(company.boris, company.sergey, **scope(company))
    assert readable(company.sergey) == waiting(company.sergey) == [request] * reaches


def test_a_former_deputy_reads_what_he_decided(company: Company) -> None:
    decided = company.submitted()
    company.submitted()
    delegation = away(company.boris, company.sergey)
    task = company.task(decided, company.boris)
    decisions.approve(task=task, actor=company.sergey, channel=TELEGRAM)
    Delegation.objects.filter(pk=delegation.pk).update(until=timezone.now())
    assert readable(company.sergey) == [decided]


def test_nothing_waits_for_who_asks_for_the_money(company: Company) -> None:
    request = company.submitted()
    PaymentRequest.objects.filter(pk=request.pk).update(requester=company.boris)
    assert readable(company.boris) == [request]
    assert waiting(company.boris) == []


def test_a_request_is_found_by_the_end_of_its_number(company: Company) -> None:
    first = company.draft()
    numbered = PaymentRequest.objects.filter(pk=first.pk)
    assert list(PaymentRequest.objects.ending_with("1")) == [first]
    assert not PaymentRequest.objects.ending_with("01001").exists()
    numbered.update(number="РОМ-2026-100017")
    assert list(PaymentRequest.objects.ending_with("100017")) == [first]
    assert not PaymentRequest.objects.ending_with("17").exists()
