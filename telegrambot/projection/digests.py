"""At each person's hour: the rows by which he is told what waits for him, and how the week was.

Their key is the day, so that of several who do it at once one makes them.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from telegrambot import doorbell
from telegrambot.kinds import digest, weekly
from telegrambot.models import Chat, SentMessage
from telegrambot.projection.news import add, private_chats
from treasury import audience, working_time
from treasury.models import CalendarDay

# Of the week, for who wants none of the day.
_USUAL = time(9)


def tell() -> None:
    """Whatever is due by now and was not told yet."""
    now = timezone.now()
    rows = _untold([*_daily(now), *_weekly(now)])
    with transaction.atomic():
        if add(rows):
            transaction.on_commit(doorbell.ring)


def _daily(now: datetime) -> Iterable[SentMessage]:
    awaited, calendar = private_chats(audience.awaited()), working_time.current()
    for chat in Chat.objects.filter(pk__in=awaited.values(), digest_at__isnull=False):
        today = chat.local(now).date()
        if calendar.kind(today) != CalendarDay.Kind.OFF and _has_come(chat, today, now):
            yield digest.row(chat, today)


def _weekly(now: datetime) -> Iterable[SentMessage]:
    for chat in Chat.objects.filter(weekly=True):
        if _has_come(chat, weekly.monday(chat), now):
            yield weekly.row(chat)


def _has_come(chat: Chat, day: date, now: datetime) -> bool:
    """His hour of that day, since he has chosen it."""
    moment = datetime.combine(day, chat.digest_at or _USUAL, chat.time_zone)
    return chat.digests_since <= moment <= now


def _untold(rows: Iterable[SentMessage]) -> list[SentMessage]:
    wanted = {(row.chat_id, row.kind, row.key): row for row in rows}
    told = SentMessage.objects.filter(
        chat__in={chat for chat, _kind, _key in wanted},
        kind__in={kind for _chat, kind, _key in wanted},
        key__in={key for _chat, _kind, key in wanted},
    )
    known = set(told.values_list("chat", "kind", "key"))
    return [row for name, row in wanted.items() if name not in known]
