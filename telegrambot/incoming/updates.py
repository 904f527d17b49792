"""Telegram's updates as small typed values: foreign JSON is read here and nowhere else.

Everything may be missing: a message in a channel has no sender, an old press has no message. What
does not fit is None. https://core.telegram.org/bots/api#update
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from telegrambot.incoming import enclosed
from telegrambot.incoming.enclosed import Enclosed, enclosed_in
from telegrambot.incoming.foreign import Json, only, read_integer, read_object, read_text
from telegrambot.models import INLINE_ID_LENGTH, NAME_LENGTH
from telegrambot.places import Place, Reader

# What we ask Telegram for: everything else would be sent, stored and ignored.
ALLOWED_UPDATES = (
    "message", "edited_message", "callback_query", "inline_query", "chosen_inline_result",
    "my_chat_member",
)  # fmt: skip
# Characters of a right's name; Telegram's have 30 or so.
_LONGEST_RIGHT = 60
# Of a custom emoji's number.
ICON_LENGTH = 32
# Telegram's numbers of albums have 17 digits.
ALBUM_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    language: str
    username: str


@dataclass(frozen=True, slots=True)
class ChatInfo:
    id: int
    kind: str
    title: str
    is_forum: bool = False

    @property
    def is_private(self) -> bool:
        return self.kind == "private"


@dataclass(frozen=True, slots=True)
class Contact:
    """A number that somebody has shared, and whose account Telegram knows it to be, if it does.

    Of an update that was kept neither is left.
    """

    owner_id: int | None
    phone: str


@dataclass(frozen=True, slots=True)
class Message:
    chat: ChatInfo
    sender: Person | None
    message_id: int
    text: str
    contact: Contact | None
    migrate_to: int | None
    new_title: str
    # Of the topic in which it was written.
    thread_id: int | None = None
    file: Enclosed | None = None
    # What is written under a file.
    caption: str = ""
    # The message that it answers, and the album that it is part of.
    reply_to: int | None = None
    album: str = ""
    # What somebody has made of a topic, in the fields of ours.
    topic_change: Mapping[str, Any] | None = None
    # The number in place of the other, of a command that nobody else in the group has seen.
    ephemeral_id: int | None = None

    @property
    def words(self) -> str:
        """What is said by it, with a file too."""
        return self.text or self.caption

    @property
    def place(self) -> Place:
        """Where it is answered: who has asked unseen is the only one to see it."""
        return Place(self.chat.id, self.thread_id, self.unseen_by_others)

    @property
    def unseen_by_others(self) -> Reader | None:
        if self.ephemeral_id is None or self.sender is None or self.chat.is_private:
            return None
        return Reader(self.sender.id, command_id=self.ephemeral_id)


@dataclass(frozen=True, slots=True)
class EditedMessage:
    """What a message of the sender's says now, or what is written under a file."""

    chat: ChatInfo
    sender: Person
    message_id: int
    text: str


@dataclass(frozen=True, slots=True)
class CallbackQuery:
    id: str
    sender: Person
    data: str
    # Where the button is; None under an inline message, which has an id, or under one too old.
    chat: ChatInfo | None
    message_id: int | None
    # What stood on the button, as the message had it then.
    label: str = ""
    # Of the topic in which the button is.
    thread_id: int | None = None
    # The number of the message in place of the other, if he who pressed is the only one to see it.
    ephemeral_id: int | None = None
    inline_id: str = ""

    @property
    def own_place(self) -> Place:
        """Whoever presses is answered in private, wherever he pressed."""
        return Place(self.sender.id)

    @property
    def place(self) -> Place | None:
        """Where the button is."""
        if self.chat is None:
            return None
        reader = Reader(self.sender.id, query_id=self.id) if self.ephemeral_id else None
        return Place(self.chat.id, self.thread_id, reader)


@dataclass(frozen=True, slots=True)
class InlineQuery:
    """What somebody types behind the bot's name; `offset` is what we have given with the page
    before."""

    id: str
    sender: Person
    text: str
    offset: str


@dataclass(frozen=True, slots=True)
class ChosenResult:
    """A result of ours that somebody has sent; by its `inline_id` the message can be changed."""

    result_id: str
    sender: Person
    inline_id: str


@dataclass(frozen=True, slots=True)
class MyChatMember:
    """What the bot is in a chat now: `status` is Telegram's, such as member, kicked, left."""

    chat: ChatInfo
    status: str
    # Those that Telegram names of such a member, such as can_send_documents.
    rights: Mapping[str, bool] = field(default_factory=dict)


