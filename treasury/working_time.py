"""Working time, in which deadlines are counted: the production calendar of Russia, corrected.

The library knows the holidays, and the days that the decrees so far have moved; the back office
knows better (`CalendarDay`). A working day is `settings.WORKING_HOURS`, by default 9–13 and 14–18:
the eight hours of the law, of which the lunch is none. Before a holiday it is an hour shorter, and
so is a Saturday that is worked for such a day:
https://www.consultant.ru/document/cons_doc_LAW_34683/ (articles 95, 112).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache

import holidays
from django.conf import settings
from django.utils import timezone

from treasury.models import CalendarDay
from treasury.prepared import Prepared

Kind = CalendarDay.Kind
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_CORRECTIONS = Prepared(lambda: CalendarDay.objects.order_by())
# So the library calls a day off that was moved there from another; of others it says the holiday.
_MOVED = "выходной"


@dataclass(frozen=True)
class WorkingTime:
    """`corrections` are the days that the back office has corrected."""

    corrections: Mapping[date, str]

    def after(self, start: datetime, duration: timedelta) -> datetime:
        """The moment by which so much working time has passed since the start."""
        for begins, ends in self._spans(start):
            if ends - begins >= duration:
                return begins + duration
            duration -= ends - begins
        raise ValueError("there is no more working time")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much working time passes; none when the end comes first."""
        passed = timedelta()
        for begins, ends in self._spans(start):
            if begins >= end:
                break
            passed += min(ends, end) - begins
        return passed

    def working_day(self, day: date) -> date:
        """The day itself, or the first after it on which people work."""
        while self.kind(day) == Kind.OFF:
            day += _DAY
        return day

    def kind(self, day: date) -> str:
        return self.corrections.get(day) or _by_law(day)

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches in which people work, from then on, in UTC: a clock that is put forward
        within one makes it shorter."""
        start = start.astimezone(UTC)
        day = timezone.localdate(start)
        worked, zone = _setting(), timezone.get_default_timezone()
        while day.year < date.max.year:
            for begins, ends in _spans_of(day, self.kind(day), worked, zone):
                if ends > start:
                    yield max(begins, start), ends
            day += _DAY


def current() -> WorkingTime:
    """As the back office has corrected it by now; one query."""
    return WorkingTime({day.date: day.kind for day in _CORRECTIONS()})


@cache
def hours(spans: tuple[str, ...]) -> list[tuple[time, time]]:
    """Of «09:00-13:00», …, in their order. Raises ValueError."""
    read = []
    for span in spans:
        begins, ends = (time.fromisoformat(part.strip()) for part in span.split("-"))
        read.append((begins, ends))
    moments = [moment for span in read for moment in span]
    if not moments or moments != sorted(set(moments)):
        raise ValueError("the hours must follow each other")
    return read


# Of some years: the time of many stages lies within the same few days.
@lru_cache(maxsize=2_000)
def _spans_of(
    day: date, kind: str, worked: tuple[str, ...], zone: tzinfo
) -> Sequence[tuple[datetime, datetime]]:
    if kind == Kind.OFF:
        return ()
    spans = [(_at(day, begins, zone), _at(day, ends, zone)) for begins, ends in hours(worked)]
    if kind == Kind.SHORT:
        begins, ends = spans[-1]
        spans[-1] = begins, max(begins, ends - _HOUR)
    return spans


def _setting() -> tuple[str, ...]:
    return tuple(settings.WORKING_HOURS)


def _at(day: date, moment: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, moment, zone).astimezone(UTC)


@cache
def _russia() -> holidays.HolidayBase:
    return holidays.country_holidays("RU", language="ru")


@lru_cache(maxsize=2_000)
def _by_law(day: date) -> str:
    known = _russia()
    if not known.is_working_day(day):
        return Kind.OFF
    # It is as long as the day for which it is worked.
    worked_for = known.get_named(f"{day:%d.%m.%Y}")
    eve = worked_for[0] if day in known.weekend_workdays and worked_for else day
    name = known.get(eve + _DAY, _MOVED)
    return Kind.WORKING if _MOVED in name.lower() else Kind.SHORT
