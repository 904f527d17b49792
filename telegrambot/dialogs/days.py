"""A day, or a first and a last one: offered by name, or typed as people write days."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.markup import shortened
from telegrambot.content.words import day_of_week
from telegrambot.dialogs.questions import Question, Unclear, Value
from telegrambot.dialogs.said_days import in_digits
from telegrambot.models import Chat, Dialog
from treasury import working_time
from treasury.errors import Text
from treasury.models import Employee

_DAY = r"([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{4}|[0-9]{2}))?\.?(?:\s*(?:г\.?|года?)(?!\w))?"
_ONE_DAY = re.compile(_DAY, re.IGNORECASE)
_LAST_DAY = re.compile(rf"(?:(?:до|по|until|to)\s+)?{_DAY}", re.IGNORECASE)
_DAYS = re.compile(
    rf"(?:(?:со?|from)\s+)?{_DAY}\s*(?:-|–|—|до|по|until|to)\s*{_DAY}", re.IGNORECASE
)
# A day without a year that is farther off than this has rather just passed.
_AHEAD = timedelta(days=180)
_HINT = gettext_lazy(
    "Choose, or send a day such as 25.12 or Friday; for later days both, such as 24.12–10.01."
)
# Of what is no day, so many characters are said back.
_SAID_BACK = 40
_TOLD_AS = gettext_lazy("You are away")
# The day, the month and perhaps the year, as they were typed.
_Typed = tuple[str, str, str | None]


@dataclass(frozen=True, kw_only=True)
class Days(Question):
    """The answer is the last day (ISO), or the first and the last with a slash between them."""

    name: str = "until"
    hint: Text = _HINT
    told_as: Text = _TOLD_AS

    def understood(self, dialog: Dialog) -> str:
        first, _slash, last = str(dialog.answers[self.name]).rpartition("/")
        until = _("until %(day)s, inclusive") % {"day": day_of_week(date.fromisoformat(last))}
        if not first:
            return until
        since = _("from %(day)s") % {"day": day_of_week(date.fromisoformat(first))}
        return f"{since} {until}"

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        return [
            (f"{name}, {last_day:%d.%m}", int(f"{last_day:%Y%m%d}"))
            for name, last_day in _last_days(_today(dialog))
        ]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        return _offered_days(number)

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        return _typed_days(text, _today(dialog))


@dataclass(frozen=True, kw_only=True)
class Day(Question):
    """The answer is one day (ISO), from today on."""

    def understood(self, dialog: Dialog) -> str:
        return day_of_week(date.fromisoformat(str(dialog.answers[self.name])))

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        today, calendar = _today(dialog), working_time.current()
        days = {
            today + timedelta(weeks=1): _("In a week"),
            calendar.working_day(today + timedelta(days=1)): _("Next working day"),
            today: _("Today"),
        }
        return [
            (f"{name}, {day:%d.%m}", int(f"{day:%Y%m%d}")) for day, name in sorted(days.items())
        ]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        day = _offered_days(number)
        return day if day and "/" not in day and day >= _today(dialog).isoformat() else None

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        today = _today(dialog)
        match = _LAST_DAY.fullmatch(in_digits(text, today))
        typed = (match[1], match[2], match[3]) if match else None
        day = _next(typed, today) if typed else None
        if typed is None or day is None:
            what = _(
                "Send a day that exists and is still to come, such as 25.12, 5 December, tomorrow "
                "or Friday."
            )
            raise Unclear(_has_passed(typed, today) or (what if typed else _unread(text, what)))
        if not typed[2] and day - today > _AHEAD:
            meant = f"{day:%d.%m.%Y}"
            question = _("%(day)s has passed. Do you mean %(next)s?")
            facts = {"day": f"{day:%d.%m}", "next": meant}
            yes = _("Yes, %(days)s") % {"days": meant}
            raise Unclear(question % facts, (yes, int(f"{day:%Y%m%d}")))
        return day.isoformat()


def _today(dialog: Dialog) -> date:
    """By the clock of whoever is asked; but no day that is over by that of the company."""
    chat = Chat.objects.get(telegram_id=dialog.telegram_id)
    return max(chat.local(timezone.now()).date(), timezone.localdate())


def period(days: str) -> tuple[datetime | None, datetime]:
    """When it begins, None for now, and its last minute; `days` as the answer keeps them."""
    first, _slash, last = days.rpartition("/")
    return _at(first, time.min) if first else None, _at(last, time(23, 59))


def _at(day: str, moment: time) -> datetime:
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), moment))


def _unread(text: str, what: str) -> str:
    """Of what is no day: that it is none, and what is wanted."""
    said = shortened(" ".join(text.split()), _SAID_BACK)
    return _("I do not understand “%(said)s”. %(what)s") % {"said": said, "what": what}


def latest(text: str) -> date | None:
    """Of something that has been, the day that is typed: without a year the latest that is not to
    come. None for a day that does not exist; raises `ValueError` for what is no day, and `Unclear`
    for what may be one of two."""
    today = timezone.localdate()
    match = _ONE_DAY.fullmatch(in_digits(text, today))
    if match is None:
        raise ValueError(text)
    number, month, year = match.groups()
    # Between two leap days there may be eight years.
    years = [full_year(year)] if year else range(today.year, today.year - 9, -1)
    found = (date_of(each, int(month), int(number)) for each in years)
    days = (date.fromisoformat(iso) for iso in found if iso)
    return next((each for each in days if year or each <= today), None)


def _typed_days(typed: str, today: date) -> str:
    text = in_digits(typed, today)
    passed, is_read = "", True
    if match := _LAST_DAY.fullmatch(text):
        passed = _has_passed((match[1], match[2], match[3]), today)
        if last := _next((match[1], match[2], match[3]), today):
            _check_near(last, today, match[3])
            return last.isoformat()
    elif match := _DAYS.fullmatch(text):
        beginning = (match[1], match[2], match[3])
        first = _next(beginning, today - _AHEAD)
        start = max(first or today, today)
        last = _next((match[4], match[5], match[6]), start)
        if first and last:
            _check_near(last, start, match[6], _next(beginning, today))
            # Who is away already goes away now.
            return f"{first}/{last}" if first > today else last.isoformat()
    else:
        is_read = False
    what = _(
        "Send a day that exists and is still to come, such as 25.12 or Friday, or the first and "
        "the last one, such as 24.12–10.01."
    )
    raise Unclear(passed or (what if is_read else _unread(typed, what)))


def _check_near(last: date, start: date, year: str | None, first: date | None = None) -> None:
    """Ask whether a day of next year is meant, when it has just passed in this one.

    `first` is the day from which on it would be, when one was typed.
    """
    if year or last - start <= _AHEAD:
        return
    meant, number = f"{last:%d.%m.%Y}", int(f"{last:%Y%m%d}")
    label = _("Yes, until %(day)s") % {"day": meant}
    if first and first <= last:
        meant, number = f"{first:%d.%m.%Y}–{meant}", int(f"{first:%Y%m%d}{last:%Y%m%d}")
        label = _("Yes, %(days)s") % {"days": meant}
    text = _("%(day)s has passed. Do you mean %(next)s?")
    raise Unclear(text % {"day": f"{last:%d.%m}", "next": meant}, (label, number))


def _offered_days(option: int) -> str | None:
    """What is on a button as YYYYMMDD, or as two such days one after the other."""
    first, last = (
        date_of(number // 10_000, number // 100 % 100, number % 100)
        for number in divmod(option, 10**8)
    )
    return f"{first}/{last}" if first and last else last


def _has_passed(typed_day: _Typed | None, today: date) -> str:
    """That the day exists and has passed, of one with its year; empty if it is not so."""
    if typed_day is None or not typed_day[2]:
        return ""
    day = _next(typed_day, date.min)
    if day is None or day >= today:
        return ""
    return _("%(day)s has passed: send a day that is still to come.") % {"day": f"{day:%d.%m.%Y}"}


def _next(typed_day: _Typed, start: date) -> date | None:
    """The day; without a year the first such day from `start` on."""
    number, month, year = typed_day
    # Between two leap days there may be eight years.
    years = [full_year(year)] if year else range(start.year, start.year + 9)
    found = (date_of(each, int(month), int(number)) for each in years)
    days = (date.fromisoformat(iso) for iso in found if iso)
    return next((each for each in days if each >= start), None)


def full_year(typed: str) -> int:
    """Of two digits it is one of this century."""
    return int(typed) + (2000 if len(typed) == 2 else 0)


def date_of(year: int, month: int, number: int) -> str | None:
    try:
        return date(year, month, number).isoformat()
    except (ValueError, OverflowError):
        return None


def _last_days(today: date) -> list[tuple[str, date]]:
    """The last days that are offered, by their names; each day once."""
    named = [
        (_("Tomorrow"), today + timedelta(days=1)),
        (_("End of the week"), today + timedelta(days=6 - today.weekday())),
        (_("A week"), today + timedelta(weeks=1)),
        (_("Two weeks"), today + timedelta(weeks=2)),
    ]
    days = [day for _name, day in named]
    return [entry for number, entry in enumerate(named) if entry[1] not in days[:number]]
