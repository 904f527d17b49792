"""What of a world is kept, thing by thing: into JSON and back."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .files import StoredFile
from .state import Body, Chat, ChatType, Member, Message, Person, Status, Topic
from .updates import Update
from .world import World

Reader = Callable[[World, str, Any, bytes | None], None]


class Thing(NamedTuple):
    """``state`` is of values that are replaced, never changed: it tells later what has changed."""

    kind: str
    key: str
    state: Any
    content: bytes | None = None

    @property
    def id(self) -> tuple[str, str]:
        return self.kind, self.key

    def row(self) -> tuple[str, str, str, bytes | None]:
        return self.kind, self.key, json.dumps(self.state, ensure_ascii=False), self.content


def things(world: World) -> Iterator[Thing]:
    """All of them, each after those that it belongs to."""
    updates = world.updates
    yield Thing("bot", "", _bot(world))
    yield Thing("numbers", "", [world.last_message_id, updates.last_id, sorted(updates.allowed)])
    for person in world.people.values():
        yield Thing("person", str(person.id), _fields(person))
    for stored in world.files.by_id.values():
        yield Thing("file", stored.file_id, _fields(stored, "content"), stored.content)
    for chat in world.chats.values():
        yield Thing("chat", str(chat.id), _chat(chat))
        for message in chat.messages.values():
            yield Thing("message", f"{chat.id}/{message.id}", _message(message))
        for ephemeral_id, message in chat.ephemerals.items():
            yield Thing("ephemeral", f"{chat.id}/{ephemeral_id}", _message(message))
    for update in updates.pending.values():
        yield Thing("update", str(update.id), [*update.key, update.body, update.expires_at])


def _fields(thing: Any, *but: str) -> Body:
    return {name: getattr(thing, name) for name in thing.__slots__ if name not in but}


def _bot(world: World) -> Body:
    bot = world.bot
    return {
        "texts": [[*kind, text] for kind, text in bot.texts.items()],
        "commands": [[*scope, commands] for scope, commands in bot.commands.items()],
        "menu_buttons": list(bot.menu_buttons.items()),
    }


def _chat(chat: Chat) -> Body:
    return _fields(chat, "messages", "ephemerals") | {
        "members": [[key, _member(member)] for key, member in chat.members.items()],
        "bot": _member(chat.bot),
        "permissions": sorted(chat.permissions),
        "deleted": list(chat.deleted),
        "topics": [_fields(topic) for topic in chat.topics.values()],
        "pinned": list(chat.pinned),
        "links": dict(chat.links),
        "read": list(chat.read.items()),
    }


def _member(member: Member) -> Body:
    return _fields(member) | {"rights": sorted(member.rights)}


def _read_member(value: Body) -> Member:
    status, rights = Status(value["status"]), frozenset(value["rights"])
    return Member(**value | {"status": status, "rights": rights})


def _message(message: Message) -> Body:
    return _fields(message) | {
        "history": list(message.history),
        "reactions": list(message.reactions.items()),
    }


def _read_bot(world: World, key: str, value: Any, content: bytes | None) -> None:
    bot = world.bot
    bot.texts = {(kind, language): text for kind, language, text in value["texts"]}
    bot.commands = {(scope, language): found for scope, language, found in value["commands"]}
    bot.menu_buttons = dict(value["menu_buttons"])


def _read_numbers(world: World, key: str, value: Any, content: bytes | None) -> None:
    world.last_message_id, world.updates.last_id, allowed = value
    world.updates.allowed = frozenset(allowed)


def _read_person(world: World, key: str, value: Any, content: bytes | None) -> None:
    world.people[int(key)] = Person(**value)


def _read_file(world: World, key: str, value: Any, content: bytes | None) -> None:
    world.files.keep(StoredFile(**value, content=content or b""))


def _read_chat(world: World, key: str, value: Any, content: bytes | None) -> None:
    value["type"], value["permissions"] = ChatType(value["type"]), frozenset(value["permissions"])
    value["members"] = {key: _read_member(member) for key, member in value["members"]}
    value["bot"] = _read_member(value["bot"])
    value["topics"] = {topic["id"]: Topic(**topic) for topic in value["topics"]}
    value["read"] = dict(value["read"])
    world.chats[int(key)] = Chat(**value)


def _read_message(world: World, key: str, value: Any, content: bytes | None) -> None:
    chat = world.chats[int(key.partition("/")[0])]
    message = _as_message(value)
    chat.messages[message.id] = message
    if message.inline_message_id:
        world.inline_messages[message.inline_message_id] = (chat, message)


def _read_ephemeral(world: World, key: str, value: Any, content: bytes | None) -> None:
    chat_id, _, ephemeral_id = key.partition("/")
    world.chats[int(chat_id)].ephemerals[int(ephemeral_id)] = _as_message(value)


def _as_message(value: Body) -> Message:
    return Message(**value | {"reactions": dict(value["reactions"])})


def _read_update(world: World, key: str, value: Any, content: bytes | None) -> None:
    kind, owner, body, expires_at = value
    world.updates.pending[int(key)] = Update(int(key), (kind, owner), body, expires_at)


READERS: dict[str, Reader] = {
    "bot": _read_bot,
    "numbers": _read_numbers,
    "person": _read_person,
    "file": _read_file,
    "chat": _read_chat,
    "message": _read_message,
    "ephemeral": _read_ephemeral,
    "update": _read_update,
}