Incoming = Message | EditedMessage | CallbackQuery | InlineQuery | ChosenResult | MyChatMember


def kind_of(payload: Json) -> str:
    """The name of what an update carries; empty when it carries nothing."""
    return next((name for name in payload if name != "update_id"), "")


def parse(payload: Json) -> Incoming | None:
    """None for what we do not handle."""
    kind = kind_of(payload)
    body = payload.get(kind)
    read = _READERS.get(kind)
    return read(body) if read and isinstance(body, dict) else None


def essence(payload: Json) -> dict[str, Any]:
    """What another try needs of an update that `parse` can read: the words and media of others,
    such as of the message that is replied to, are left out."""
    kind = kind_of(payload)
    body = only(read_object(payload.get(kind)), _ESSENCE.get(kind, ()))
    if kind == "callback_query":
        body["message"] = only(read_object(body.get("message")), _ESSENCE_OF_PRESSED)
    if kind == "message":
        body |= _of_a_message(body)
    return {"update_id": payload["update_id"], kind: body}


def _of_a_message(body: Json) -> dict[str, Any]:
    """What is left of its parts: that there was a contact, which message it answers, which file
    Telegram has of it."""
    parts: dict[str, Any] = {"contact": {}} if "contact" in body else {}
    if "reply_to_message" in body:
        answered = _answered(body)
        parts["reply_to_message"] = {} if answered is None else {"message_id": answered}
    return {**parts, **enclosed.essence(body)}


def _message(body: Json) -> Message | None:
    chat = _chat(body.get("chat"))
    message_id = read_integer(body.get("message_id"))
    if chat is None or message_id is None:
        return None
    return Message(
        chat=chat,
        sender=_person(body.get("from")),
        message_id=message_id,
        text=read_text(body.get("text")),
        contact=_contact(body),
        migrate_to=read_integer(body.get("migrate_to_chat_id")),
        new_title=read_text(body.get("new_chat_title")),
        thread_id=_topic(body),
        file=enclosed_in(body),
        caption=read_text(body.get("caption")),
        reply_to=_answered(body),
        album=read_text(body.get("media_group_id"))[:ALBUM_LENGTH],
        topic_change=_topic_change(body),
        ephemeral_id=read_integer(body.get("ephemeral_message_id")),
    )


def _contact(body: Json) -> Contact | None:
    if "contact" not in body:
        return None
    contact = read_object(body["contact"])
    return Contact(read_integer(contact.get("user_id")), read_text(contact.get("phone_number")))


def _edited_message(body: Json) -> EditedMessage | None:
    """None for what has no words, and for nobody's."""
    chat, sender = _chat(body.get("chat")), _person(body.get("from"))
    message_id = read_integer(body.get("message_id"))
    text = read_text(body.get("text")) or read_text(body.get("caption"))
    if chat is None or sender is None or message_id is None or not text:
        return None
    return EditedMessage(chat, sender, message_id, text)


def _answered(body: Json) -> int | None:
    """The message that it answers. In a topic what answers none is given as answering that by which
    the topic began."""
    answered = read_object(body.get("reply_to_message"))
    return None if "forum_topic_created" in answered else read_integer(answered.get("message_id"))


def _topic(body: Json) -> int | None:
    """A reply in a group without topics has a thread too, in which nothing can be written."""
    return (
        read_integer(body.get("message_thread_id"))
        if body.get("is_topic_message") is True
        else None
    )


def _topic_change(body: Json) -> dict[str, Any] | None:
    """https://core.telegram.org/bots/api#forumtopiccreated and those that follow it. An edit names
    only what it has changed."""
    for name, change in _TOPIC_CHANGES.items():
        if name in body:
            return {**change, **_looks(read_object(body[name]))}
    return None


def _looks(body: Json) -> dict[str, Any]:
    looks = {"name": read_text(body.get("name"))[:NAME_LENGTH]} if body.get("name") else {}
    if "icon_custom_emoji_id" in body:
        looks["icon"] = read_text(body["icon_custom_emoji_id"])[:ICON_LENGTH]
    return looks


