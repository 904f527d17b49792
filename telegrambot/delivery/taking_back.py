"""What a group is to have no more: its files go with it, as far as Telegram lets.

A bot may delete what is younger than two days, whatever its rights. What is older stands there for
good: each of its files becomes one with nothing in it, or at least what stands under it goes.
https://core.telegram.org/bots/api#deletemessages
"""

from io import BytesIO
from typing import Any

from PIL import Image

from telegrambot.delivery.outgoing import Form, Outgoing
from telegrambot.delivery.upload import File
from telegrambot.kinds.base import Rendered
from telegrambot.models import SentMessage

Removal = SentMessage.Removal

_PIXELS = (320, 200)


def is_due(message: SentMessage, rendered: Rendered) -> bool:
    """Whether what stands there has files that must go; a text, or a rich message, is edited. An
    album of which a part may have gone goes whole, and comes anew if it is to be there again."""
    has_files = message.form in (Form.CAPTION, Form.ALBUM) and bool(message.message_ids)
    is_begun = message.form == Form.ALBUM and message.removal != Removal.DELETED
    return has_files and (rendered.is_taken_back or is_begun)


def prepare(message: SentMessage, rendered: Rendered) -> Outgoing:
    """The next call: for all of it, or for the first of its messages that is left."""
    first = message.place.address_of(message.message_id)
    words = {"caption": rendered.text, "parse_mode": "HTML"}
    match message.removal:
        case Removal.DELETED:
            where = {"chat_id": message.chat.telegram_id}
            return _call("deleteMessages", {**where, "message_ids": message.message_ids})
        case Removal.AS_DOCUMENT:
            return _replace(first, words, "document", File.of("—.txt", rendered.text.encode()))
        case Removal.AS_PHOTO:
            return _replace(first, words, "photo", File.of("—.png", _blank()))
        case _:
            return _call("editMessageCaption", {**first, **words})


def _replace(where: dict[str, Any], words: dict[str, Any], kind: str, file: File) -> Outgoing:
    media = {"type": kind, "media": "attach://nothing", **words}
    return _call("editMessageMedia", {**where, "media": media}, {"nothing": file})


def _call(method: str, params: dict[str, Any], files: dict[str, File] | None = None) -> Outgoing:
    return Outgoing(method, Form.NONE, params, "", files=files or {}, is_new=False)


def left(message: SentMessage) -> list[int]:
    """Which of its messages are still to be taken back after that call."""
    return [] if message.removal == Removal.DELETED else message.message_ids[1:]


def _blank() -> bytes:
    picture = BytesIO()
    Image.new("L", _PIXELS, "white").save(picture, "PNG")
    return picture.getvalue()
