"""What is to be said of a day for which money is wanted: that banks make no payments on it, or that
it is so far away that another year must have been meant."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import working_time
from treasury.models import CalendarDay
from treasury.working_time import WorkingTime

_DAY = timedelta(days=1)
_YEAR = timedelta(days=366)
_SATURDAY, _SUNDAY = 5, 6


def remark(day: date) -> str:
    """Empty for a working day of the next twelve months."""
    if day > farthest():
        return too_far()
    return _of_day_off(day, working_time.current())


def days_off() -> Iterator[tuple[date, str]]:
    """Those of the next twelve months, each with its remark."""
    calendar, day = working_time.current(), timezone.localdate()
    while day <= farthest():
        if said := _of_day_off(day, calendar):
            yield day, said
        day += _DAY


def farthest() -> date:
    return timezone.localdate() + _YEAR


def too_far() -> str:
    return _("in more than a year: is that the right year?")


def _of_day_off(day: date, calendar: WorkingTime) -> str:
    if calendar.kind(day) != CalendarDay.Kind.OFF:
        return ""
    paid = calendar.working_day(day)
    is_weekend = day.weekday() in (_SATURDAY, _SUNDAY)
    if not is_weekend or paid - day > timedelta(days=7 - day.weekday()):
        return _("Day off: the bank will pay on %(day)s") % {"day": f"{paid:%d.%m.%Y}"}
    if day.weekday() == _SATURDAY:
        return _("Saturday: the bank will pay on Monday")
    return _("Sunday: the bank will pay on Monday")
