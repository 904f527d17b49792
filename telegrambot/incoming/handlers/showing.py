"""Messages on demand: wanted here, sent by delivery, and kept up to date."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from telegrambot import doorbell
from telegrambot.kinds import topic
from telegrambot.kinds.documents import NAME as DOCUMENTS
from telegrambot.kinds.documents import carrying
from telegrambot.kinds.task import NAME as TASK
from telegrambot.models import Chat, SentMessage, SentMessageQuerySet, Urgency
from treasury.models import ApprovalTask, Employee, PaymentRequest
from treasury.prepared import PreparedUpdate

_COME_FIRST = PreparedUpdate(
    SentMessage.objects.at, int, int, change=lambda *_where: {"urgency": Urgency.PRESSED}
)


def show_documents(chat: Chat, request: PaymentRequest) -> int:
    """Send all documents; how many they are."""
    documents = list(request.documents)
    # An impatient second tap wants no second album.
    unsent = SentMessage.objects.filter(form=SentMessage.Form.NONE, is_behind=True)
    if unsent.filter(chat=chat, request=request, kind=DOCUMENTS).exists():
        return len(documents)
    event = request.events.latest("id")
    rows = list(carrying(chat.pk, event, documents, Urgency.ANSWER))
    topic.place(rows)
    SentMessage.objects.bulk_create(rows)
    transaction.on_commit(doorbell.ring)
    return len(documents)


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
