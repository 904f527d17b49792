"""What the channel's tables forget by themselves, by the rules of `settings.KEPT`.

Each rule finds by an index what it forgets, so that nothing is read in vain, and takes it in small
steps, so that nobody waits long for its locks.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.models import (
    KEEPS_MENU,
    KEEPS_TOPIC,
    Alert,
    BegunRequest,
    BulkApproval,
    Chat,
    IncomingFile,
    SentMessage,
    Sought,
    TelegramFile,
    Update,
)
from treasury.models import Event
from treasury.workflow import Status

logger = logging.getLogger(__name__)

# Rows in a transaction, and seconds for a rule; the rest is left to the next hour.
STEP = 1000
SECONDS = 60.0
_ENDED = (Status.APPROVED, Status.DECLINED, Status.CANCELLED)

Rows = QuerySet[Any]


def _delete(rows: Rows) -> int:
    _all, by_model = rows.delete()
    return by_model.get(rows.model._meta.label, 0)


@dataclass(frozen=True)
class Rule:
    """Of its `rows` an index finds the old ones by the moment that is their `age`; of some of these
    `needless` leaves those that nobody needs any more; `forget` says how many they were.
    """

    name: str
    age: str
    rows: Callable[[], Rows]
    needless: Callable[[Rows, datetime], Rows] = lambda rows, _limit: rows
    forget: Callable[[Rows], int] = _delete

    def old(self, limit: datetime) -> Rows:
        """What is of the time before a moment, the oldest first."""
        return self.rows().filter(**{f"{self.age}__lt": limit}).order_by(self.age, "pk")

    def behind(self, moment: datetime, key: int) -> Q:
        """What is younger than a row of that moment and key, or as old and of a higher key."""
        further = Q(**{f"{self.age}__gt": moment}) | Q(pk__gt=key)
        return Q(**{f"{self.age}__gte": moment}) & further


def prune() -> dict[str, int]:
    """Apply every rule; how many rows each has forgotten."""
    forgotten = {}
    for rule in RULES:
        try:
            forgotten[rule.name] = _apply(rule)
        except DatabaseError:
            # The edge of one rule: its trouble must not stop the others.
            logger.exception("cannot prune: %s", rule.name)
    logger.info("pruned: %s", " ".join(f"{name}={count}" for name, count in forgotten.items()))
    return forgotten


def _apply(rule: Rule) -> int:
    limit = timezone.now() - settings.KEPT[rule.name]
    until = time.monotonic() + SECONDS
    count = 0
    for keys in _steps(rule, limit):
        # Asked of these few, for a planner that is asked of all would read the tables. What has
        # become young meanwhile is not among them any more.
        rows = rule.old(limit).filter(pk__in=keys).order_by()
        with transaction.atomic():
            count += rule.forget(rule.needless(rows, limit))
        if time.monotonic() > until:
            break
    return count


def _steps(rule: Rule, limit: datetime) -> Iterator[list[int]]:
    """The keys of what is old, a few at a time. What is needed still is passed, and read again the
    next hour only."""
    rest = old = rule.old(limit)
    while step := list(rest.values_list("pk", rule.age)[:STEP]):
        yield [key for key, _moment in step]
        key, moment = step[-1]
        rest = old.filter(rule.behind(moment, key))


def _payloads() -> Rows:
    return Update.objects.filter(removed__in=[Update.Removed.NOTHING, Update.Removed.SECRET])


def _empty(updates: Rows) -> int:
    return updates.update(payload={}, removed=Update.Removed.OLD)


def _updates() -> Rows:
    return Update.objects.all()


def _notices() -> Rows:
    """Also those that never arrived: nobody wants to read them now. What keeps a topic or a menu
    tells nothing."""
    return SentMessage.objects.filter(request=None).exclude(kind__in=[KEEPS_TOPIC, KEEPS_MENU])


def _that_ask_nothing(notices: Rows, limit: datetime) -> Rows:
    return notices.exclude(consent__isnull=False, consent__given_at=None)


def _messages() -> Rows:
    return SentMessage.objects.filter(request__isnull=False)


def _of_ended_requests(messages: Rows, limit: datetime) -> Rows:
    lately = Event.objects.filter(request=OuterRef("request"), at__gte=limit)
    return messages.filter(~Exists(lately), request__status__in=_ENDED)


def _whispers() -> Rows:
    """Telegram's apps have forgotten them by then. What all have seen is for somebody to delete."""
    alone = SentMessage.objects.filter(receiver_id__isnull=False)
    return alone.exclude(form=SentMessage.Form.TEXT)


def _chats() -> Rows:
    """Private ones, inline messages, and groups that have removed the bot."""
    # As the index has it: SQLite sees no further.
    passing = Q(kind=Chat.Kind.PRIVATE) | Q(kind=Chat.Kind.INLINE)
    return Chat.objects.filter(passing | Q(state=Chat.State.REMOVED))


def _of_strangers(chats: Rows, limit: datetime) -> Rows:
    """Whoever was linked until lately counts as if he had spoken; what shows a request, or was
    told lately, keeps its chat; so does whose requests are announced there."""
    linked = UserToken.objects.filter(
        Q(revoked_at=None) | Q(revoked_at__gte=limit),
        kind=UserToken.Kind.TELEGRAM,
        token=Cast(OuterRef("telegram_id"), CharField()),
    )
    needed = SentMessage.objects.filter(
        Q(request__isnull=False) | Q(created_at__gte=limit), chat=OuterRef("pk")
    )
    return chats.filter(~Exists(linked), ~Exists(needed), organizations=None, departments=None)


def _alerts() -> Rows:
    return Alert.objects.filter(ended_at__isnull=False)


def _with_files(alerts: Rows) -> int:
    files = [alert.file for alert in alerts.exclude(file="")]
    count = _delete(alerts)
    transaction.on_commit(lambda: [file.delete(save=False) for file in files])
    return count


def _bulk() -> Rows:
    return BulkApproval.objects.all()


def _files() -> Rows:
    return TelegramFile.objects.all()


def _incoming() -> Rows:
    return IncomingFile.objects.all()


def _begun() -> Rows:
    return BegunRequest.objects.all()


def _sought() -> Rows:
    return Sought.objects.all()


RULES = (
    Rule("payloads", "handled_at", _payloads, forget=_empty),
    Rule("updates", "received_at", _updates),
    Rule("notices", "created_at", _notices, _that_ask_nothing),
    Rule("messages", "created_at", _messages, _of_ended_requests),
    Rule("whispers", "created_at", _whispers),
    Rule("alerts", "ended_at", _alerts, forget=_with_files),
    Rule("strangers", "heard_at", _chats, _of_strangers),
    Rule("bulk", "created_at", _bulk),
    Rule("files", "used_at", _files),
    Rule("incoming", "created_at", _incoming),
    Rule("begun", "updated_at", _begun),
    Rule("sought", "created_at", _sought),
)
