"""What a message carries, as its row names it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from io import BytesIO

from django.utils.translation import gettext as _

from telegrambot.content.filekinds import is_too_large
from telegrambot.content.keyboards import page_of
from telegrambot.content.markup import plain, shortened
from telegrambot.kinds.base import NOTHING, Document, Rendered
from telegrambot.models import SentMessage
from treasury import printed
from treasury.files import shown_size
from treasury.models import Attachment
from treasury.printed import content

# Among the keys of attachments that a row has: the form that is printed when it is sent.
PRINTED_FORM = 0
# Characters of the name of a file that is only spoken of: ten of them fit under an album.
NAME = 50


@dataclass(frozen=True)
class Carried:
    """Files, and the lines about those that are too large for any message."""

    documents: tuple[Document, ...] = ()
    elsewhere: tuple[str, ...] = ()

    def beside(self, text: str) -> Rendered:
        """Under a text (Telegram's HTML); nothing without any."""
        if not self.documents and not self.elsewhere:
            return NOTHING
        return Rendered(text + self.appendix, None, self.documents)

    @property
    def appendix(self) -> str:
        """What is said of them below a text, in Telegram's HTML."""
        return "".join(f"\n{plain(line)}" for line in self.elsewhere)


def carried(message: SentMessage) -> Carried:
    """What is still valid of it, in the order in which it was added.

    The printed form is one of the moment when it is sent: under a text that stands in the chat none
    is made anew. A rich message is sent whole each time, and has the newest.
    """
    valid = list(Attachment.objects.filter(pk__in=message.documents, removed_at=None))
    files = tuple(_attached(one) for one in valid if not is_too_large(one.size))
    elsewhere = _elsewhere([one for one in valid if is_too_large(one.size)])
    is_sent_whole = message.form in (SentMessage.Form.NONE, SentMessage.Form.RICH)
    if PRINTED_FORM not in message.documents or not is_sent_whole or message.request_id is None:
        return Carried(files, elsewhere)
    return Carried((*files, _printed(message.request_id)), elsewhere)


def _elsewhere(attachments: Sequence[Attachment]) -> tuple[str, ...]:
    if not attachments:
        return ()
    names = (f"{shortened(one.name, NAME)}, {shown_size(one.size)}" for one in attachments)
    heading = _("Too large for Telegram, here in the back office:")
    return (heading, *names, page_of(attachments[0].request_id))


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
    pdf = cache(lambda: printed.pdf(form))
    return Document(
        content.file_name(form.number),
        hashlib.sha256(repr(form).encode()).hexdigest(),
        size=lambda: len(pdf()),
        open=lambda: BytesIO(pdf()),
    )
