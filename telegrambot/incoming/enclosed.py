"""The file in a message, as Telegram describes it: https://core.telegram.org/bots/api#message"""

from dataclasses import dataclass
from typing import Any

from telegrambot.delivery.media import FILE_ID_LENGTH
from telegrambot.incoming.foreign import Json, only, read_integer, read_object, read_text

# Bytes that a bot is given: https://core.telegram.org/bots/api#getfile
LARGEST = 20 * 1024**2
# The fields of a message that carry one; a message has one of them.
FIELDS = frozenset({"document", "photo", "video", "voice", "audio"})
_ESSENCE = ("file_id", "file_name", "file_size")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """`kind` is the name of its field; what has no name, or of no known size (bytes), has none."""

    kind: str
    file_id: str
    name: str
    size: int


def enclosed_in(body: Json) -> Enclosed | None:
    kind = next((name for name in FIELDS if name in body), "")
    file = _file(body.get(kind))
    file_id = read_text(file.get("file_id"))
    if not 0 < len(file_id) <= FILE_ID_LENGTH:
        return None
    size = read_integer(file.get("file_size")) or 0
    return Enclosed(kind, file_id, read_text(file.get("file_name")), size)


def essence(body: Json) -> dict[str, Any]:
    """What `enclosed_in` reads of a message."""
    files = {name: _file(body[name]) for name in FIELDS if name in body}
    return {name: only(file, _ESSENCE) for name, file in files.items()}


def _file(value: Any) -> Json:
    """A photo comes in several sizes, the largest last."""
    return read_object(value[-1] if isinstance(value, list) and value else value)
