"""The walk through a rich message: what is counted on the way, and how single fields are read."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sandbox.errors import ApiError, bad_request
from sandbox.versions import BotApi

MAX_CHARACTERS = 32768
MAX_BLOCKS = 500
MAX_DEPTH = 16
MAX_MEDIA = 50

Body = dict[str, Any]
Reader = Callable[["Walk", str, Any], Any]


@dataclass(slots=True)
class Walk:
    """One message under way. ``media`` are its InputMedia, ``buttons`` all that it shows.

    ``detects`` says whether Telegram looks for addresses and the like in what is read now.
    """

    version: BotApi
    is_draft: bool = False
    detects: bool = False
    characters: int = 0
    blocks: int = 0
    media: list[Body] = field(default_factory=list)
    buttons: list[Body] = field(default_factory=list)
    has_picture: bool = False  # a map or a formula
    _depth: int = 0

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """:raises ApiError: 400 when too much stands inside each other."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise bad_request("RICH_MESSAGE_DEPTH_INVALID")
        yield
        self._depth -= 1

    @contextmanager
    def literally(self) -> Iterator[None]:
        """Look for nothing in it: code, and what has a meaning already."""
        before, self.detects = self.detects, False
        yield
        self.detects = before

    def check_limits(self) -> None:
        """:raises ApiError: 400 for a message that is too large, or shows nothing."""
        excesses = {
            "TEXT_TOO_LONG": self.characters > MAX_CHARACTERS,
            "BLOCKS_TOO_MANY": self.blocks > MAX_BLOCKS,
            "MEDIA_TOO_MANY": len(self.media) > MAX_MEDIA,
            "EMPTY": not (self.characters or self.media or self.has_picture),
        }
        for name, is_exceeded in excesses.items():
            if is_exceeded:
                raise bad_request(f"RICH_MESSAGE_{name}")


class Field(NamedTuple):
    """A field of a block; one that came after ``since`` is ignored by older servers."""

    read: Reader
    required: bool = False
    since: BotApi = BotApi.V10_2


def fault(text: str) -> ApiError:
    return bad_request(f"can't parse InputRichBlock: {text}")


def read_fields(walk: Walk, given: Body, fields: Mapping[str, Field]) -> Body:
    """The fields of a block or of a part of one, in the form in which a bot receives them.

    :raises ApiError: 400 for a field that is missing, wrong or unknown.
    """
    refuse_unknown(given, {*fields, "type"})
    read = {}
    for name, wanted in fields.items():
        if given.get(name) is None:
            if wanted.required:
                raise fault(f'Can\'t find field "{name}"')
        elif walk.version >= wanted.since:
            read[name] = wanted.read(walk, name, given[name])
    return {name: value for name, value in read.items() if value is not False}


def refuse_unknown(given: Body, known: Collection[str]) -> None:
    if unknown := [name for name in given if name not in known]:
        raise fault(f"unknown field {', '.join(unknown)}")


def read_object(name: str, value: Any) -> Body:
    if not isinstance(value, dict):
        raise fault(f'Field "{name}" must be of type Object')
    return value


def read_array(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise fault(f'Field "{name}" must be of type Array')
    return value


def read_string(walk: Walk, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise fault(f'Field "{name}" must be of type String')
    return value


def read_number(walk: Walk, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise fault(f'Field "{name}" must be of type Number')
    return value


def read_truth(walk: Walk, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise fault(f'Field "{name}" must be of type Boolean')
    return value


def number(low: int, high: int, refusal: str) -> Reader:
    def read(walk: Walk, name: str, value: Any) -> int:
        if not low <= read_number(walk, name, value) <= high:
            raise bad_request(refusal)
        return int(value)

    return read


def one_of(names: Collection[str], refusal: str) -> Reader:
    def read(walk: Walk, name: str, value: Any) -> str:
        if read_string(walk, name, value) not in names:
            raise bad_request(refusal)
        return str(value)

    return read