def _callback_query(body: Json) -> CallbackQuery | None:
    sender = _person(body.get("from"))
    query_id = read_text(body.get("id"))
    if sender is None or not query_id:
        return None
    message = read_object(body.get("message"))
    return CallbackQuery(
        id=query_id,
        sender=sender,
        data=read_text(body.get("data")),
        chat=_chat(message.get("chat")),
        message_id=read_integer(message.get("message_id")) or None,
        label=_label(message, read_text(body.get("data"))),
        thread_id=_topic(message),
        ephemeral_id=read_integer(message.get("ephemeral_message_id")),
        inline_id=_inline_id(body),
    )


def _inline_id(body: Json) -> str:
    """Nothing for what is no identifier of Telegram's."""
    identifier = read_text(body.get("inline_message_id"))
    return identifier if len(identifier) <= INLINE_ID_LENGTH else ""


def _label(message: Json, data: str) -> str:
    rows = read_object(message.get("reply_markup")).get("inline_keyboard")
    for row in rows if isinstance(rows, list) else ():
        for button in map(read_object, row if isinstance(row, list) else ()):
            if data and button.get("callback_data") == data:
                return read_text(button.get("text"))
    return ""


def _inline_query(body: Json) -> InlineQuery | None:
    sender = _person(body.get("from"))
    query_id = read_text(body.get("id"))
    if sender is None or not query_id:
        return None
    return InlineQuery(
        query_id, sender, read_text(body.get("query")), read_text(body.get("offset"))
    )


def _chosen_inline_result(body: Json) -> ChosenResult | None:
    """None for what can never be changed: it has no button."""
    sender, inline_id = _person(body.get("from")), _inline_id(body)
    if sender is None or not inline_id:
        return None
    return ChosenResult(read_text(body.get("result_id")), sender, inline_id)


def _my_chat_member(body: Json) -> MyChatMember | None:
    chat = _chat(body.get("chat"))
    member = read_object(body.get("new_chat_member"))
    status = read_text(member.get("status"))
    rights = {
        name: value
        for name, value in member.items()
        if name.startswith("can_") and len(name) <= _LONGEST_RIGHT and isinstance(value, bool)
    }
    return MyChatMember(chat, status, rights) if chat and status else None


_READERS = {
    "message": _message,
    "edited_message": _edited_message,
    "callback_query": _callback_query,
    "inline_query": _inline_query,
    "chosen_inline_result": _chosen_inline_result,
    "my_chat_member": _my_chat_member,
}


_TOPIC_CHANGES: Mapping[str, Mapping[str, Any]] = {
    "forum_topic_created": {"is_closed": False},
    "forum_topic_edited": {},
    "forum_topic_closed": {"is_closed": True},
    "forum_topic_reopened": {"is_closed": False},
    "general_forum_topic_hidden": {"is_hidden": True, "is_closed": True},
    "general_forum_topic_unhidden": {"is_hidden": False},
}
# All that the readers read, and what else tells when and where it was.
_ESSENCE = {
    "message": (
        "message_id", "ephemeral_message_id", "message_thread_id", "is_topic_message", "date",
        "chat", "from", "text", "caption", "contact", "migrate_to_chat_id", "new_chat_title",
        "reply_to_message", "media_group_id", *enclosed.FIELDS, *_TOPIC_CHANGES,
    ),
    "edited_message": ("message_id", "date", "edit_date", "chat", "from", "text", "caption"),
    "callback_query": ("id", "from", "data", "message", "inline_message_id"),
    # What was looked for is nobody's business a moment later.
    "inline_query": ("id", "from"),
    "chosen_inline_result": ("result_id", "from", "inline_message_id"),
    "my_chat_member": ("date", "chat", "from", "new_chat_member"),
}  # fmt: skip
_ESSENCE_OF_PRESSED = (
    "message_id", "ephemeral_message_id", "message_thread_id", "is_topic_message", "date", "chat",
    "reply_markup",
)  # fmt: skip


def _person(value: Any) -> Person | None:
    body = read_object(value)
    person_id = read_integer(body.get("id"))
    if person_id is None:
        return None
    names = (read_text(body.get("first_name")), read_text(body.get("last_name")))
    return Person(
        id=person_id,
        name=" ".join(filter(None, names)),
        language=read_text(body.get("language_code")),
        username=read_text(body.get("username")),
    )


def _chat(value: Any) -> ChatInfo | None:
    body = read_object(value)
    chat_id, kind = read_integer(body.get("id")), read_text(body.get("type"))
    if chat_id is None or kind not in ("private", "group", "supergroup", "channel"):
        return None
    title = read_text(body.get("title")) or read_text(body.get("first_name"))
    return ChatInfo(chat_id, kind, title[:255], is_forum=body.get("is_forum") is True)
