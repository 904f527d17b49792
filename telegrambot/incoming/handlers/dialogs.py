"""Dialogs: one thing is asked at a time; a button or a message answers, /cancel or an hour ends it.

A question about a task stands on the task's cards, any other in a message of its own.
"""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData, Verb
from telegrambot.content.markup import plain
from telegrambot.dialogs.asking import Asked, ask
from telegrambot.dialogs.questions import (
    CHOICES_OF_PEOPLE,
    Question,
    Unclear,
    Value,
    chosen,
    current,
    people,
    typed,
    unanswered,
)
from telegrambot.incoming.handlers import answers
from telegrambot.incoming.handlers.outcomes import carry_out
from telegrambot.incoming.handlers.showing import refresh
from telegrambot.incoming.replies import Reply, instead, send, toast
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.models import Chat, Dialog, SentMessage
from treasury.errors import TreasuryError
from treasury.models import ApprovalTask, Employee

LIFETIME = timedelta(hours=1)
# No list has so many pages, but a forged button may.
_LAST_PAGE = 9999

# The next question, or what has come of the answers.
Outcome = Asked | str


def begin(
    telegram_id: int, subject: str, task: ApprovalTask | None = None, **known: Value
) -> Dialog:
    """Ask the first question that is not `known` already; a person has one dialog at a time."""
    # One after the other, when the same person presses twice at the same moment.
    list(Chat.objects.filter(telegram_id=telegram_id).select_for_update(no_key=True))
    end(telegram_id)
    dialog = Dialog.objects.create(
        telegram_id=telegram_id, subject=subject, task=task, answers=known
    )
    _refresh(dialog)
    return dialog


def is_overtaken(telegram_id: int, since: datetime) -> bool:
    """Whether the person was asked something after that moment: what he did at it is no answer."""
    return Dialog.objects.filter(telegram_id=telegram_id, started_at__gt=since).exists()


def end(telegram_id: int) -> bool:
    """Ask no more; False when nothing was asked."""
    dialog = _of(telegram_id)
    if dialog is None:
        return False
    dialog.delete()
    _refresh(dialog)
    return True


def expire() -> None:
    """End the dialogs whose answer never came, so that the cards get their buttons back."""
    forgotten = Dialog.objects.filter(started_at__lte=timezone.now() - LIFETIME)
    for telegram_id in forgotten.values_list("telegram_id", flat=True):
        end(telegram_id)


def said(message: Message, employee: Employee) -> Reply | None:
    """A plain message answers the open question; None when nothing is asked."""
    dialog = _of(message.chat.id)
    if dialog is None:
        return None
    try:
        outcome = _hear(dialog, employee, message.text)
    except Unclear as problem:
        offers = [problem.offer] if problem.offer else []
        verb = Verb(current(dialog).value)
        rows = keyboards.options(verb, dialog.pk, offers)
        return send(message.chat.id, plain(problem), keyboards.markup(rows))
    except TreasuryError as error:
        return send(message.chat.id, plain(answers.refusal(error)))
    return message_with(message.chat.id, outcome)


def pressed(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """An answer by a button; None when it is out of date."""
    dialog = _of(query.sender.id)
    if dialog is None or dialog.pk != data.target:
        return None
    if current(dialog) != data.verb.value:
        # Tapped twice, or the next question was lost on its way.
        return _show(query, ask(dialog, employee))
    value = chosen(dialog, employee, data.detail)
    if value is None:
        return None
    try:
        return _show(query, _answer(dialog, employee, value))
    except TreasuryError as error:
        return _show(query, answers.refusal(error))


def turned(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """To another page of the people among whom to choose."""
    dialog = _of(query.sender.id)
    if dialog is None or dialog.pk != data.target or data.detail > _LAST_PAGE:
        return None
    dialog.page = data.detail
    return _show(query, _ask_on(dialog, employee))


def left(query: CallbackQuery, data: CallbackData) -> Reply | None:
    dialog = _of(query.sender.id)
    if dialog is None or dialog.pk != data.target:
        return None
    end(query.sender.id)
    return _show(query, answers.nothing_done())


def message_with(chat_id: int, outcome: Outcome) -> Reply:
    """The next question, or the end, as a message of its own."""
    if isinstance(outcome, str):
        return send(chat_id, plain(outcome))
    return send(chat_id, outcome.text, keyboards.markup(outcome.rows))


def is_card(query: CallbackQuery) -> bool:
    """Whether the button stands on a message that delivery shows anew."""
    message_id = query.message_id
    return message_id is not None and SentMessage.objects.at(query.sender.id, message_id).exists()


def _of(telegram_id: int) -> Dialog | None:
    return Dialog.objects.filter(telegram_id=telegram_id).select_related("task").first()


def _hear(dialog: Dialog, employee: Employee, text: str) -> Outcome:
    """Raises `Unclear` or `TreasuryError`."""
    if current(dialog) not in CHOICES_OF_PEOPLE:
        return _answer(dialog, employee, typed(dialog, text))
    dialog.search, dialog.page = text.strip()[:80], 1
    if not people(dialog, employee):
        raise Unclear(_("I find nobody called “%(name)s” here.") % {"name": dialog.search})
    return _ask_on(dialog, employee)


def _answer(dialog: Dialog, employee: Employee, value: Value) -> Outcome:
    question = current(dialog)
    dialog.answers[question] = value
    if question == Question.WHAT:
        dialog.subject = str(value)
    if unanswered(dialog):
        dialog.search, dialog.page = "", 1
        return _ask_on(dialog, employee)
    dialog.delete()
    try:
        outcome = carry_out(dialog, employee)
    except TreasuryError:
        _refresh(dialog)
        raise
    # Not before: projecting locks the request first and its messages then, and so must we.
    _refresh(dialog)
    return outcome


def _ask_on(dialog: Dialog, employee: Employee) -> Asked:
    dialog.save(update_fields=["subject", "answers", "search", "page"])
    _refresh(dialog)
    return ask(dialog, employee)


def _show(query: CallbackQuery, outcome: Outcome) -> Reply:
    """A card is shown anew by delivery; a message of the dialog's own becomes what comes next."""
    brief = outcome if isinstance(outcome, str) else outcome.hint or outcome.question
    if is_card(query):
        return toast(query, brief)
    over = brief if isinstance(outcome, str) else ""
    return instead(query, message_with(query.sender.id, outcome), over)


def _refresh(dialog: Dialog) -> None:
    if dialog.task:
        cards = SentMessage.objects.filter(chat__telegram_id=dialog.telegram_id)
        refresh(cards.filter(request=dialog.task.request_id))
