"""From the state of a request to what a message must show: text, keyboard, documents.

Nothing here is sent or changed: delivery renders at the moment of sending, and once more whenever
something happened.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth.models import UserToken
from telegrambot import details, keyboards
from telegrambot.card import card_of, with_progress
from telegrambot.markup import CAPTION_LIMIT, TEXT_LIMIT, bold, plain
from telegrambot.models import Dialog, ReasonTemplate, SentMessage
from treasury import rights
from treasury.errors import Text
from treasury.models import ApprovalTask, Attachment, Employee, PaymentRequest
from treasury.workflow import Action

Purpose = SentMessage.Purpose

_QUESTIONS: dict[str, Text] = {
    Action.DECLINE: gettext_lazy("Why is the request declined?"),
    Action.RETURN: gettext_lazy("What is to be reworked?"),
}
# The question stands below the text, so room is kept for it.
_QUESTION_ROOM = 300


@dataclass(frozen=True)
class Rendered:
    """What a message must show; without text and documents there is nothing to send.

    `text` is Telegram's HTML, `keyboard` an InlineKeyboardMarkup. Documents are part of the first
    sending only; with one of them the text is its caption.
    """

    text: str
    keyboard: dict[str, Any] | None = None
    documents: tuple[Attachment, ...] = ()


_NOTHING = Rendered("")


def render(message: SentMessage) -> Rendered:
    """The newest state, in the language of whoever reads it."""
    if message.chat.is_group:
        with translation.override(settings.LANGUAGE_CODE):
            return _for_group(message)
    reader = UserToken.objects.employee_of(message.chat.telegram_id)
    with translation.override(reader.language if reader else settings.LANGUAGE_CODE):
        return _for_person(message, reader) if reader else _for_nobody(message)


def _for_nobody(message: SentMessage) -> Rendered:
    """For a chat whose owner has left: what was sent stays closed to him from now on."""
    if not message.form:
        return _NOTHING
    number = message.request.number
    return Rendered(plain(_("%(number)s: you have no access any more.") % {"number": number}))


def _for_group(message: SentMessage) -> Rendered:
    if message.purpose == Purpose.DOCUMENTS:
        return _documents(message)
    request = with_progress(message.request_id)
    documents = _attachments(message)
    # Once sent, the form stays: a caption is short even when its document was removed since.
    captioned = bool(documents) if not message.form else message.form == SentMessage.Form.CAPTION
    text = card_of(request).fitted(CAPTION_LIMIT if captioned else TEXT_LIMIT)
    return Rendered(text, keyboards.markup([keyboards.link(request)]), documents)


def _for_person(message: SentMessage, reader: Employee) -> Rendered:
    if message.purpose == Purpose.DOCUMENTS:
        return _documents(message)
    request = with_progress(message.request_id)
    task = _task_to_decide(message, request, reader)
    if message.purpose == Purpose.TASK and task is None and not message.form:
        # Decided before it could be sent: nobody needs to be troubled.
        return _NOTHING
    text = _text(message, request, task, reader)
    dialog = _dialog(message, task)
    if task and dialog:
        return _asking(text, task, dialog)
    deciding = keyboards.decision(task) if task else []
    about = keyboards.information(
        request,
        details=message.purpose != Purpose.DETAILS,
        documents=request.documents.exists(),
    )
    return Rendered(text, keyboards.markup([*deciding, about]))


def _task_to_decide(
    message: SentMessage, request: PaymentRequest, reader: Employee
) -> ApprovalTask | None:
    """The task whose buttons the message carries: a card's own, else any that is the reader's."""
    if message.purpose == Purpose.OUTCOME:
        return None
    if message.task:
        return message.task if rights.may_decide(message.task, reader, request) else None
    return rights.task_of(request, reader)


def _text(
    message: SentMessage, request: PaymentRequest, task: ApprovalTask | None, reader: Employee
) -> str:
    note = ""
    if task and task.employee_id != reader.pk:
        note = _("On behalf of %(principal)s") % {"principal": task.employee.get_short_name()}
    limit = TEXT_LIMIT - _QUESTION_ROOM
    if message.purpose == Purpose.DETAILS:
        return details.text(request, note, limit)
    return card_of(request, note).fitted(limit)


def _dialog(message: SentMessage, task: ApprovalTask | None) -> Dialog | None:
    if task is None:
        return None
    return Dialog.objects.filter(telegram_id=message.chat.telegram_id, task=task).first()


def _asking(text: str, task: ApprovalTask, dialog: Dialog) -> Rendered:
    """The message while the bot waits for the reason of a refusal."""
    hint = _("Choose the reason, or send it as a message. /cancel leaves everything as it is.")
    ready = ReasonTemplate.objects.filter(action=dialog.action, is_active=True)
    keyboard = keyboards.markup(keyboards.reasons(task, ready))
    return Rendered(f"{text}\n\n{bold(_QUESTIONS[dialog.action])}\n{plain(hint)}", keyboard)


def _documents(message: SentMessage) -> Rendered:
    documents = _attachments(message)
    if not documents:
        return _NOTHING
    # No state: what has become an album is never changed.
    heading = _("Documents of request %(number)s") % {"number": message.request.number}
    return Rendered(plain(heading), None, documents)


def _attachments(message: SentMessage) -> tuple[Attachment, ...]:
    """Those still valid, in the order in which they were added."""
    return tuple(Attachment.objects.filter(pk__in=message.documents, removed_at=None))
