"""What a person sees of a dialog: questions, and what has come of his answers."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData
from telegrambot.content.markup import plain
from telegrambot.dialogs import engine
from telegrambot.dialogs.engine import Outcome
from telegrambot.dialogs.questions import Asked, Unclear
from telegrambot.dialogs.script import Made
from telegrambot.incoming.handlers import phrases
from telegrambot.incoming.replies import Reply, Words, beside, instead, send, toast
from telegrambot.incoming.updates import CallbackQuery, Message
from telegrambot.kinds import details
from telegrambot.kinds.answer import NAME as ANSWER
from telegrambot.models import Chat, Dialog, SentMessage
from telegrambot.places import Place
from treasury.errors import TreasuryError
from treasury.models import Employee


def begin(
    message: Message, employee: Employee, argument: str, *, subject: str, **known: Any
) -> Reply | None:
    """The command for a dialog about no task; its argument answers the first question."""
    dialog = engine.begin(message.chat.id, subject, **known)
    question = engine.go_on(dialog, employee)
    if argument:
        return said(replace(message, text=argument), employee)
    return _message_with(message.place, dialog, question, employee) if question else None


def asked_beside(query: CallbackQuery, dialog: Dialog, employee: Employee) -> Reply:
    """What is asked by a dialog that a button has begun, below the message with the button."""
    question = engine.go_on(dialog, employee)
    if question is None:
        return toast(query, phrases.nothing_done())
    return beside(query, _message_with(query.own_place, dialog, question, employee))


def cancel(message: Message, employee: Employee, argument: str) -> Reply:
    kept = engine.leave(message.chat.id, employee)
    if kept is None:
        return send(message.place, plain(_("There is nothing to cancel.")))
    return send(message.place, plain(kept or phrases.nothing_done()))


def takes_numbers(message: Message) -> bool:
    """Whether the answer to what is asked may look like the number of a request."""
    dialog = engine.open_to(message.chat.id)
    return dialog is not None and engine.current(dialog).takes_numbers


def said(message: Message, employee: Employee) -> Reply | None:
    """A plain message answers the open question; None when nothing is asked."""
    dialog = engine.open_to(message.chat.id)
    if dialog is None:
        return None
    try:
        outcome = engine.hear(dialog, employee, message.text)
    except Unclear as problem:
        offers = [problem.offer] if problem.offer else []
        rows = keyboards.options(engine.current(dialog).name, dialog.pk, offers)
        return send(message.place, plain(_about(dialog, str(problem))), keyboards.markup(rows))
    except TreasuryError as error:
        return send(message.place, plain(_about(dialog, phrases.refusal(error))))
    return _message_with(message.place, dialog, outcome, employee) if outcome else None


def _about(dialog: Dialog, text: str) -> str:
    """With the number of its request, whose card may be far above."""
    return f"{dialog.task.request.number}: {text}" if dialog.task else text


def pressed(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """An answer by a button; None when it is out of date."""
    dialog = _under(query, data)
    if dialog is None:
        return None
    asked = str(engine.current(dialog).text)
    try:
        outcome = engine.press(dialog, employee, data.verb, data.detail)
    except Unclear as problem:
        return _ask_again(query, dialog, employee, str(problem))
    except TreasuryError as error:
        outcome = phrases.refusal(error)
    return _show(query, dialog, outcome, employee, asked) if outcome else None


def turned(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """To another page of a list."""
    dialog = _under(query, data)
    outcome = engine.turn(dialog, employee, data.detail) if dialog else None
    return _show(query, dialog, outcome, employee) if dialog and outcome else None


def left(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply | None:
    """To the question before, or out of the dialog."""
    dialog = _under(query, data)
    if dialog is None:
        return None
    if data.detail:
        asked = str(engine.current(dialog).text)
        question = engine.back(dialog, employee, data.detail)
        return _show(query, dialog, question, employee, asked) if question else None
    kept = engine.leave(query.sender.id, employee)
    return _show(query, dialog, kept or phrases.nothing_done(), employee)


def is_card(query: CallbackQuery) -> bool:
    """Whether the button stands on a message that shows a request, and follows it."""
    if query.ephemeral_id:
        return True
    if query.message_id is None:
        return False
    return SentMessage.objects.at(query.sender.id, query.message_id).exclude(kind=ANSWER).exists()


def _under(query: CallbackQuery, data: CallbackData) -> Dialog | None:
    """The dialog that the button belongs to, while it is open."""
    dialog = engine.open_to(query.sender.id)
    return dialog if dialog and dialog.pk == data.target else None


def _ask_again(query: CallbackQuery, dialog: Dialog, employee: Employee, problem: str) -> Reply:
    """Why the answer is of no use, and the question below."""
    question = _message_with(query.own_place, dialog, engine.ask(dialog, employee), employee)
    return beside(query, _below(problem, question))


def _below(text: str, question: Reply) -> Reply:
    """The question, with this before it in the same message."""
    [words] = question.words
    whole = replace(words, text=f"{plain(text)}\n\n{words.text}")
    return replace(question, words=(whole,))


def _message_with(place: Place, dialog: Dialog, outcome: Outcome, employee: Employee) -> Reply:
    """The next question, or the end, as a message of its own."""
    if isinstance(outcome, Asked):
        keyboard = keyboards.markup(outcome.rows)
        return Reply(words=(Words(place, outcome.text, keyboard, asked=engine.asked_as(dialog)),))
    if isinstance(outcome, Made) and outcome.asks:
        subject, known = outcome.asks
        following = engine.begin(dialog.telegram_id, subject, **known)
        if question := engine.go_on(following, employee):
            return _below(outcome.text, _message_with(place, following, question, employee))
    if isinstance(outcome, Made):
        details.show(Chat.objects.get(telegram_id=dialog.telegram_id), outcome.request)
        return send(place, plain(outcome.text))
    return send(place, plain(outcome))


def _show(
    query: CallbackQuery, dialog: Dialog, outcome: Outcome, employee: Employee, asked: str = ""
) -> Reply:
    """A card is shown anew by delivery; a message of the dialog's own becomes what comes next.

    Of a question that was `asked` before others have spoken only its words are left: who looks at
    the end of the chat would not see what becomes of it.
    """
    brief = _brief(outcome)
    if query.ephemeral_id and isinstance(outcome, Asked):
        # The hint may ask for a message, which everybody would read there.
        return toast(query, outcome.question)
    if is_card(query):
        return toast(query, brief)
    over = "" if isinstance(outcome, Asked) else brief
    shown = _message_with(query.own_place, dialog, outcome, employee)
    if asked and _stands_above(query):
        left_there = instead(query, send(query.own_place, plain(asked)), over)
        return replace(left_there, words=(*left_there.words, *shown.words))
    return instead(query, shown, over)


def _stands_above(query: CallbackQuery) -> bool:
    """Whether something was said below the message with the button since."""
    if query.message_id is None or query.ephemeral_id:
        return False
    here = SentMessage.objects.filter(chat__telegram_id=query.own_place.chat_id, receiver_id=None)
    return here.filter(first_id__gt=query.message_id).exists()


def _brief(outcome: Outcome) -> str:
    match outcome:
        case Asked():
            return outcome.hint or outcome.question
        case Made():
            return outcome.text
    return outcome
