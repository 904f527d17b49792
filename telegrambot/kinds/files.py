"""What a message carries, as its row names it."""

from functools import partial

from telegrambot.kinds.base import Document
from telegrambot.models import SentMessage
from treasury.models import Attachment


def carried(message: SentMessage) -> tuple[Document, ...]:
    """What is still valid of it, in the order in which it was added."""
    valid = Attachment.objects.filter(pk__in=message.documents, removed_at=None)
    return tuple(map(_attached, valid))


def _attached(attachment: Attachment) -> Document:
    """As it lies in the storage, whatever its row says of it."""
    stored = attachment.file
    return Document(
        attachment.name,
        attachment.sha256,
        size=lambda: stored.size,
        open=partial(stored.storage.open, str(stored.name), "rb"),
    )
