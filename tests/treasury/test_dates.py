"""Dates that cannot be: a payment on a day that has passed, an invoice of tomorrow."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from tests.company import ADMIN, Company
from treasury.days import days_off, remark
from treasury.errors import NotReady
from treasury.models import CalendarDay, PaymentRequest
from treasury.services import requests
from treasury.workflow import Status


def days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


IMPOSSIBLE = [("desired_date", -1), ("invoice_date", 1)]


@pytest.mark.parametrize(("name", "number"), IMPOSSIBLE)
def test_an_impossible_date_is_refused_at_its_field(
    company: Company, name: str, number: int
) -> None:
    fields: dict[str, Any] = {name: days(number)}
    with pytest.raises(ValidationError) as refused:
        company.draft(**fields)
    assert list(refused.value.message_dict) == [name]
    request = company.approved()
    with pytest.raises(ValidationError):
        requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)


def test_today_is_possible(company: Company) -> None:
    request = company.submitted(desired_date=days(0), invoice_date=days(0))
    assert request.status == Status.IN_APPROVAL


def test_a_draft_that_has_waited_too_long_is_submitted_with_a_new_date(company: Company) -> None:
    request = company.draft()
    PaymentRequest.objects.filter(pk=request.pk).update(desired_date=days(-1))
    # Whoever only adds a comment need not answer for the date.
    comment = {"comment": "Ждём договор"}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=comment)
    with pytest.raises(NotReady) as refused:
        requests.submit(request=request, actor=company.anna, channel=ADMIN)
    assert list(refused.value.by_field) == ["desired_date"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 11, 27), ""),
        (date(2026, 11, 28), "Saturday: the bank will pay on Monday"),
        (date(2026, 11, 29), "Sunday: the bank will pay on Monday"),
        (date(2026, 11, 30), ""),
        (date(2026, 11, 4), "Day off: the bank will pay on 05.11.2026"),
        # A Saturday after which Monday is no working day either.
        (date(2027, 1, 2), "Day off: the bank will pay on 11.01.2027"),
        # The back office has corrected these.
        (date(2026, 12, 5), ""),
        (date(2026, 12, 7), "Day off: the bank will pay on 08.12.2026"),
        (date(2027, 11, 3), "in more than a year: is that the right year?"),
        (date.max, "in more than a year: is that the right year?"),
    ],
)
@time_machine.travel(datetime(2026, 11, 1, 9, tzinfo=UTC))
def test_a_day_on_which_nobody_would_be_paid_is_said(db: None, day: date, said: str) -> None:
    CalendarDay.objects.create(date=date(2026, 12, 5), kind=CalendarDay.Kind.WORKING)
    CalendarDay.objects.create(date=date(2026, 12, 7), kind=CalendarDay.Kind.OFF)
    with translation.override("en"):
        assert remark(day) == said
        assert dict(days_off()).get(day, "") == ("" if day.year > 2026 and "year" in said else said)
