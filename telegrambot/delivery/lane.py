"""A chat's lease: one worker at a time works for a chat, and a killed one does not block it."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from telegrambot.models import Chat

# Seconds. Longer than the slowest call (client.SECONDS); a killed worker's chat waits as long.
LEASE = 60.0
# More seconds for each byte of an upload: a slow line takes one for 256 KiB.
LEASE_FOR_BYTE = 1 / 262_144


def after(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


class Lane:
    """A chat while this worker holds its lease."""

    def __init__(self, chat_pk: int, token: str) -> None:
        self.chat_pk = chat_pk
        self._held = Chat.objects.filter(pk=chat_pk, lease_token=token)

    @classmethod
    def take(cls, chat_pk: int) -> "Lane | None":
        """None: there is nothing to do now, or another worker is at it."""
        token = uuid.uuid4().hex
        free = Chat.objects.with_work(timezone.now()).filter(pk=chat_pk)
        taken = free.update(lease_token=token, lease_until=after(LEASE))
        return cls(chat_pk, token) if taken else None

    def hold(self, uploading: int = 0) -> bool:
        """Keep the lease for one more call with so many bytes; False: another has it."""
        seconds = LEASE + uploading * LEASE_FOR_BYTE
        return self._held.update(lease_until=after(seconds)) == 1

    def pause(self, seconds: float) -> None:
        """No call to this chat for so long, whoever works for it."""
        self._held.update(not_before=after(seconds))

    def release(self) -> None:
        self._held.update(lease_token="", lease_until=None)
