"""The people, chats and messages of the sandbox."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .keyboards import Markup

Body = dict[str, Any]
Rights = frozenset[str]

GENERAL_TOPIC_ID = 1
TOPIC_COLOR = 7322096

SENDING = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos",
    "can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_send_polls",
    "can_send_other_messages", "can_add_web_page_previews", "can_react_to_messages",
    "can_edit_tag",
)  # fmt: skip
# What a group can leave to everybody, but a bot has as an administrator only.
SHARED = ("can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics")
PERMISSIONS = SENDING + SHARED

# What a message can show. An animation is a document too and a venue a location, for older bots.
KINDS = (
    "text", "rich_message", "animation", "document", "photo", "video", "audio", "voice",
    "video_note", "venue", "location", "contact", "poll", "dice", "sticker",
)  # fmt: skip
CAPTIONED = frozenset({"animation", "document", "photo", "video", "audio", "voice"})
CONTENT = frozenset(KINDS) | {"entities", "caption", "caption_entities"}


class ChatType(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


@dataclass(slots=True, frozen=True)
class Member:
    """Somebody's place in a chat.

    ``rights`` are those given to an administrator or left to a restricted member; ``until`` is
    when a restriction or a ban ends, in Unix seconds, 0 for never.
    """

    status: Status = Status.MEMBER
    rights: Rights = frozenset()
    until: int = 0
    title: str = ""
    is_in: bool = True

    def now(self) -> "Member":
        if not self.until or time.time() < self.until:
            return self
        return MEMBER if self.is_in else ABSENT

    @property
    def is_administrator(self) -> bool:
        return self.status in (Status.CREATOR, Status.ADMINISTRATOR)


MEMBER = Member()
CREATOR = Member(Status.CREATOR)
ABSENT = Member(Status.LEFT, is_in=False)
BANNED = Member(Status.KICKED, is_in=False)


@dataclass(slots=True)
class Person:
    """Somebody with an account; ``is_bot`` for a bot of others that is in the same group."""

    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = ""
    bot_started: bool = False
    deactivated: bool = False
    is_bot: bool = False

    def user(self) -> Body:
        """The Bot API's User."""
        names = {
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language_code,
        }
        required = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
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
    ``author`` is who really wrote it, also behind the mask of a chat; ``for_bot`` says that the bot
    got it as meant for itself. An ephemeral message has one ``receiver``, who sees it behind the
    public one ``after``, or in place of the one ``replaced_id``, unless it is lost on the way.
    """

    body: Body
    out: bool  # sent by the bot itself
    author: int
    markup: Markup | None = None
    inline_message_id: str = ""
    for_bot: bool = False
    receiver: int = 0
    after: int = 0
    replaced_id: int = 0
    is_lost: bool = False
    reactions: dict[int, str] = field(default_factory=dict)  # person → emoji
    history: list[Body] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.body["message_id"])

    @property
    def kind(self) -> str:
        """What it shows, by the name of its field; empty for a service message."""
        return next((kind for kind in KINDS if kind in self.body), "")

    @property
    def is_service(self) -> bool:
        return not self.kind

    def audience(self, chat: "Chat") -> set[int]:
        """Who sees it."""
        if self.is_lost:
            return set()
        return chat.audience() & {self.receiver, self.author} if self.receiver else chat.audience()


@dataclass(slots=True)
class Topic:
    id: int
    name: str
    icon_color: int = TOPIC_COLOR
    icon_id: str = ""
    closed: bool = False
    hidden: bool = False
    author: int = 0
    is_name_implicit: bool = False

    def body(self) -> Body:
        """The Bot API's ForumTopic."""
        return {"message_thread_id": self.id, **self._looks()}

    def told(self) -> Body:
        """The Bot API's ForumTopicCreated."""
        return self._looks() | ({"is_name_implicit": True} if self.is_name_implicit else {})

    def _looks(self) -> Body:
        icon = {"icon_custom_emoji_id": self.icon_id} if self.icon_id else {}
        return {"name": self.name, "icon_color": self.icon_color, **icon}


@dataclass(slots=True)
class Chat:
    id: int
    type: ChatType
    title: str = ""
    is_forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)  # ordered; who has gone stays in it
    bot: Member = MEMBER
    permissions: Rights = frozenset(PERMISSIONS)
    migrated_to: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    ephemerals: dict[int, Message] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    topics: dict[int, Topic] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    description: str = ""
    links: dict[str, Body] = field(default_factory=dict)  # invite links by their address
    read: dict[int, int] = field(default_factory=dict)  # person → last message seen
    last_bot: int = 0  # which bot spoke last; Telegram gives it the commands without a name
    last_id: int = 1  # the creation of a supergroup is its first message, so no topic has that id

    @property
    def is_private(self) -> bool:
        return self.type is ChatType.PRIVATE

    @property
    def present(self) -> list[int]:
        return [person_id for person_id, member in self.members.items() if member.now().is_in]

    @property
    def creator(self) -> int:
        """Who founded it; 0 for nobody."""
        owners = (key for key, member in self.members.items() if member.status is Status.CREATOR)
        return next(owners, 0)

    def member(self, person_id: int) -> Member:
        return self.members.get(person_id, ABSENT).now()

    def audience(self) -> set[int]:
        return set(self.present)

    def forget(self) -> None:
        """Drop what was said, keep who is there."""
        self.messages.clear()
        self.ephemerals.clear()
        self.deleted.clear()
        self.pinned.clear()
        self.read.clear()
        self.topics.clear()
