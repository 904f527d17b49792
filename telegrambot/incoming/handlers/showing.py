"""Messages on demand: wanted here, sent by delivery, and kept up to date."""

from django.db import transaction

from telegrambot import doorbell
from telegrambot.models import Chat, SentMessage, SentMessageQuerySet
from telegrambot.projection.news import document_messages
from treasury.models import Event, PaymentRequest

Purpose = SentMessage.Purpose


def show_details(chat: Chat, request: PaymentRequest) -> None:
    if _is_coming(chat, request, Purpose.DETAILS):
        return
    SentMessage.objects.create(
        chat=chat, request=request, purpose=Purpose.DETAILS, event=_last_event(request)
    )
    transaction.on_commit(doorbell.ring)


def show_documents(chat: Chat, request: PaymentRequest) -> int:
    """Send all documents; how many they are."""
    documents = list(request.documents)
    if _is_coming(chat, request, Purpose.DOCUMENTS):
        return len(documents)
    event = _last_event(request)
    SentMessage.objects.bulk_create(document_messages(chat.pk, event, documents))
    transaction.on_commit(doorbell.ring)
    return len(documents)


def refresh(messages: SentMessageQuerySet) -> None:
    """Show these messages anew."""
    if messages.refresh():
        transaction.on_commit(doorbell.ring)


def _is_coming(chat: Chat, request: PaymentRequest, purpose: Purpose) -> bool:
    """An impatient second tap wants no second message."""
    unsent = SentMessage.objects.filter(form=SentMessage.Form.NONE).exclude(
        state=SentMessage.State.FAILED
    )
    return unsent.filter(chat=chat, request=request, purpose=purpose).exists()


def _last_event(request: PaymentRequest) -> Event:
    return request.events.latest("id")
