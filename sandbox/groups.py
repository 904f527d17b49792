"""Groups and channels: who is in them with which rights, what the bot is told, and migration."""

import time
from dataclasses import replace

from .errors import ApiError
from .rights import ANONYMOUS, as_administration, as_permissions
from .state import (
    ABSENT,
    BANNED,
    MEMBER,
    Body,
    Chat,
    ChatType,
    Member,
    Message,
    Person,
    Rights,
    Status,
)
from .world import World, in_chat

SUPERGROUP_OFFSET = 1_000_000_000_000  # supergroups are numbered -100…


def member_body(world: World, chat: Chat, user_id: int) -> Body:
    """The Bot API's ChatMember."""
    if user_id == world.bot.id:
        return _described(world, chat, user_id, chat.bot.now())
    return _described(world, chat, user_id, chat.member(user_id))


def _described(world: World, chat: Chat, user_id: int, member: Member) -> Body:
    """A ChatMember; ``member`` may be a former place of the user."""
    body: Body = {"user": world.user(user_id), "status": str(member.status)}
    match member.status:
        case Status.CREATOR:
            body["is_anonymous"] = ANONYMOUS in member.rights
        case Status.ADMINISTRATOR:
            body["can_be_edited"] = chat.bot.status is Status.CREATOR
            body |= as_administration(chat, member.rights)
            body["can_manage_voice_chats"] = body["can_manage_video_chats"]
        case Status.RESTRICTED if chat.type is ChatType.SUPERGROUP:
            body |= as_permissions(member.rights)
            body |= {"until_date": member.until, "is_member": member.is_in}
        case Status.KICKED:
            body["until_date"] = member.until
        case _:
            pass
    return body | ({"custom_title": member.title} if member.title else {})


def set_member(world: World, chat: Chat, user_id: int, new: Member, actor_id: int) -> None:
    """Give a person or the bot another place in a chat, and tell of it.

    Of itself the bot hears always; of others as an administrator, if it asked for ``chat_member``.
    Coming and going are service messages too, which every bot in the group gets.
    """
    is_bot = user_id == world.bot.id
    old = chat.bot.now() if is_bot else chat.member(user_id)
    if new == old:
        return
    heard_before = in_chat(chat)
    if is_bot:
        chat.bot = new
    else:
        chat.members[user_id] = new
    if old.is_in is not new.is_in and chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        notice = world.post(chat, actor_id, _came_or_went(world.user(user_id), new))
        if heard_before or in_chat(chat):
            tell_message(world, chat, notice)
    _tell_member(world, chat, user_id, old, actor_id)


def _came_or_went(user: Body, member: Member) -> Body:
    """The service message; its older names are still sent."""
    if not member.is_in:
        return {"left_chat_participant": user, "left_chat_member": user}
    return {"new_chat_participant": user, "new_chat_member": user, "new_chat_members": [user]}


def _tell_member(world: World, chat: Chat, user_id: int, old: Member, actor_id: int) -> None:
    """A ``my_chat_member`` or ``chat_member`` update about a change that is done."""
    is_bot = user_id == world.bot.id
    if is_bot or chat.bot.now().is_administrator:
        payload = {
            "chat": world.chat_body(chat),
            "from": world.user(actor_id),
            "date": int(time.time()),
            "old_chat_member": _described(world, chat, user_id, old),
            "new_chat_member": member_body(world, chat, user_id),
        }
        kind = "my_chat_member" if is_bot else "chat_member"
        world.updates.add(kind, payload, (kind, chat.id if is_bot else user_id))
    world.tell_chat(chat)


def tell_message(world: World, chat: Chat, message: Message, *, edited: bool = False) -> None:
    """Queue the update about a message that the bot may see."""
    kind = "channel_post" if chat.type is ChatType.CHANNEL else "message"
    world.updates.add(f"edited_{kind}" if edited else kind, message.body, ("message", chat.id))


def set_permissions(world: World, chat: Chat, rights: Rights) -> None:
    """What everybody may do by default. Bots get no update about it."""
    chat.permissions = rights
    world.tell_chat(chat)


