"""Membership: who is in a chat, what the bot is told about it, and migration."""

import time

from .errors import ApiError
from .state import Body, BotStatus, Chat, ChatType, Person
from .world import World

SUPERGROUP_OFFSET = 1_000_000_000_000  # supergroups are numbered -100…


def member_body(world: World, chat: Chat, user_id: int) -> Body:
    """The Bot API's ChatMember."""
    if user_id == world.bot.id:
        return _bot_member(world, chat.bot_status)
    user = world.people[user_id].user()
    if user_id not in chat.members:
        return {"user": user, "status": "left"}
    if not chat.is_private and user_id == next(iter(chat.members)):
        return {"user": user, "status": "creator", "is_anonymous": False}
    return {"user": user, "status": "member"}


def _bot_member(world: World, status: BotStatus) -> Body:
    body: Body = {"user": world.bot.user(), "status": str(status)}
    return body | {"until_date": 0} if status is BotStatus.KICKED else body


def tell_bot_member(world: World, chat: Chat, actor: Body, old: BotStatus) -> None:
    """A ``my_chat_member`` update: what somebody did to the bot's own membership."""
    payload = {
        "chat": world.chat_body(chat),
        "from": actor,
        "date": int(time.time()),
        "old_chat_member": _bot_member(world, old),
        "new_chat_member": _bot_member(world, chat.bot_status),
    }
    world.updates.add("my_chat_member", payload, ("my_chat_member", chat.id))
    world.tell_chat(chat)


def put_group(world: World, wanted: Chat) -> None:
    """Create a group with the bot in it, or change one; a bot that was out comes in again."""
    chat = world.chats.setdefault(wanted.id, wanted)
    chat.type, chat.title, chat.is_forum = wanted.type, wanted.title, wanted.is_forum
    chat.members = wanted.members or chat.members
    old, chat.bot_status = chat.bot_status, BotStatus.MEMBER
    if old is BotStatus.MEMBER:
        world.tell_chat(chat)
    else:
        tell_bot_member(world, chat, _actor(world, chat), old)


def leave(world: World, chat: Chat) -> None:
    """The bot goes by itself."""
    old, chat.bot_status = chat.bot_status, BotStatus.LEFT
    tell_bot_member(world, chat, world.bot.user(), old)


def kick_bot(world: World, chat: Chat) -> None:
    old, chat.bot_status = chat.bot_status, BotStatus.KICKED
    actor = _actor(world, chat)
    world.post(chat, actor, {"left_chat_member": world.bot.user()})
    tell_bot_member(world, chat, actor, old)


def migrate(world: World, chat: Chat) -> Chat:
    """Turn a basic group into a supergroup: a new id, new message ids, two service messages.

    :raises ApiError: 400 when it is no basic group.
    """
    if chat.type is not ChatType.GROUP or chat.migrated_to:
        raise ApiError(400, "only a basic group can be migrated")
    new = Chat(-SUPERGROUP_OFFSET + chat.id, ChatType.SUPERGROUP, chat.title)
    new.members = dict(chat.members)
    world.chats[new.id] = new
    actor = _actor(world, chat)
    old_notice = world.post(chat, actor, {"migrate_to_chat_id": new.id})
    new_notice = world.post(new, actor, {"migrate_from_chat_id": chat.id})
    world.updates.add("message", old_notice.body, ("message", chat.id))
    world.updates.add("message", new_notice.body, ("message", new.id))
    chat.migrated_to = new.id
    world.tell_chat(chat)
    world.tell_chat(new)
    return new


def block(world: World, person: Person) -> None:
    _set_blocked(world, person, BotStatus.KICKED)


def unblock(world: World, person: Person) -> None:
    _set_blocked(world, person, BotStatus.MEMBER)


def _set_blocked(world: World, person: Person, status: BotStatus) -> None:
    chat = world.chats[person.id]
    old, chat.bot_status = chat.bot_status, status
    if old is not status:
        tell_bot_member(world, chat, person.user(), old)


def _actor(world: World, chat: Chat) -> Body:
    """Who changes a group: its creator."""
    for person_id in chat.members:
        return world.people[person_id].user()
    return world.bot.user()
