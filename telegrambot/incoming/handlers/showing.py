"""Messages on demand: wanted here, sent by delivery, and kept up to date."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from telegrambot import doorbell
from telegrambot.kinds.details import NAME as DETAILS
from telegrambot.kinds.documents import NAME as DOCUMENTS
from telegrambot.kinds.documents import carrying
from telegrambot.kinds.files import PRINTED_FORM
from telegrambot.kinds.printed import NAME as PRINTED
from telegrambot.kinds.task import NAME as TASK
from telegrambot.models import Chat, SentMessage, SentMessageQuerySet, Urgency
from treasury.models import ApprovalTask, Employee, Event, PaymentRequest
from treasury.prepared import PreparedUpdate

_COME_FIRST = PreparedUpdate(
    SentMessage.objects.at, int, int, urgency=lambda *_where: Urgency.PRESSED
)


def show_details(chat: Chat, request: PaymentRequest) -> None:
    _show(chat, request, DETAILS)


def show_printed(chat: Chat, request: PaymentRequest) -> None:
    _show(chat, request, PRINTED, documents=[PRINTED_FORM])


def show_documents(chat: Chat, request: PaymentRequest) -> int:
    """Send all documents; how many they are."""
    documents = list(request.documents)
    if _is_coming(chat, request, DOCUMENTS):
        return len(documents)
    event = _last_event(request)
    SentMessage.objects.bulk_create(carrying(chat.pk, event, documents, Urgency.ANSWER))
    transaction.on_commit(doorbell.ring)
    return len(documents)


def _show(chat: Chat, request: PaymentRequest, kind: str, **carries: Any) -> None:
    if _is_coming(chat, request, kind):
        return
    event, urgency = _last_event(request), Urgency.ANSWER
    SentMessage.objects.create(
        chat=chat, request=request, kind=kind, event=event, urgency=urgency, **carries
    )
    transaction.on_commit(doorbell.ring)


def refresh(messages: SentMessageQuerySet) -> None:
    """Show these messages anew to whoever has just pressed a button or answered."""
    if messages.refresh(Urgency.PRESSED):
        transaction.on_commit(doorbell.ring)


def attend(telegram_id: int, message_id: int, task: ApprovalTask, employee: Employee) -> None:
    """The card under which somebody has pressed comes first, once the request has changed.

    One that is unknown is a copy whose answer was lost: from now on it is kept up to date too.
    """
    if _COME_FIRST(telegram_id, message_id):
        return
    chat = Chat.objects.filter(telegram_id=telegram_id, kind=Chat.Kind.PRIVATE).first()
    may_read = PaymentRequest.objects.filter(pk=task.request_id).readable_by(employee)
    if chat is not None and may_read.exists():
        _adopt(chat, task, message_id)
        transaction.on_commit(doorbell.ring)


def _adopt(chat: Chat, task: ApprovalTask, message_id: int) -> None:
    stands: dict[str, Any] = {
        "form": SentMessage.Form.TEXT,
        "message_ids": [message_id],
        "state": SentMessage.State.SENT,
        "urgency": Urgency.PRESSED,
    }
    cards = SentMessage.objects.filter(chat=chat, kind=TASK, task=task)
    unknown = cards.filter(state=SentMessage.State.UNKNOWN, form=SentMessage.Form.NONE)
    if not unknown.update(**stands, shown=0, shown_hash="", behind_since=timezone.now()):
        SentMessage.objects.create(
            chat=chat, request_id=task.request_id, kind=TASK, task=task, **stands
        )


def _is_coming(chat: Chat, request: PaymentRequest, kind: str) -> bool:
    """An impatient second tap wants no second message."""
    unsent = SentMessage.objects.filter(form=SentMessage.Form.NONE, is_behind=True)
    return unsent.filter(chat=chat, request=request, kind=kind).exists()


def _last_event(request: PaymentRequest) -> Event:
    return request.events.latest("id")
