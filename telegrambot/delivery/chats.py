"""What becomes of a chat's messages when the chat is lost, comes back or moves."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from telegrambot.kinds import registry
from telegrambot.models import Chat, SentMessage
from treasury.models import PaymentRequest
from treasury.workflow import Status

State = SentMessage.State


def close(chat: Chat, state: str, reason: str) -> None:
    """Nothing can be sent to the chat: what it has to show waits until it can."""
    Chat.objects.filter(pk=chat.pk).update(state=state, state_reason=reason[:255])


def heard(chat: Chat) -> None:
    """Somebody has said something there, which is noted to the day."""
    now = timezone.now()
    if chat.heard_at < now - timedelta(days=1):
        Chat.objects.filter(pk=chat.pk).update(heard_at=now)


def revive(chat: Chat) -> int:
    """The chat can be spoken to again: it is brought up to date, and offered what it has refused;
    how many messages these are."""
    with transaction.atomic():
        closed = Chat.objects.filter(pk=chat.pk).exclude(state=Chat.State.ACTIVE)
        if closed.update(state=Chat.State.ACTIVE, state_reason="", not_before=None):
            behind = SentMessage.objects.filter(chat=chat, shown__lt=F("wanted"))
            behind.exclude(form=SentMessage.Form.ALBUM).retry()
            SentMessage.objects.filter(chat=chat).behind().update(
                behind_since=Greatest("behind_since", timezone.now())
            )
            return offer_documents(chat)
    return 0


def offer_documents(chat: Chat) -> int:
    """The chat may take by now what it has refused: of what still runs; how many messages."""
    running = PaymentRequest.objects.filter(status=Status.IN_APPROVAL)
    return SentMessage.objects.filter(chat=chat, request__in=running).offer()


def migrate(chat: Chat, new_telegram_id: int) -> None:
    """The group became a supergroup, where its old messages cannot be edited: send them anew.

    Whoever hears of it calls this, be it from an update or an error; twice does no harm.
    """
    with transaction.atomic():
        unmoved = Chat.objects.filter(pk=chat.pk).exclude(telegram_id=new_telegram_id)
        if unmoved.select_for_update(no_key=True).first() is None:
            return
        messages = SentMessage.objects.filter(chat=chat)
        # A call that is under way goes to the old one, and its outcome is not saved. What must not
        # stand there twice is left as it is: the next worker takes its answer for lost.
        under_way = messages.filter(state=State.SENDING)
        repeated = [row.pk for row in under_way if registry.of(row).may_stand_twice(row)]
        messages.filter(pk__in=repeated).update(state=State.PENDING)
        # What one person was shown there is of no use to him any more.
        for whisper in (
            messages.exclude(receiver_id=None).filter(form=SentMessage.Form.NONE).behind()
        ):
            registry.of(whisper).unseen(whisper)
        messages.exclude(receiver_id=None).update(state=State.GONE)
        others = messages.exclude(form=SentMessage.Form.ALBUM)
        others.update(form=SentMessage.Form.NONE, message_ids=[], shown_hash="")
        for twin in Chat.objects.filter(telegram_id=new_telegram_id):
            _take_over(chat, twin)
        unmoved.update(telegram_id=new_telegram_id, kind=Chat.Kind.SUPERGROUP)


def _take_topics(chat: Chat, twin: Chat) -> None:
    """Of the same thing or number that of the supergroup is the one which stands."""
    theirs = twin.topics.all()
    double = Q(thread_id__in=theirs.exclude(thread_id=None).values("thread_id"))
    double |= Q(key__in=theirs.exclude(key="").values("key"))
    for topic in chat.topics.filter(double):
        topic.forget()
    theirs.update(chat=chat)


def _take_over(chat: Chat, twin: Chat) -> None:
    """The supergroup may have been met before it was known that the chat had become it: what it
    was told stands there, somebody may have bound it or set it up, and it may be open where the
    chat was closed."""
    keyed = twin.messages.filter(kind=OuterRef("kind"), key=OuterRef("key")).exclude(key="")
    SentMessage.objects.filter(Exists(keyed), chat=chat).delete()
    twin.messages.update(chat=chat)
    _take_topics(chat, twin)
    chat.organizations.add(*twin.organizations.all())
    chat.departments.add(*twin.departments.all())
    of_chat = Chat.objects.filter(pk=chat.pk)
    of_chat.update(is_forum=twin.is_forum)
    of_chat.filter(topic_per=Chat.TopicPer.NOTHING).update(topic_per=twin.topic_per)
    of_chat.filter(dress=Chat.Dress.TEXT).update(dress=twin.dress)
    of_chat.filter(alerts=False).update(alerts=twin.alerts, alerts_thread=twin.alerts_thread)
    if twin.state == Chat.State.ACTIVE:
        revive(chat)
    twin.delete()
