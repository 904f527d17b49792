"""What a kind of message is: which rows news makes necessary, and how a row looks to its reader."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar

from telegrambot.content.blocks import Block
from telegrambot.content.topics import Look
from telegrambot.models import Chat, SentMessage, Urgency
from treasury.audience import Audience
from treasury.errors import Text
from treasury.models import Attachment, PaymentRequest


@dataclass(frozen=True)
class Document:
    """A file that a message carries; equal hashes are equal contents.

    `size` (bytes) and `open` ask for it where it lies, and raise OSError when it cannot be had.
    """

    name: str
    sha256: str
    size: Callable[[], int]
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Rendered:
    """What a message must show; without text and documents there is nothing to send.

    `text` is Telegram's HTML, `keyboard` an InlineKeyboardMarkup. Documents are part of the first
    sending only; with one of them the text is its caption. `blocks` say the same as the text, for a
    chat that wears rich messages, and carry the documents for good. With `topic` it is how that
    must be, with `commands` (BotCommand each) what the menu of the chat offers; the text is then
    for whoever looks at the row. What `is_taken_back` is not to stand there with its files: the
    text is for where it must. `keeps` are fields of the row that are saved with the attempt: of
    what is composed when it is sent, and stays so.
    """

    text: str
    keyboard: dict[str, Any] | None = None
    documents: tuple[Document, ...] = ()
    blocks: tuple[Block, ...] = ()
    topic: Look | None = None
    is_taken_back: bool = False
    commands: tuple[dict[str, Any], ...] | None = None
    keeps: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Rendered("")


@dataclass(frozen=True)
class News:
    """What has happened to a request, who must know of it, and where they read.

    `chat_of` is the key of a person's private chat by his own; `groups` are told, and get what they
    have not got yet of the `documents`.
    """

    request: PaymentRequest
    audience: Audience
    chat_of: Mapping[int, int]
    groups: Sequence[Chat]
    documents: Sequence[Attachment]


class Kind:
    """A subclass is a kind, and its module all that is special about it; see `kinds.registry`."""

    name: ClassVar[str]
    label: ClassVar[Text]
    # Of a new one; what it shows anew is a change.
    urgency: ClassVar[Urgency] = Urgency.NOTICE
    # Whether its text says enough where the chat takes no files.
    stands_alone: ClassVar[bool] = False

    def wanted(self, news: News) -> Iterable[SentMessage]:
        """The rows that must exist, with a `key` if there may be only one such in a chat."""
        return ()

    def forgotten(self, message: SentMessage) -> dict[str, Any]:
        """The fields of the row that are emptied once they are shown in the chat, or given up."""
        return {}

    def comes_again(self, message: SentMessage) -> bool:
        """Whether it is sent anew when its reader has thrown it away: because he must act."""
        return False

    def may_stand_twice(self, message: SentMessage) -> bool:
        """Whether it is sent once more when the answer to the first sending was lost. Who has
        asked for what he alone would see, and sees nothing, asks again."""
        return message.receiver_id is None

    def answers(self, message: SentMessage) -> int | None:
        """The number of the message in its chat that it belongs to, if there is one."""
        return None

    def is_urgent(self, message: SentMessage) -> bool:
        """Whether it may ring in its reader's quiet hours, if he allows that."""
        return False

    def is_owed(self, message: SentMessage) -> bool:
        """Whether its reader is told also where he wants no such notices: he has asked for it, or
        somebody waits for him."""
        return False

    def unseen(self, message: SentMessage) -> None:
        """Of what was to be seen by its reader alone: the chat cannot show it so. It goes another
        way, if there is one."""

    def render(self, message: SentMessage) -> Rendered:
        """The newest state, in the language of whoever reads it."""
        raise NotImplementedError
