"""Quiet hours: what would ring in a person's private chat waits until they are over."""

from datetime import datetime

from django.utils import timezone

from telegrambot.kinds import registry
from telegrambot.models import KEEPS_MENU, KEEPS_TOPIC, SentMessage, Urgency

# They are no messages.
_SILENT = (KEEPS_MENU, KEEPS_TOPIC)


def held_until(message: SentMessage) -> datetime | None:
    """None for what may go now: nobody hears of an edit, and who has just asked is awake."""
    end = message.chat.quiet_end(timezone.now())
    return end if end and _rings(message) else None


def _rings(message: SentMessage) -> bool:
    kind = registry.of(message)
    if message.form or message.kind in _SILENT:
        return False
    # Strangers are answered last, and yet answered.
    if min(message.urgency, kind.urgency) <= Urgency.PRESSED:
        return False
    return not (message.chat.urgent_passes and kind.is_urgent(message))