def set_title(world: World, chat: Chat, title: str, actor_id: int) -> None:
    chat.title = title
    announce(world, chat, actor_id, {"new_chat_title": title})


def set_photo(world: World, chat: Chat, photo: Body, actor_id: int) -> None:
    """``photo`` is the field ``photo`` of a message, an array of sizes."""
    announce(world, chat, actor_id, {"new_chat_photo": photo["photo"]})


def delete_photo(world: World, chat: Chat, actor_id: int) -> None:
    announce(world, chat, actor_id, {"delete_chat_photo": True})


def pin(world: World, chat: Chat, message: Message, actor_id: int) -> None:
    """Pin a message, which is told once."""
    if message.id in chat.pinned:
        return
    chat.pinned.append(message.id)
    thread_id = message.body.get("message_thread_id", 0)
    announce(world, chat, actor_id, {"pinned_message": world.quoted(message)}, thread_id)


def announce(world: World, chat: Chat, actor_id: int, content: Body, thread_id: int = 0) -> int:
    """The number of a service message: every bot in the chat gets it, also about its own deeds."""
    notice = world.post(chat, actor_id, content, thread_id=thread_id)
    world.tell_chat(chat)
    if in_chat(chat):
        tell_message(world, chat, notice)
    return notice.id


def put_group(world: World, wanted: Chat) -> None:
    """Create a group with the bot in it, or change one; a bot that was out comes in again."""
    chat = world.chats.setdefault(wanted.id, wanted)
    chat.type, chat.title, chat.is_forum = wanted.type, wanted.title, wanted.is_forum
    chat.members = wanted.members or chat.members
    old = ABSENT if chat is wanted else chat.bot.now()
    chat.bot = wanted.bot
    if old == chat.bot:
        world.tell_chat(chat)
    else:
        _tell_member(world, chat, world.bot.id, old, actor(world, chat))


def leave(world: World, chat: Chat) -> None:
    """The bot goes by itself."""
    set_member(world, chat, world.bot.id, ABSENT, world.bot.id)


def kick_bot(world: World, chat: Chat) -> None:
    set_member(world, chat, world.bot.id, BANNED, actor(world, chat))


def migrate(world: World, chat: Chat) -> Chat:
    """Turn a basic group into a supergroup: a new id, new message ids, two service messages.

    :raises ApiError: 400 when it is no basic group.
    """
    if chat.type is not ChatType.GROUP or chat.migrated_to:
        raise ApiError(400, "only a basic group can be migrated")
    new = Chat(-SUPERGROUP_OFFSET + chat.id, ChatType.SUPERGROUP, chat.title)
    new.members, new.bot, new.permissions = dict(chat.members), chat.bot, chat.permissions
    world.chats[new.id] = new
    actor_id = actor(world, chat)
    old_notice = world.post(chat, actor_id, {"migrate_to_chat_id": new.id})
    new_notice = world.post(new, actor_id, {"migrate_from_chat_id": chat.id})
    tell_message(world, chat, old_notice)
    tell_message(world, new, new_notice)
    chat.migrated_to = new.id
    world.tell_chat(chat)
    world.tell_chat(new)
    return new


def block(world: World, person: Person) -> None:
    _set_blocked(world, person, BANNED)


def unblock(world: World, person: Person) -> None:
    _set_blocked(world, person, MEMBER)


def _set_blocked(world: World, person: Person, new: Member) -> None:
    chat = world.chats[person.id]
    old, chat.bot = chat.bot, new
    if old != new:
        _tell_member(world, chat, world.bot.id, old, person.id)


def actor(world: World, chat: Chat) -> int:
    """Who changes a group: its creator, else whoever is in it."""
    return chat.creator or next(iter(chat.present), world.bot.id)


def until_date(seconds: int) -> int:
    """Below half a minute and above a year from now are for ever (``fix_until_date`` of TDLib)."""
    now = time.time()
    return seconds if now + 30 <= seconds <= now + 366 * 24 * 60 * 60 else 0


def restricted(rights: Rights, until: int, *, is_in: bool) -> Member:
    """A place with these rights of a member left, for a time or for good."""
    return replace(
        MEMBER, status=Status.RESTRICTED, rights=rights, until=until_date(until), is_in=is_in
    )
