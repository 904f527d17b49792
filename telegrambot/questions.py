"""What the bot asks in a dialog, one thing after the other, and how an answer is understood."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot.callback_data import Verb
from telegrambot.models import Dialog, ReasonTemplate
from treasury.models import ApprovalTask, Delegation, Employee
from treasury.services import decisions

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
_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{4}))?\.?", re.ASCII)


class Unclear(Exception):
    """The answer is of no use; `str()` says what is wanted."""


def unanswered(dialog: Dialog) -> list[Question]:
    asked = QUESTIONS[dialog.subject]
    return [question for question in asked if question not in dialog.answers]


def current(dialog: Dialog) -> Question:
    """What is to be answered next; a dialog with nothing to ask is over."""
    return unanswered(dialog)[0]


def people(dialog: Dialog, employee: Employee) -> list[tuple[int, str]]:
    """(primary key, full name) of those among whom the person chooses, as far as he has searched.

    For whose task it is, the key is the task's.
    """
    wanted = dialog.search.casefold()
    # Not in the database: SQLite knows no case of Cyrillic letters.
    return [entry for entry in _choice(dialog, employee) if wanted in entry[1].casefold()]


def _choice(dialog: Dialog, employee: Employee) -> list[tuple[int, str]]:
    if dialog.task is None:
        return [(person.pk, person.get_full_name()) for person in _present(dialog, employee)]
    if current(dialog) == Question.WHOSE:
        tasks = dialog.task.stage.tasks.filter(status=ApprovalTask.Status.OPEN)
        of_people = tasks.select_related("employee").order_by("employee__last_name", "pk")
        return [(task.pk, task.employee.get_full_name()) for task in of_people]
    found = decisions.colleagues(dialog.task, employee)
    return [(person.pk, person.get_full_name()) for person in found]


def _present(dialog: Dialog, employee: Employee) -> QuerySet[Employee]:
    """The colleagues who are not away themselves before this person is back."""
    absences = Delegation.objects.not_over()
    meanwhile = absences.filter(since__lt=end_of_absence(str(dialog.answers[Question.UNTIL])))
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
            return _date_of(option // 10_000, option // 100 % 100, option % 100)
        case Question.CONFIRM:
            return option
        case _:
            return option if option in dict(_choice(dialog, employee)) else None


def typed(dialog: Dialog, text: str) -> Value:
    """The answer in a message. Raises `Unclear`, or `ReasonRequired`."""
    match current(dialog):
        case Question.REASON:
            return decisions.checked_reason(text)
        case Question.UNTIL:
            return _typed_day(text.strip())
        case _:
            raise Unclear(_("Please choose with a button. /cancel leaves everything as it is."))


def _typed_day(text: str) -> str:
    """ISO date; a day without a year is the next such day."""
    match = _DAY.fullmatch(text)
    today = timezone.localdate()
    if match:
        # Between two leap days there may be eight years.
        years = [int(match[3])] if match[3] else range(today.year, today.year + 9)
        for year in years:
            found = _date_of(year, int(match[2]), int(match[1]))
            if found and found >= today.isoformat():
                return found
    raise Unclear(_("Send a day that exists and is still to come, such as 25.12."))


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


def end_of_absence(last_day: str) -> datetime:
    """The last minute of a day (ISO), here."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(last_day), time(23, 59)))
