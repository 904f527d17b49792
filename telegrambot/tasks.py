"""What the worker does. Every task may run twice, or be lost: the sweep finds what is left."""

import logging
import threading
from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down
from django.utils import timezone

from telegrambot import errands, menus, pruning, watching
from telegrambot.delivery import sending, whispers
from telegrambot.delivery.lane import Lane
from telegrambot.dialogs import engine
from telegrambot.incoming import bulk, fetching, inbox
from telegrambot.models import Chat, IncomingFile, Update
from telegrambot.projection import cursor, deputies, digests, news
from treasury.prepared import Prepared
from treasury.services import followers, reminders, uploads

logger = logging.getLogger(__name__)

# So much at a time; the rest comes with the next ring or sweep.
EVENTS = 500
# So many chats are worked for at once, by all processes together: that is enough for Telegram's
# pace, and threads of one process slow each other down. One that takes longer than STALL seconds
# is not counted, so that slow chats stop nobody else; of all there are at most so many, for
# projecting and sweeping need threads too.
AT_ONCE = 5
STALL = 2.0
MOST = 24
# Of files that people send, so many are fetched at once.
FETCHERS = 3
# Seconds. For a longer wait the chat's own `not_before` and the sweep are better than the broker.
SHORT_WAIT = 5
_rung, _projecting = threading.Event(), threading.Lock()
_HELD = Prepared(
    lambda now: Chat.objects.filter(lease_until__gt=now), datetime, columns=("id", "leased_at")
)
_WITH_WORK = Prepared(lambda now: Chat.objects.with_work(now)[:AT_ONCE], datetime, columns=("id",))


# Of this process: what it has begun it finishes, and another one goes on.
_ending = threading.Event()


@worker_shutting_down.connect
def begin_nothing_more(**signal: Any) -> None:
    """Or a worker would not end while there is work: it would be killed in the middle of it."""
    _ending.set()


@shared_task
def project() -> None:
    """Consume the journal's news, and call workers for the chats that they concern.

    A process does it once at a time: several would wait for each other at every request. Whoever
    comes meanwhile leaves word, and whoever is at it looks again.
    """
    _rung.set()
    while _rung.is_set() and _projecting.acquire(blocking=False):
        try:
            _rung.clear()
            _project_news()
        finally:
            _projecting.release()


def _project_news() -> None:
    for request_pk in news.pending(EVENTS):
        try:
            news.project(request_pk)
        except Exception as error:
            # The edge of one request: its trouble must not hold up the others.
            logger.exception("cannot project: request=%s", request_pk)
            cursor.stumble(request_pk, error)
    _call_workers()


@shared_task
def deliver() -> None:
    """Work for the most urgent chat, and again, until none has anything to do."""
    if _room() <= 0:
        return
    while not _ending.is_set() and (lane := Lane.next()):
        wait = sending.work_for(lane)
        if wait and wait <= SHORT_WAIT:
            deliver.apply_async(countdown=wait)


@shared_task
def fetch() -> None:
    """Take in what people have sent, one after the other, until nothing is due."""
    while not _ending.is_set() and fetching.fetch_next():
        pass


@shared_task
def approve_in_bulk(key: int) -> None:
    """What somebody has confirmed under his digest."""
    bulk.work(key)


@shared_task
def carry_out(key: int) -> None:
    """What an administrator has asked for in the back office."""
    errands.carry_out(key)


@shared_task
def tell_digests() -> None:
    """Once in a while: somebody's hour may have come."""
    digests.tell()


@shared_task
def sweep() -> None:
    """Pick up whatever was left behind, by a lost task or a killed worker."""
    engine.expire()
    whispers.expire()
    _project_deputies()
    for update_pk in Update.objects.to_retry(timezone.now()).values_list("pk", flat=True):
        # Its query has expired by now; what it leads to goes by the lanes.
        inbox.retry(update_pk)
    _call_fetcher()
    for key in bulk.to_do():
        approve_in_bulk.delay(key)
    for key in errands.to_do():
        carry_out.delay(key)
    project()


@shared_task
def ask_deputies() -> None:
    """Once in a while: who stands in may be asked for more than when he began."""
    news.ask_deputies()


@shared_task
def follow_appointments() -> None:
    """Once in a while: a process may have been killed before it could."""
    followers.catch_up()


@shared_task
def remind() -> None:
    """Once in a while: whoever is asked, and has not decided by now, is reminded."""
    for stage_pk in reminders.due():
        try:
            reminders.remind(stage_pk)
        except Exception:
            # The edge of one stage: its trouble must not hold up the others.
            logger.exception("cannot remind: stage=%s", stage_pk)


@shared_task
def watch() -> None:
    """Once in a while: what is wrong is told to administrators."""
    watching.watch()


@shared_task
def keep_menus() -> None:
    """Once in a while: another release may offer other commands."""
    menus.keep()


@shared_task
def prune() -> None:
    cursor.advance()
    pruning.prune()
    uploads.forget_old()
    uploads.sweep_orphans()


def _project_deputies() -> None:
    try:
        deputies.project()
    except Exception:
        # The edge of all delegations: their trouble must not hold up the rest of the sweep.
        logger.exception("cannot project the delegations")


def _call_fetcher() -> None:
    """One more, while there is something to fetch and not enough are at it."""
    now, files = timezone.now(), IncomingFile.objects
    if files.due(now).exists() and files.held(now).count() < FETCHERS:
        fetch.delay()


def _call_workers() -> None:
    """As many as there is room and work for."""
    waiting = _WITH_WORK(timezone.now())
    for _chat in waiting and waiting[: max(_room(), 0)]:
        deliver.delay()


def _room() -> int:
    """For how many more chats somebody may work now."""
    now = timezone.now()
    held = _HELD(now)
    stalled = now - timedelta(seconds=STALL)
    lately = sum(chat.leased_at is not None and chat.leased_at > stalled for chat in held)
    return min(AT_ONCE - lately, MOST - len(held))
