"""Running dialogs: one thing is asked at a time; a button or a message answers, an hour ends it.

A question about a task stands on the task's cards, any other in a message of its own. What an
answer leads to is returned; how it reaches the person is for the caller to see to.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.content import keyboards
from telegrambot.content.markup import plain
from telegrambot.dialogs.questions import Again, Asked, Question, Taken, Unclear, Value
from telegrambot.dialogs.registry import DIALOGS
from telegrambot.dialogs.script import ASKED_AGAIN, Made, by_message, forget
from telegrambot.models import Chat, Dialog, SentMessage, Urgency
from telegrambot.places import key_of
from treasury.errors import TreasuryError
from treasury.models import ApprovalTask, Employee

logger = logging.getLogger(__name__)

LIFETIME = timedelta(hours=1)
# No list has so many pages, but a forged button may.
_LAST_PAGE = 9999
# So many questions one can go back.
_MOST_STEPS = 50
_KEPT = ("answers", "steps", "files", "search", "page", "started_at")

# The next question, or what has come of the answers.
Outcome = Asked | Made | str


def begin(
    telegram_id: int,
    subject: str,
    task: ApprovalTask | None = None,
    files: Sequence[Mapping[str, Any]] = (),
    **known: Value,
) -> Dialog:
    """Ask the first question that is not `known` already; a person has one dialog at a time, and
    the earlier one is set aside."""
    if DIALOGS[subject].is_about_a_task != (task is not None):
        raise ValueError(f"begun with a task, or without one, contrary to its script: {subject}")
    _one_after_the_other(telegram_id)
    _set_aside(Dialog.objects.filter(telegram_id=telegram_id))
    dialog = Dialog.objects.create(
        telegram_id=telegram_id, subject=subject, task=task, answers=known, files=[*files]
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
    """What the person is asked, for who is about to answer: nobody else does meanwhile."""
    _one_after_the_other(telegram_id)
    return _known().filter(telegram_id=telegram_id).select_related("task").first()


def open_on(task: ApprovalTask, telegram_id: int) -> Dialog | None:
    """What the person is asked on the cards of the task."""
    return _known().filter(telegram_id=telegram_id, task=task).first()


def is_overtaken(telegram_id: int, since: datetime) -> bool:
    """Whether the person was asked something after that moment: what he did at it is no answer."""
    return Dialog.objects.filter(telegram_id=telegram_id, started_at__gt=since).exists()


def end(telegram_id: int) -> bool:
    """Ask no more; False when nothing was asked."""
    return _end(Dialog.objects.filter(telegram_id=telegram_id)) is not None


def leave(telegram_id: int, employee: Employee) -> str | None:
    """End it, as he wishes; what his script says of it, if it keeps anything. None when nothing was
    asked."""
    dialog = _end(Dialog.objects.filter(telegram_id=telegram_id))
    if dialog is None:
        return None
    script = DIALOGS.get(dialog.subject)
    return script.set_aside(dialog, employee) if script and script.set_aside else ""


def expire() -> None:
    """End the dialogs whose answer never came, so that the cards get their buttons back."""
    forgotten = Dialog.objects.filter(started_at__lte=timezone.now() - LIFETIME)
    for pk in forgotten.values_list("pk", flat=True):
        try:
            with transaction.atomic():
                _set_aside(forgotten.filter(pk=pk))
        except Exception:
            # The edge of one dialog: its trouble must not hold up the others.
            logger.exception("cannot end a dialog: dialog=%s", pk)


def current(dialog: Dialog) -> Question:
    """What is to be answered next; a dialog with nothing to ask is over."""
    return _unanswered(dialog)[0]


def ask(dialog: Dialog, employee: Employee) -> Asked:
    """The open question, with the ways back and out of the dialog."""
    asked = current(dialog).asked(dialog, employee)
    ways = keyboards.ways_out(dialog.pk, len(dialog.steps))
    return replace(asked, rows=[*asked.rows, ways])


def asked_as(dialog: Dialog) -> str:
    """What tells the newest message with a question of the dialog from all others."""
    return f"dialog {dialog.pk}"


def go_on(dialog: Dialog, employee: Employee) -> Asked | None:
    """The next question, of what was answered as far as it holds; None when the dialog has ended
    meanwhile, by its hour perhaps."""
    forget(dialog.answers, DIALOGS[dialog.subject].confirms)
    _settle(dialog, employee)
    return _ask_on(dialog, employee)


def back(dialog: Dialog, employee: Employee, step: int) -> Asked | None:
    """Take the last answer back, of so many; pressed twice it takes back one."""
    if step == len(dialog.steps):
        dialog.answers = dialog.steps.pop()
        dialog.search, dialog.page = "", 1
    return go_on(dialog, employee)


def takes_files(dialog: Dialog) -> bool:
    return DIALOGS[dialog.subject].takes_files


def take_file(
    dialog: Dialog, employee: Employee, file: Mapping[str, Any], codes: Sequence[bytes]
) -> list[str]:
    """Beside the answers; what is to be said of the codes in it."""
    dialog.files = [*dialog.files, file]
    dialog.search, dialog.page = "", 1
    read_picture = DIALOGS[dialog.subject].read_picture
    before = {**dialog.answers}
    said = read_picture(dialog, employee, codes) if read_picture else []
    # Nobody has answered it, so that nobody takes it back by going back either; the file stays too.
    read = {name: value for name, value in dialog.answers.items() if name not in before}
    dialog.steps = [{**read, **step} for step in dialog.steps]
    go_on(dialog, employee)
    return said


def hear(dialog: Dialog, employee: Employee, text: str) -> Outcome | None:
    """A message in answer; None when nothing is asked any more.

    Raises `Unclear` or `TreasuryError`.
    """
    _check_task(dialog, employee)
    question = current(dialog)
    value = question.typed(dialog, employee, text)
    if value is None:
        return _ask_on(dialog, employee)
    answer = {question.name: value, by_message(question.name): True}
    return _understood(question, dialog, _answer(dialog, employee, answer))


def _check_task(dialog: Dialog, employee: Employee) -> None:
    """He may have decided elsewhere since, as under a message that somebody has passed on: then it
    is over. Raises `TreasuryError`."""
    opening = DIALOGS[dialog.subject].opening
    if dialog.task is None or opening is None:
        return
    try:
        opening(dialog.task, employee)
    except TreasuryError:
        end(dialog.telegram_id)
        raise


def _understood(question: Question, dialog: Dialog, outcome: Outcome | None) -> Outcome | None:
    """With what was understood of the typed answer, if the next question does not show all."""
    is_told = question.told_as and question.name in dialog.answers
    if not is_told or not isinstance(outcome, Asked):
        return outcome
    if current(dialog).name == DIALOGS[dialog.subject].confirms:
        return outcome
    return replace(outcome, understood=f"{question.told_as}: {question.understood(dialog)}")


def press(dialog: Dialog, employee: Employee, name: str, number: int) -> Outcome | None:
    """A button under the question of this name; None if it is out of date.

    Raises `Unclear` or `TreasuryError`.
    """
    question = current(dialog)
    if question.name != name:
        # Tapped twice, or the next question was lost on its way.
        return ask(dialog, employee) if name in dialog.answers else None
    value = question.pressed(dialog, employee, number)
    if isinstance(value, Again):
        _step(dialog)
        forget(dialog.answers, value.name)
        dialog.answers[ASKED_AGAIN] = value.name
        return go_on(dialog, employee)
    if isinstance(value, Taken):
        _step(dialog)
        # What was read from a picture has still to be compared.
        dialog.answers[value.name] = value.value
        return go_on(dialog, employee)
    return None if value is None else _answer(dialog, employee, {name: value})


def turn(dialog: Dialog, employee: Employee, page: int) -> Outcome | None:
    """To another page of a list; None if there is no such page, or nothing is asked any more."""
    if page > _LAST_PAGE:
        return None
    dialog.page = page
    return _ask_on(dialog, employee)


def _known() -> QuerySet[Dialog]:
    """Without those that another release has left."""
    return Dialog.objects.filter(subject__in=DIALOGS)


def _one_after_the_other(telegram_id: int) -> None:
    """When the same person presses twice at the same moment, or what he has sent comes in."""
    list(Chat.objects.filter(telegram_id=telegram_id).select_for_update(no_key=True))


def _end(one: QuerySet[Dialog]) -> Dialog | None:
    dialog = one.select_related("task").first()
    if dialog is None or not one.filter(pk=dialog.pk).delete()[0]:
        return None
    _refresh(dialog)
    return dialog


def _set_aside(one: QuerySet[Dialog]) -> None:
    """End it, and let its script keep what was answered."""
    dialog = _end(one)
    script = DIALOGS.get(dialog.subject) if dialog else None
    if dialog is None or script is None or script.set_aside is None:
        return
    employee = UserToken.objects.employee_of(dialog.telegram_id)
    if employee is None:
        return
    with translation.override(employee.language):
        _say_instead(dialog, script.set_aside(dialog, employee))


def _say_instead(dialog: Dialog, text: str) -> None:
    """In place of the question that stands in a message of its own."""
    asked = SentMessage.objects.of_reader(dialog.telegram_id)
    asked = asked.filter(key=key_of(None, asked_as(dialog)))
    if asked.update(text=plain(text), keyboard=None) and asked.refresh(Urgency.ANSWER):
        transaction.on_commit(doorbell.ring)


def _settle(dialog: Dialog, employee: Employee) -> bool:
    """Whether the answers hold as they are."""
    before = {**dialog.answers}
    if settle := DIALOGS[dialog.subject].settle:
        settle(dialog, employee)
    return bool(dialog.answers == before)


def _unanswered(dialog: Dialog) -> list[Question]:
    questions = DIALOGS[dialog.subject].questions(dialog.answers)
    return [question for question in questions if question.name not in dialog.answers]


def _step(dialog: Dialog) -> None:
    """Before the answers become others."""
    dialog.steps = [*dialog.steps, {**dialog.answers}][-_MOST_STEPS:]
    dialog.search, dialog.page = "", 1


def _answer(dialog: Dialog, employee: Employee, answer: Mapping[str, Value]) -> Outcome | None:
    _step(dialog)
    confirms = DIALOGS[dialog.subject].confirms
    for name in (current(dialog).name, confirms):
        forget(dialog.answers, name)
    dialog.answers.pop(ASKED_AGAIN, None)
    dialog.answers |= answer
    if not _settle(dialog, employee):
        # He has confirmed something else than it is now.
        forget(dialog.answers, confirms)
    if _unanswered(dialog):
        return _ask_on(dialog, employee)
    return _carry_out(dialog, employee)


def _carry_out(dialog: Dialog, employee: Employee) -> Outcome | None:
    if not Dialog.objects.filter(pk=dialog.pk).delete()[0]:
        return None
    try:
        said = DIALOGS[dialog.subject].carry_out(dialog, employee)
    except Unclear:
        dialog.answers = dialog.steps.pop()
        dialog.save(force_insert=True)
        raise
    except TreasuryError:
        _refresh(dialog)
        raise
    # Not before: projecting locks the request first and its messages then, and so must we.
    _refresh(dialog)
    return said


def _ask_on(dialog: Dialog, employee: Employee) -> Asked | None:
    dialog.started_at = timezone.now()
    kept = {name: getattr(dialog, name) for name in _KEPT}
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
