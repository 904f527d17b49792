"""The rights of members: defaults of a chat, restrictions, promotions and bans.

Checks in the order of Client.cpp, then of DialogParticipantManager.cpp, then of Telegram itself.
"""

from dataclasses import replace
from typing import Any

from sandbox import groups
from sandbox.errors import bad_request
from sandbox.params import Params
from sandbox.rights import (
    ADMINISTRATION,
    ANONYMOUS,
    MEDIA,
    PROMOTE,
    RESTRICT,
    SET_PERMISSIONS,
    require,
    rights_of,
)
from sandbox.state import (
    ABSENT,
    BANNED,
    MEMBER,
    PERMISSIONS,
    Chat,
    ChatType,
    Member,
    Rights,
    Status,
)
from sandbox.world import World

from .access import Access, find_chat
from .chats import known_user

MAX_TITLE = 16
_LARGE = (ChatType.SUPERGROUP, ChatType.CHANNEL)
_ONLY_LARGE = "method is available for supergroup and channel chats only"


async def set_chat_permissions(world: World, params: Params) -> bool:
    rights = _permissions(params)
    chat = find_chat(world, params, Access.WRITE)
    if chat.is_private:
        raise bad_request("can't change private chat permissions")
    if chat.type is ChatType.CHANNEL:
        raise bad_request("can't change channel chat permissions")
    require(chat, SET_PERMISSIONS)
    groups.set_permissions(world, chat, rights)
    return True


async def restrict_chat_member(world: World, params: Params) -> bool:
    rights = _permissions(params)
    chat = find_chat(world, params, Access.WRITE)
    if chat.type is not ChatType.SUPERGROUP:
        raise bad_request("method is available only for supergroups")
    user_id = known_user(world, params)
    old = _other_member(world, chat, user_id, "can't restrict self")
    require(chat, RESTRICT)
    _require_no_administrator(old)
    new = groups.restricted(rights, params.integer("until_date"), is_in=old.is_in)
    if rights >= frozenset(PERMISSIONS):
        new = MEMBER if old.is_in else ABSENT
    groups.set_member(world, chat, user_id, new, world.bot.id)
    return True


async def promote_chat_member(world: World, params: Params) -> bool:
    user_id = known_user(world, params)
    named = {name for name in params.args if params.boolean(name)}
    chat = find_chat(world, params, Access.WRITE)
    if chat.type not in _LARGE:
        raise bad_request(_ONLY_LARGE)
    rights = frozenset(named & {*ADMINISTRATION[chat.type], ANONYMOUS})
    old = _other_member(world, chat, user_id, "can't promote self")
    require(chat, PROMOTE)
    if not old.is_in:
        raise bad_request("USER_NOT_PARTICIPANT")
    if rights - rights_of(chat, chat.bot.now(), is_bot=True) - {ANONYMOUS}:
        raise bad_request("RIGHT_FORBIDDEN")
    new = Member(Status.ADMINISTRATOR, rights | {"can_manage_chat"}) if rights else MEMBER
    groups.set_member(world, chat, user_id, new, world.bot.id)
    return True


async def set_custom_title(world: World, params: Params) -> bool:
    user_id = known_user(world, params)
    chat = find_chat(world, params, Access.WRITE)
    if chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        raise bad_request("method is available only for groups and supergroups")
    old = chat.bot.now() if user_id == world.bot.id else chat.member(user_id)
    if old.status is Status.CREATOR:
        raise bad_request("only the owner can edit their custom title")
    if old.status is not Status.ADMINISTRATOR:
        raise bad_request("user is not an administrator")
    if "can_promote_members" not in rights_of(chat, chat.bot.now(), is_bot=True):
        raise bad_request("not enough rights to change custom title of the user")
    title = params.text("custom_title")
    if len(title) > MAX_TITLE:
        raise bad_request("CUSTOM_TITLE_INVALID")
    chat.members[user_id] = replace(old, title=title)
    return True


async def ban_chat_member(world: World, params: Params) -> bool:
    user_id = known_user(world, params)
    chat = find_chat(world, params, Access.WRITE)
    if chat.is_private:
        raise bad_request("can't ban members in private chats")
    old = _other_member(world, chat, user_id, "can't restrict self")
    require(chat, RESTRICT)
    _require_no_administrator(old)
    new = replace(BANNED, until=groups.until_date(params.integer("until_date")))
    groups.set_member(world, chat, user_id, new, world.bot.id)
    return True


async def unban_chat_member(world: World, params: Params) -> bool:
    """Lets somebody come back. Who is no outcast is put out, unless ``only_if_banned``."""
    user_id = known_user(world, params)
    chat = find_chat(world, params, Access.WRITE)
    if chat.type not in _LARGE:
        raise bad_request(_ONLY_LARGE)
    banned = chat.member(user_id).status is Status.KICKED
    if params.boolean("only_if_banned") and not banned:
        return True
    old = _other_member(world, chat, user_id, "can't unrestrict self")
    if old.status is Status.LEFT:
        return True
    require(chat, RESTRICT)
    _require_no_administrator(old)
    groups.set_member(world, chat, user_id, ABSENT, world.bot.id)
    return True


def _other_member(world: World, chat: Chat, user_id: int, of_itself: str) -> Member:
    """:raises ApiError: 400 for the bot itself, in the words given, and for the owner."""
    if user_id == world.bot.id:
        raise bad_request(of_itself)
    member = chat.member(user_id)
    if member.status is Status.CREATOR:
        raise bad_request("can't remove chat owner")
    return member


def _require_no_administrator(member: Member) -> None:
    if member.status is Status.ADMINISTRATOR:
        raise bad_request("user is an administrator of the chat")


def _permissions(params: Params) -> Rights:
    """``permissions``, with what follows from each; see ``Client::get_chat_permissions``.

    :raises ApiError: 400 when they are malformed.
    """
    given: Any = params.json("permissions", "can't parse permissions JSON object")
    if given is None:
        return frozenset()
    if not isinstance(given, dict):
        raise bad_request("object expected as permissions")
    for name, value in given.items():
        if name in PERMISSIONS and not isinstance(value, bool):
            raise bad_request(
                f'can\'t parse chat permissions: Field "{name}" must be of type Boolean'
            )
    independent = params.boolean("use_independent_chat_permissions")
    rights = {name for name in PERMISSIONS if given.get(name)}
    if "can_manage_topics" not in given and "can_pin_messages" in rights:
        rights.add("can_manage_topics")
    if not any(name in given for name in MEDIA) and given.get("can_send_media_messages"):
        rights.update(MEDIA if independent else (*MEDIA, "can_send_messages"))
    if "can_edit_tag" not in given and "can_pin_messages" in rights:
        rights.add("can_edit_tag")
    if "can_react_to_messages" not in given and "can_send_messages" in rights:
        rights.add("can_react_to_messages")
    if independent:
        return frozenset(rights)
    if rights & {"can_send_other_messages", "can_add_web_page_previews"}:
        rights.update(MEDIA, ["can_send_messages"])
    if "can_send_polls" in rights:
        rights.add("can_send_messages")
    return frozenset(rights)


METHODS = {
    "setChatPermissions": set_chat_permissions,
    "restrictChatMember": restrict_chat_member,
    "promoteChatMember": promote_chat_member,
    "setChatAdministratorCustomTitle": set_custom_title,
    "banChatMember": ban_chat_member,
    "kickChatMember": ban_chat_member,
    "unbanChatMember": unban_chat_member,
}
