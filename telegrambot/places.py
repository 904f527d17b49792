"""Where a message stands, as Telegram addresses it; its lane stands beside it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reader:
    """Who alone is to see what is said in a group, by his Telegram id; with the press that it
    answers, or the number of his command, which nobody else has seen either."""

    id: int
    query_id: str = ""
    command_id: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or a topic of a group, by Telegram's ids; with a `reader`, as far as he alone sees.

    https://core.telegram.org/bots/api#sendmessage
    """

    chat_id: int
    thread_id: int | None = None
    reader: Reader | None = None

    @property
    def address(self) -> dict[str, Any]:
        """The parameters of a new message."""
        thread = {} if self.thread_id is None else {"message_thread_id": self.thread_id}
        return {"chat_id": self.chat_id, **thread}

    def address_of(self, message_id: int | None) -> dict[str, Any]:
        """The parameters of a change to a message that stands there."""
        return {"chat_id": self.chat_id, "message_id": message_id}
