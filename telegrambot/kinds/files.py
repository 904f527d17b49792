"""What a message carries, as its row names it."""

import hashlib
from functools import cache, partial
from io import BytesIO

from telegrambot.kinds.base import Document
from telegrambot.models import SentMessage
from treasury.models import Attachment
from treasury.printed import content, paper

# Among the keys of attachments that a row has: the form that is printed when it is sent.
PRINTED_FORM = 0


def carried(message: SentMessage) -> tuple[Document, ...]:
    """What is still valid of it, in the order in which it was added.

    The printed form is one of the moment when it is sent: under a text that stands in the chat none
    is made anew. A rich message is sent whole each time, and has the newest.
    """
    valid = Attachment.objects.filter(pk__in=message.documents, removed_at=None)
    files = tuple(map(_attached, valid))
    is_sent_whole = message.form in (SentMessage.Form.NONE, SentMessage.Form.RICH)
    if PRINTED_FORM not in message.documents or not is_sent_whole or message.request_id is None:
        return files
    return (*files, _printed(message.request_id))


def _attached(attachment: Attachment) -> Document:
    """As it lies in the storage, whatever its row says of it."""
    stored = attachment.file
    return Document(
        attachment.name,
        attachment.sha256,
        size=lambda: stored.size,
        open=partial(stored.storage.open, str(stored.name), "rb"),
    )


def _printed(request_pk: int) -> Document:
    """In the language that is active. Of one state it is the same file, so that it goes up once;
    and it is made once the message's turn has come."""
    form = content.form(request_pk)
    pdf = cache(lambda: paper.pdf(form))
    return Document(
        content.file_name(form.number),
        hashlib.sha256(repr(form).encode()).hexdigest(),
        size=lambda: len(pdf()),
        open=lambda: BytesIO(pdf()),
    )
