"""What the bot asks in a dialog, one thing after the other, and how an answer is understood."""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot.content.callback_data import Verb
from telegrambot.models import Dialog, ReasonTemplate
from treasury import reasons
from treasury.approval import read
from treasury.models import ApprovalTask, Delegation, Department, Employee, GroupMembership
from treasury.services import decisions
from treasury.workflow import Action

Subject = Dialog.Subject
# What is kept of an answer: a subject, a primary key, a date (ISO), a reason.
Value = str | int


class Question(StrEnum):
    """Each is answered by the buttons with the verb of the same name."""

    WHAT = Verb.WHAT.value
    WHOSE = Verb.WHOSE.value
    PERSON = Verb.PERSON.value
    REASON = Verb.REASON.value
    UNTIL = Verb.UNTIL.value
    CONFIRM = Verb.CONFIRM.value


QUESTIONS: dict[str, tuple[Question, ...]] = {
    Subject.DECLINE: (Question.REASON,),
    Subject.RETURN: (Question.REASON,),
    Subject.COLLEAGUES: (Question.WHAT,),
    Subject.REASSIGN: (Question.WHOSE, Question.PERSON, Question.REASON),
    Subject.ADD_APPROVER: (Question.PERSON, Question.REASON),
    Subject.AWAY: (Question.UNTIL, Question.PERSON, Question.CONFIRM),
}
CHOICES_OF_PEOPLE = (Question.WHOSE, Question.PERSON)
# In the order of their numbers on the buttons.
WITH_COLLEAGUES = (Subject.REASSIGN, Subject.ADD_APPROVER)
_DAY = r"([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{4}))?\.?"
_LAST_DAY = re.compile(rf"(?:(?:до|по|until|to)\s+)?{_DAY}", re.IGNORECASE)
_DAYS = re.compile(rf"(?:(?:с|from)\s+)?{_DAY}\s*(?:-|–|—|до|по|until|to)\s*{_DAY}", re.IGNORECASE)
# A day without a year that is farther off than this has rather just passed.
_AHEAD = timedelta(days=180)
# The day, the month and perhaps the year, as they were typed.
_Typed = tuple[str, str, str | None]


class Unclear(Exception):
    """The answer is of no use; `str()` says what is wanted.

    `offer` is the answer that was perhaps meant: its label and the number on its button.
    """

    def __init__(self, text: str, offer: tuple[str, int] | None = None) -> None:
        super().__init__(text)
        self.offer = offer


def unanswered(dialog: Dialog) -> list[Question]:
    asked = QUESTIONS[dialog.subject]
    return [question for question in asked if question not in dialog.answers]


def current(dialog: Dialog) -> Question:
    """What is to be answered next; a dialog with nothing to ask is over."""
    return unanswered(dialog)[0]


def people(dialog: Dialog, employee: Employee) -> list[tuple[int, Employee]]:
    """(primary key, person) of those among whom one chooses, as far as he has searched.

    For whose task it is, the key is the task's.
    """
    wanted = dialog.search.casefold()
    # Not in the database: it would have to put the full name together first.
    choice = _choice(dialog, employee)
    return [(key, person) for key, person in choice if wanted in person.get_full_name().casefold()]


def _choice(dialog: Dialog, employee: Employee) -> list[tuple[int, Employee]]:
    if dialog.task is None:
        return [(person.pk, person) for person in _present(dialog, employee)]
    if current(dialog) == Question.WHOSE:
        tasks = dialog.task.stage.tasks.filter(status=ApprovalTask.Status.OPEN)
        of_people = tasks.select_related("employee").order_by("employee__last_name", "pk")
        return [(task.pk, task.employee) for task in of_people]
    approval = read(dialog.task.request)
    people = decisions.colleagues(approval, dialog.task, employee, Action(dialog.subject))
    return [(person.pk, person) for person in people]


