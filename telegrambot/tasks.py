"""What the worker does. Every task may run twice, or be lost: the sweep finds what is left."""

import logging
from datetime import timedelta
from math import ceil

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from telegrambot.delivery import client, limiter, sending
from telegrambot.incoming import inbox
from telegrambot.incoming.handlers import dialogs
from telegrambot.incoming.replies import Reply
from telegrambot.models import Chat, Update
from telegrambot.projection import deputies, news
from treasury.services import followers, uploads

logger = logging.getLogger(__name__)

# So much at a time; the rest comes with the next ring or sweep.
EVENTS = 500
CHATS = 200
# The chats of one moment are worked off by so many tasks at once: threads of one process slow each
# other down (measured: the first edit came after 210 ms with a task for each chat, 130 ms so). A
# task has so many chats at the most. They share a call that hangs: after CALL seconds another
# worker takes those behind it.
AT_ONCE = 3
BATCH = 5
# Seconds in which a called worker should have come; after them another one is called.
CALL = 10
# Seconds. For a longer wait the chat's own `not_before` and the sweep are better than the broker.
SHORT_WAIT = 5


@shared_task
def project() -> None:
    """Consume the journal's news, and call workers for the chats that they concern."""
    for request_pk in news.pending(EVENTS):
        try:
            news.project(request_pk)
        except Exception:
            # The edge of one request: its trouble must not hold up the others.
            logger.exception("cannot project: request=%s", request_pk)
    _call_workers()


@shared_task
def deliver(*chats: int) -> None:
    """Bring the chats up to date, one after the other."""
    for chat_pk in chats:
        _deliver(chat_pk)


def _deliver(chat_pk: int) -> None:
    # From now on new work needs a new call: this run may be past it already.
    _expect_worker([chat_pk], None)
    wait = sending.deliver(chat_pk)
    if wait and wait <= SHORT_WAIT:
        _expect_worker([chat_pk], wait + CALL)
        deliver.apply_async((chat_pk,), countdown=wait)


@shared_task
def sweep() -> None:
    """Pick up whatever was left behind, by a lost task or a killed worker."""
    dialogs.expire()
    for update_pk in Update.objects.to_retry(timezone.now()).values_list("pk", flat=True):
        reply = inbox.retry(update_pk)
        if reply:
            call_soon(reply)
    project()


@shared_task
def ask_deputies() -> None:
    """Once in a while: no journal entry tells that a delegation begins or ends at its hour."""
    deputies.project()


@shared_task
def follow_appointments() -> None:
    """Once in a while: a process may have been killed before it could."""
    followers.catch_up()


@shared_task
def prune() -> None:
    inbox.forget_old()
    uploads.forget_old()
    uploads.sweep_orphans()


@shared_task
def call(method: str, params: dict[str, object]) -> None:
    """A call that a handler has asked for, and whose loss does no harm."""
    chat_id = params.get("chat_id")
    if isinstance(chat_id, int):
        turn = limiter.reserve(chat_id, group=chat_id < 0)
        if isinstance(turn, limiter.AskAgain):
            call.apply_async((method, params), countdown=turn.after)
            return
    try:
        client.call(method, params)
    except client.TelegramError as error:
        logger.warning("%s: %s", method, error.description)


def call_soon(reply: Reply) -> None:
    """Have the worker make the call; without a broker it is left undone."""
    if not settings.REDIS_URL:
        # In memory the call would wait in this process, where no worker is.
        return
    try:
        call.delay(reply.method, reply.params)
    except OperationalError as error:
        logger.warning("%s is not called: %s", reply.method, error)


def _call_workers() -> None:
    """Workers for the chats that have work and wait for none yet."""
    idle = Chat.objects.to_call(timezone.now()).order_by("pk")
    chats = list(idle.values_list("pk", flat=True)[:CHATS])
    _expect_worker(chats, CALL)
    size = max(1, min(BATCH, ceil(len(chats) / AT_ONCE)))
    for start in range(0, len(chats), size):
        deliver.delay(*chats[start : start + size])


def _expect_worker(chats: list[int], seconds: float | None) -> None:
    until = None if seconds is None else timezone.now() + timedelta(seconds=seconds)
    Chat.objects.filter(pk__in=chats).update(called_until=until)
