"""Hours in which people work: over nights, weekends, holidays, the year's end and other zones."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import LazySettings
from django.core.checks import run_checks

from treasury import working_time
from treasury.models import CalendarDay
from treasury.working_time import WorkingTime

Kind = CalendarDay.Kind
BY_LAW = WorkingTime({})


def at(text: str, zone: str = "Europe/Moscow") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def after(start: str, hours: float, calendar: WorkingTime = BY_LAW) -> str:
    moment = calendar.after(at(start), timedelta(hours=hours))
    return moment.astimezone(ZoneInfo("Europe/Moscow")).isoformat(" ", "minutes")[:16]


def between(start: str, end: str, calendar: WorkingTime = BY_LAW) -> float:
    return calendar.between(at(start), at(end)) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        # Within a day, over its lunch, to its very end, and to the next one.
        ("2026-11-30 10:00", 2, "2026-11-30 12:00"),
        ("2026-11-30 12:00", 2, "2026-11-30 15:00"),
        ("2026-11-30 09:00", 8, "2026-11-30 18:00"),
        ("2026-11-30 17:30", 1, "2026-12-01 09:30"),
        # What comes at night, or at lunch, begins with the next hour of work.
        ("2026-11-30 23:10", 1, "2026-12-01 10:00"),
        ("2026-11-30 13:20", 1, "2026-11-30 15:00"),
        # Over a weekend; from a Saturday.
        ("2026-12-04 17:00", 4, "2026-12-07 12:00"),
        ("2026-12-05 12:00", 1, "2026-12-07 10:00"),
        # Over the holidays of May, of which one falls on a Saturday and is given back on a Monday;
        # the eve of either is an hour shorter.
        ("2026-04-30 16:00", 2, "2026-05-04 10:00"),
        ("2026-05-08 16:00", 2, "2026-05-12 10:00"),
        # Over the end of the year: 31 December and 9 January are days off by decree.
        ("2026-12-30 17:00", 2, "2027-01-11 10:00"),
        ("2025-12-30 17:00", 2, "2026-01-12 10:00"),
        # A Saturday that is worked for a Monday before a holiday, and is as long as that.
        ("2027-02-19 17:00", 9, "2027-02-24 10:00"),
    ],
)
def test_it_counts_the_hours_of_work_alone(start: str, hours: float, expected: str) -> None:
    assert after(start, hours) == expected
    assert between(start, expected) == hours


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_a_year_has_as_many_hours_as_the_production_calendar_says(year: int) -> None:
    """https://www.consultant.ru/law/ref/calendar/proizvodstvennye/: 1972 h of a 40-hour week."""
    assert between(f"{year}-01-01 00:00", f"{year + 1}-01-01 00:00") == 1972


def test_nothing_passes_backwards_or_at_night() -> None:
    assert between("2026-12-01 12:00", "2026-11-30 12:00") == 0
    assert between("2026-11-30 18:00", "2026-12-01 09:00") == 0


def test_the_back_office_knows_better() -> None:
    calendar = WorkingTime(
        {
            date(2026, 12, 1): Kind.OFF,
            date(2026, 12, 5): Kind.WORKING,
            date(2026, 12, 2): Kind.SHORT,
        }
    )
    assert after("2026-11-30 17:00", 2, calendar) == "2026-12-02 10:00"
    assert after("2026-12-02 16:00", 2, calendar) == "2026-12-03 10:00"
    assert after("2026-12-04 17:00", 2, calendar) == "2026-12-05 10:00"


def test_its_corrections_are_read_anew(db: None) -> None:
    start, hour = at("2026-11-30 17:30"), timedelta(hours=1)
    assert working_time.current().after(start, hour) == at("2026-12-01 09:30")
    CalendarDay.objects.create(date=date(2026, 12, 1), kind=Kind.OFF, note="Our own day")
    assert working_time.current().after(start, hour) == at("2026-12-02 09:30")


def test_days_are_those_of_the_company_wherever_the_moment_is_from() -> None:
    """20:30 of a Sunday in New York is 4:30 of a Monday in Moscow."""
    moment = BY_LAW.after(at("2026-11-29 20:30", "America/New_York"), timedelta(hours=1))
    assert moment == at("2026-11-30 10:00")


def test_a_clock_that_is_put_forward_takes_no_hour_of_work(settings: LazySettings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    # On 29 March 2026 two o'clock is three.
    start = at("2026-03-27 16:00", "Europe/Berlin")
    assert BY_LAW.after(start, timedelta(hours=3)) == at("2026-03-30 10:00", "Europe/Berlin")


def test_a_company_has_its_own_hours(settings: LazySettings) -> None:
    settings.WORKING_HOURS = ["10:00-20:00"]
    assert after("2026-11-30 19:00", 2) == "2026-12-01 11:00"


@pytest.mark.parametrize(
    "hours", [["9-18"], ["09:00-13:00", "12:00-18:00"], ["18:00-09:00"], [], ["soon"]]
)
def test_hours_that_mean_nothing_are_an_error_of_the_settings(
    settings: LazySettings, hours: list[str]
) -> None:
    assert not [found for found in run_checks() if found.id == "treasury.E002"]
    settings.WORKING_HOURS = hours
    assert [found for found in run_checks() if found.id == "treasury.E002"]


@pytest.mark.django_db
def test_the_next_working_day_is_no_holiday() -> None:
    calendar = working_time.current()
    assert calendar.working_day(date(2026, 11, 27)) == date(2026, 11, 27)
    assert calendar.working_day(date(2026, 11, 28)) == date(2026, 11, 30)
    assert calendar.working_day(date(2027, 1, 1)) == date(2027, 1, 11)