def roles(persons: Collection[Employee]) -> dict[int, str]:
    """By primary key, in a word, what each of them has to do with approvals; two queries."""
    memberships = GroupMembership.objects.filter(employee__in=persons).order_by("-group__name")
    held = Department.objects.filter(budget_holders__in=persons, is_active=True)
    departments = held.order_by("-name").values_list("budget_holders", "name")
    # Of several the one that stands last here wins: the role before the department.
    return {**dict(departments), **dict(memberships.values_list("employee", "group__name"))}


def _present(dialog: Dialog, employee: Employee) -> QuerySet[Employee]:
    """The colleagues who are not away themselves before this person is back."""
    since, until = absence(str(dialog.answers[Question.UNTIL]))
    absences = Delegation.objects.not_over()
    meanwhile = absences.filter(since__lt=until, until__gt=since or timezone.now())
    colleagues = Employee.objects.filter(is_active=True).exclude(pk=employee.pk)
    return colleagues.exclude(pk__in=meanwhile.values("principal"))


def chosen(dialog: Dialog, employee: Employee, option: int) -> Value | None:
    """The answer on a button of the current question; None for a button of no use (any more)."""
    match current(dialog):
        case Question.WHAT:
            return dict(enumerate(WITH_COLLEAGUES)).get(option)
        case Question.REASON:
            ready = ReasonTemplate.objects.filter(pk=option, action=dialog.subject, is_active=True)
            return ready.values_list("text", flat=True).first()
        case Question.UNTIL:
            return _offered_days(option)
        case Question.CONFIRM:
            return option
        case _:
            return option if option in dict(_choice(dialog, employee)) else None


def typed(dialog: Dialog, text: str) -> Value:
    """The answer in a message. Raises `Unclear`, or `ReasonRequired`."""
    match current(dialog):
        case Question.REASON:
            return reasons.checked(text)
        case Question.UNTIL:
            return _typed_days(text.strip())
        case _:
            raise Unclear(_("Please choose with a button. /cancel leaves everything as it is."))


def _typed_days(text: str) -> str:
    """The last day (ISO), or the first and the last with a slash between them."""
    today = timezone.localdate()
    if match := _LAST_DAY.fullmatch(text):
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
    raise Unclear(
        _(
            "Send a day that exists and is still to come, such as 25.12, or the first and the last "
            "one, such as 24.12–10.01."
        )
    )


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
        _date_of(number // 10_000, number // 100 % 100, number % 100)
        for number in divmod(option, 10**8)
    )
    return f"{first}/{last}" if first and last else last


def _next(typed_day: _Typed, start: date) -> date | None:
    """The day; without a year the first such day from `start` on."""
    number, month, year = typed_day
    # Between two leap days there may be eight years.
    years = [int(year)] if year else range(start.year, start.year + 9)
    found = (_date_of(each, int(month), int(number)) for each in years)
    days = (date.fromisoformat(iso) for iso in found if iso)
    return next((each for each in days if each >= start), None)


def _date_of(year: int, month: int, number: int) -> str | None:
    try:
        return date(year, month, number).isoformat()
    except (ValueError, OverflowError):
        return None


def ends_of_absence() -> list[tuple[str, date]]:
    """The last days that are offered, by their names; each day once."""
    today = timezone.localdate()
    named = [
        (_("Tomorrow"), today + timedelta(days=1)),
        (_("End of the week"), today + timedelta(days=6 - today.weekday())),
        (_("A week"), today + timedelta(weeks=1)),
        (_("Two weeks"), today + timedelta(weeks=2)),
    ]
    days = [day for _name, day in named]
    return [entry for number, entry in enumerate(named) if entry[1] not in days[:number]]


def absence(days: str) -> tuple[datetime | None, datetime]:
    """When it begins, None for now, and its last minute; `days` as the answer keeps them."""
    first, _slash, last = days.rpartition("/")
    return _at(first, time.min) if first else None, _at(last, time(23, 59))


def _at(day: str, moment: time) -> datetime:
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), moment))
