"""Running dialogs: one thing is asked at a time; a button or a message answers, an hour ends it.

A question about a task stands on the task's cards, any other in a message of its own. What an
answer leads to is returned; how it reaches the person is for the caller to see to.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot import doorbell
from telegrambot.content import keyboards
from telegrambot.content.callback_data import Verb
from telegrambot.dialogs.questions import Asked, Question, Value
from telegrambot.dialogs.registry import DIALOGS
from telegrambot.dialogs.script import by_message
from telegrambot.models import Chat, Dialog, SentMessage, Urgency
from treasury.errors import TreasuryError
from treasury.models import ApprovalTask, Employee

logger = logging.getLogger(__name__)

LIFETIME = timedelta(hours=1)
# No list has so many pages, but a forged button may.
_LAST_PAGE = 9999

# The next question, or what has come of the answers.
Outcome = Asked | str


def begin(
    telegram_id: int, subject: str, task: ApprovalTask | None = None, **known: Value
) -> Dialog:
    """Ask the first question that is not `known` already; a person has one dialog at a time."""
    if DIALOGS[subject].is_about_a_task != (task is not None):
        raise ValueError(f"begun with a task, or without one, contrary to its script: {subject}")
    # One after the other, when the same person presses twice at the same moment.
    list(Chat.objects.filter(telegram_id=telegram_id).select_for_update(no_key=True))
    end(telegram_id)
    dialog = Dialog.objects.create(
        telegram_id=telegram_id, subject=subject, task=task, answers=known
    )
    _refresh(dialog)
    return dialog


def begin_about(
    task: ApprovalTask, subject: str, telegram_id: int, employee: Employee
) -> str | None:
    """Begin the dialog of a card's button, and greet; None when nothing is to be asked (any more).

    Raises `TreasuryError`, if this is not for the person to do.
    """
    script = DIALOGS[subject]
    known = script.opening(task, employee) if script.opening else None
    if known is None:
        return None
    begin(telegram_id, subject, task, **known)
    return str(script.greeting)


def open_to(telegram_id: int) -> Dialog | None:
    """What the person is asked."""
    return _known().filter(telegram_id=telegram_id).select_related("task").first()


def open_on(task: ApprovalTask, telegram_id: int) -> Dialog | None:
    """What the person is asked on the cards of the task."""
    return _known().filter(telegram_id=telegram_id, task=task).first()


def is_overtaken(telegram_id: int, since: datetime) -> bool:
    """Whether the person was asked something after that moment: what he did at it is no answer."""
    return Dialog.objects.filter(telegram_id=telegram_id, started_at__gt=since).exists()


def end(telegram_id: int) -> bool:
    """Ask no more; False when nothing was asked."""
    return _end(Dialog.objects.filter(telegram_id=telegram_id))


def expire() -> None:
    """End the dialogs whose answer never came, so that the cards get their buttons back."""
    forgotten = Dialog.objects.filter(started_at__lte=timezone.now() - LIFETIME)
    for pk in forgotten.values_list("pk", flat=True):
        try:
            with transaction.atomic():
                _end(forgotten.filter(pk=pk))
        except Exception:
            # The edge of one dialog: its trouble must not hold up the others.
            logger.exception("cannot end a dialog: dialog=%s", pk)


def current(dialog: Dialog) -> Question:
    """What is to be answered next; a dialog with nothing to ask is over."""
    return _unanswered(dialog)[0]


def ask(dialog: Dialog, employee: Employee) -> Asked:
    """The open question, with the way out of the dialog."""
    asked = current(dialog).asked(dialog, employee)
    back = keyboards.options(Verb.BACK, dialog.pk, [(_("← Back"), 0)])
    return replace(asked, rows=[*asked.rows, *back])


def hear(dialog: Dialog, employee: Employee, text: str) -> Outcome | None:
    """A message in answer; None when nothing is asked any more.

    Raises `Unclear` or `TreasuryError`.
    """
    value = current(dialog).typed(dialog, employee, text)
    if value is None:
        return _ask_on(dialog, employee)
    dialog.answers[by_message(current(dialog).name)] = True
    return _answer(dialog, employee, value)


def press(dialog: Dialog, employee: Employee, name: str, number: int) -> Outcome | None:
    """A button under the question of this name; None if it is out of date.

    Raises `TreasuryError`.
    """
    question = current(dialog)
    if question.name != name:
        # Tapped twice, or the next question was lost on its way.
        return ask(dialog, employee) if name in dialog.answers else None
    value = question.chosen(dialog, employee, number)
    return None if value is None else _answer(dialog, employee, value)


def turn(dialog: Dialog, employee: Employee, page: int) -> Outcome | None:
    """To another page of a list; None if there is no such page, or nothing is asked any more."""
    if page > _LAST_PAGE:
        return None
    dialog.page = page
    return _ask_on(dialog, employee)


def _known() -> QuerySet[Dialog]:
    """Without those that another release has left."""
    return Dialog.objects.filter(subject__in=DIALOGS)


def _end(one: QuerySet[Dialog]) -> bool:
    dialog = one.select_related("task").first()
    if dialog is None:
        return False
    dialog.delete()
    _refresh(dialog)
    return True


def _unanswered(dialog: Dialog) -> list[Question]:
    questions = DIALOGS[dialog.subject].questions(dialog.answers)
    return [question for question in questions if question.name not in dialog.answers]


def _answer(dialog: Dialog, employee: Employee, value: Value) -> Outcome | None:
    dialog.answers[current(dialog).name] = value
    if _unanswered(dialog):
        dialog.search, dialog.page = "", 1
        return _ask_on(dialog, employee)
    dialog.delete()
    try:
        said = DIALOGS[dialog.subject].carry_out(dialog, employee)
    except TreasuryError:
        _refresh(dialog)
        raise
    # Not before: projecting locks the request first and its messages then, and so must we.
    _refresh(dialog)
    return said


def _ask_on(dialog: Dialog, employee: Employee) -> Asked | None:
    """The next question; None when the dialog has ended meanwhile, by its hour perhaps."""
    kept = {"answers": dialog.answers, "search": dialog.search, "page": dialog.page}
    if not Dialog.objects.filter(pk=dialog.pk).update(**kept):
        return None
    _refresh(dialog)
    return ask(dialog, employee)


def _refresh(dialog: Dialog) -> None:
    """Have the cards of its task shown anew."""
    if dialog.task is None:
        return
    cards = SentMessage.objects.of_reader(dialog.telegram_id)
    if cards.filter(request=dialog.task.request_id).refresh(Urgency.PRESSED):
        transaction.on_commit(doorbell.ring)
