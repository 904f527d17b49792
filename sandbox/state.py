"""The people, chats and messages of the sandbox."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .keyboards import Markup

Body = dict[str, Any]

GENERAL_TOPIC_ID = 1
TOPIC_COLOR = 7322096


class ChatType(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"


class BotStatus(StrEnum):
    MEMBER = "member"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(slots=True)
class Person:
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    bot_started: bool = False
    deactivated: bool = False

    def user(self) -> Body:
        """The Bot API's User."""
        names = {
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language_code,
        }
        required = {"id": self.id, "is_bot": False, "first_name": self.first_name}
        return required | {name: value for name, value in names.items() if value}


@dataclass(slots=True)
class Bot:
    token: str
    username: str
    first_name: str = "Treasury"
    texts: dict[tuple[str, str], str] = field(default_factory=dict)  # (kind, language), see profile
    commands: dict[tuple[str, str], list[Body]] = field(default_factory=dict)
    menu_buttons: dict[int, Body] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return int(self.token.partition(":")[0])

    def text(self, kind: str, language: str = "") -> str:
        """``name``, ``description`` or ``short_description``, as people of a language see it."""
        default = self.first_name if kind == "name" else ""
        return self.texts.get((kind, language)) or self.texts.get((kind, "")) or default

    def user(self, language: str = "") -> Body:
        return {
            "id": self.id,
            "is_bot": True,
            "first_name": self.text("name", language),
            "username": self.username,
        }


@dataclass(slots=True)
class Message:
    """``body`` is the Bot API's Message. It is replaced, never changed, so copies stay true.

    ``markup`` is the keyboard of any kind; the body shows inline ones only, as the Bot API does.
    """

    body: Body
    out: bool  # sent by the bot itself
    markup: Markup | None = None
    inline_message_id: str = ""
    history: list[Body] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.body["message_id"])

    @property
    def content(self) -> str:
        """``text``, ``caption`` or ``other``: what kind of edit the message takes."""
        if "text" in self.body:
            return "text"
        return "caption" if "document" in self.body or "photo" in self.body else "other"


@dataclass(slots=True)
class Topic:
    id: int
    name: str
    icon_color: int = TOPIC_COLOR
    closed: bool = False
    hidden: bool = False

    def body(self) -> Body:
        return {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}


@dataclass(slots=True)
class Chat:
    id: int
    type: ChatType
    title: str = ""
    is_forum: bool = False
    members: dict[int, None] = field(default_factory=dict)  # ordered; the first is the creator
    bot_status: BotStatus = BotStatus.MEMBER
    migrated_to: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)  # person → last message seen
    last_id: int = 1  # the creation of a supergroup is its first message, so no topic has that id

    @property
    def is_private(self) -> bool:
        return self.type is ChatType.PRIVATE

    def audience(self) -> set[int]:
        return set(self.members)

    def forget(self) -> None:
        """Drop what was said, keep who is there."""
        self.messages.clear()
        self.deleted.clear()
        self.pinned.clear()
        self.read.clear()
        self.topics.clear()
