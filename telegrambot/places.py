"""Where a message stands, as Telegram addresses it; its lane stands beside it."""

import hashlib
from dataclasses import dataclass
from typing import Any

# What Telegram numbers has 52 bits; beyond them is room for what it names otherwise.
# https://core.telegram.org/bots/api#chat
_BEYOND = -(1 << 60)


def inline_place(inline_id: str) -> int:
    """The number, like that of a chat, by which we know where an inline message stands: Telegram
    tells only its `inline_message_id`."""
    digest = hashlib.sha256(inline_id.encode()).digest()
    return _BEYOND - int.from_bytes(digest[:7], "big")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who alone is to see what is said in a group, by his Telegram id; with the press that it
    answers, or the number of his command, which nobody else has seen either."""

    id: int
    query_id: str = ""
    command_id: int | None = None


def key_of(thread_id: int | None, asked: str, reader: Reader | None = None) -> str:
    """Of the answers in a chat it tells that to whoever has `asked` for it there."""
    words = f"{thread_id}: {asked}" + (f" {reader.id}" if reader else "")
    return hashlib.sha1(words.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or a topic of a group, by Telegram's ids; with a `reader`, as far as he alone sees.
    With an `inline_id` it is the message that somebody has sent by inline mode, wherever that is:
    there it can be changed, and nothing said beside it.

    https://core.telegram.org/bots/api#sendmessage
    """

    chat_id: int
    thread_id: int | None = None
    reader: Reader | None = None
    inline_id: str = ""

    @property
    def address(self) -> dict[str, Any]:
        """The parameters of a new message."""
        thread = {} if self.thread_id is None else {"message_thread_id": self.thread_id}
        return {"chat_id": self.chat_id, **thread}

    def address_of(self, message_id: int | None) -> dict[str, Any]:
        """The parameters of a change to a message that stands there."""
        if self.inline_id:
            return {"inline_message_id": self.inline_id}
        return {"chat_id": self.chat_id, "message_id": message_id}
