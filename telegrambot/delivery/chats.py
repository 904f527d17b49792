"""What becomes of a chat's messages when the chat is lost, comes back or moves."""

from django.db import transaction
from django.db.models import Case, QuerySet, Value, When

from telegrambot.models import Chat, SentMessage

State = SentMessage.State


def close(chat: Chat, state: str, reason: str) -> None:
    """Nothing can be sent to the chat: what it was not shown yet has failed, visibly."""
    with transaction.atomic():
        Chat.objects.filter(pk=chat.pk).update(state=state, state_reason=reason[:255])
        SentMessage.objects.behind().filter(chat=chat).update(state=State.FAILED, error=reason)


def revive(chat: Chat) -> None:
    """The chat can be spoken to again: what has failed is tried once more."""
    with transaction.atomic():
        closed = Chat.objects.filter(pk=chat.pk).exclude(state=Chat.State.ACTIVE)
        if closed.update(state=Chat.State.ACTIVE, state_reason="", not_before=None):
            retry(SentMessage.objects.filter(chat=chat))


def retry(messages: QuerySet[SentMessage]) -> int:
    """Give those of the messages that have failed a fresh start; tells how many they were."""
    stands = Case(
        When(form=SentMessage.Form.NONE, then=Value(State.PENDING)), default=Value(State.SENT)
    )
    failed = messages.filter(state=State.FAILED)
    return failed.update(state=stands, error="", attempts=0, not_before=None)


def migrate(chat: Chat, new_telegram_id: int) -> None:
    """The group became a supergroup, where its old messages cannot be edited: send them anew.

    Whoever hears of it calls this, be it from an update or an error; twice does no harm.
    """
    with transaction.atomic():
        for twin in Chat.objects.filter(telegram_id=new_telegram_id).exclude(pk=chat.pk):
            _take_over(chat, twin)
        moved = Chat.objects.filter(pk=chat.pk).exclude(telegram_id=new_telegram_id)
        if moved.update(telegram_id=new_telegram_id, kind=Chat.Kind.SUPERGROUP):
            messages = SentMessage.objects.filter(chat=chat)
            messages.update(form=SentMessage.Form.NONE, message_ids=[], shown_hash="")


def _take_over(chat: Chat, twin: Chat) -> None:
    """The supergroup may have been met before it was known that the chat had become it."""
    mine = SentMessage.objects.filter(chat=chat)
    only_there = twin.messages.exclude(event__in=mine.exclude(event=None).values("event"))
    only_there.exclude(task__in=mine.exclude(task=None).values("task")).update(chat=chat)
    twin.delete()
