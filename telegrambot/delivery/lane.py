"""A chat's lease: one worker at a time works for a chat, and a killed one does not block it."""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from telegrambot import held
from telegrambot.delivery.client import SECONDS_FOR_BYTE
from telegrambot.models import Chat, SentMessage
from treasury.prepared import Prepared, PreparedUpdate

logger = logging.getLogger(__name__)

# Seconds, besides those of an upload. Longer than the slowest call (client.SECONDS); a killed
# worker's chat waits as long.
LEASE = 60.0
# More than can be at work at once.
RIVALS = 30

_BY_URGENCY = Prepared(lambda now: Chat.objects.by_urgency(now)[:RIVALS], datetime, columns=("id",))
_TAKE = PreparedUpdate(
    lambda key, now, token, until: Chat.objects.with_work(now).filter(pk=key),
    int, datetime, str, datetime,
    change=lambda key, now, token, until: {
        "lease_token": token, "leased_at": now, "lease_until": until
    },
)  # fmt: skip


def after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


class Lane:
    """A chat while this worker holds its lease."""

    def __init__(self, chat_pk: int, token: str) -> None:
        self.chat_pk = chat_pk
        # When a message has arrived while it was held.
        self.delivered_at: datetime | None = None
        self._held = Chat.objects.filter(pk=chat_pk, lease_token=token)

    @classmethod
    def take(cls, chat_pk: int) -> "Lane | None":
        """None: there is nothing to do now, or another worker is at it."""
        token, now = uuid.uuid4().hex, timezone.now()
        return cls(chat_pk, token) if _TAKE(chat_pk, now, token, after(LEASE)) else None

    @classmethod
    def next(cls) -> "Lane | None":
        """The most urgent that is free; None: nothing is to be done now, or may be."""
        if problem := held.problem():
            logger.warning("nothing is delivered: %s", problem)
            return None
        keys = (chat.pk for chat in _BY_URGENCY(timezone.now()))
        # Others take the first at the same moment.
        return next(filter(None, map(cls.take, keys)), None)

    def hold(self, uploading: int = 0) -> bool:
        """Keep the lease for one more call with so many bytes; False: another has it."""
        seconds = LEASE + uploading * SECONDS_FOR_BYTE
        return self._held.update(lease_until=after(seconds)) == 1

    def save(self, message: SentMessage, **values: Any) -> None:
        """What has become of the message, unless another worker has the chat by now, or the chat
        is another than was spoken to."""
        address = message.chat.telegram_id
        mine = self._held.filter(telegram_id=address)
        if not SentMessage.objects.filter(pk=message.pk, chat__in=mine).update(**values):
            logger.warning("the outcome is not saved, the lane was lost: message=%s", message.pk)

    def pause(self, seconds: float, *, asked: bool = False) -> None:
        """No call to this chat for so long, whoever works for it; when it was `asked` for, that is
        nobody's delay."""
        end = after(seconds)
        self._held.update(not_before=end, **({"asked_until": end} if asked else {}))

    def close(self, chat: Chat, state: str, reason: str) -> bool:
        """Nothing can be sent to the chat: what it has to show waits until it can. False: it is
        another than was spoken to, or Telegram has told meanwhile that it is open."""
        mine = self._held.filter(telegram_id=chat.telegram_id)
        as_before = Q(opened_at=None) | Q(opened_at__lt=F("leased_at"))
        return mine.filter(as_before).update(state=state, state_reason=reason[:255]) == 1

    def release(self) -> None:
        delivered = {"delivered_at": self.delivered_at} if self.delivered_at else {}
        self._held.update(lease_token="", leased_at=None, lease_until=None, **delivered)
