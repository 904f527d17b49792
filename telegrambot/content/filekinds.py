"""As what a file stands in a chat, and which files stand there together.

https://core.telegram.org/bots/api#sending-files
"""

from collections.abc import Set

from django.conf import settings

from telegrambot.models import TelegramFile
from treasury.files import extension_of

Kind = TelegramFile.Kind

# Of a photo: bytes, the sum of its sides, and how many times one is longer than the other.
# https://core.telegram.org/bots/api#sendphoto
PHOTO_BYTES = 10 * 1024**2
PHOTO_SIDES = 10_000
PHOTO_RATIO = 20

_BY_EXTENSION = {
    **dict.fromkeys(("jpg", "jpeg", "png", "webp"), Kind.PHOTO),
    "mp4": Kind.VIDEO,
    "ogg": Kind.VOICE,
}
_SEEN = frozenset({Kind.PHOTO, Kind.VIDEO})


def kind_of(name: str, size: int) -> Kind:
    """By its name and size (bytes) alone: a picture may still not fit a photo."""
    kind = _BY_EXTENSION.get(extension_of(name), Kind.DOCUMENT)
    return Kind.DOCUMENT if kind == Kind.PHOTO and size > PHOTO_BYTES else kind


def fits_photo(width: int, height: int) -> bool:
    """Whether Telegram takes a picture of this size (pixels) as a photo."""
    shorter, longer = sorted((width, height))
    return shorter > 0 and width + height <= PHOTO_SIDES and longer <= PHOTO_RATIO * shorter


def is_too_large(size: int) -> bool:
    """Whether a file of so many bytes cannot be sent at all."""
    return size > int(settings.TELEGRAM_UPLOAD_BYTES)


def are_seen(kinds: Set[Kind]) -> bool:
    """What shows itself in the chat, rather than its name."""
    return kinds <= _SEEN


def go_together(kinds: Set[Kind]) -> bool:
    """In one album: https://core.telegram.org/bots/api#sendmediagroup"""
    return are_seen(kinds) or kinds == {Kind.DOCUMENT}
