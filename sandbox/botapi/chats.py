"""Chats: what they are, their looks, their links and the reactions in them."""

import secrets
from typing import Any

from sandbox import groups
from sandbox.errors import bad_request
from sandbox.groups import member_body
from sandbox.params import Params
from sandbox.rights import (
    INVITE,
    SET_DESCRIPTION,
    SET_PHOTO,
    SET_TITLE,
    as_permissions,
    require,
)
from sandbox.state import Body, Chat, ChatType
from sandbox.world import World

from .access import Access, check_business, find_chat, find_message

ACTIONS = frozenset(
    {
        "cancel", "typing", "record_video", "upload_video", "record_audio", "record_voice",
        "upload_audio", "upload_voice", "upload_photo", "upload_document", "choose_sticker",
        "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip
MAX_TITLE = 128
MAX_DESCRIPTION = 255
MAX_LINK_MEMBERS = 99_999


async def send_chat_action(world: World, params: Params) -> bool:
    if params.text("action").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    check_business(params)
    find_chat(world, params, Access.WRITE)
    return True


async def get_chat(world: World, params: Params) -> Body:
    chat = find_chat(world, params, Access.READ)
    body = world.chat_body(chat) | {"accent_color_id": 0, "max_reaction_count": 11}
    if chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        body["permissions"] = as_permissions(chat.permissions)
    if chat.description:
        body["description"] = chat.description
    if link := _primary_link(chat):
        body["invite_link"] = link["invite_link"]
    if chat.pinned:
        body["pinned_message"] = chat.messages[chat.pinned[-1]].body
    return body


async def get_chat_member(world: World, params: Params) -> Body:
    chat = find_chat(world, params, Access.READ)
    return member_body(world, chat, known_user(world, params))


def known_user(world: World, params: Params) -> int:
    """:raises ApiError: 400 for nobody, or somebody whom the bot does not know."""
    user_id = params.integer("user_id")
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    if user_id != world.bot.id and user_id not in world.people:
        raise bad_request("user not found")
    return user_id


async def get_chat_administrators(world: World, params: Params) -> list[Body]:
    """All but other bots."""
    chat = find_chat(world, params, Access.READ)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    people = (key for key in chat.present if not world.people[key].is_bot)
    found = [key for key in people if chat.member(key).is_administrator]
    own = [world.bot.id] if chat.bot.now().is_administrator else []
    return [member_body(world, chat, user_id) for user_id in found + own]


async def get_chat_member_count(world: World, params: Params) -> int:
    chat = find_chat(world, params, Access.READ)
    return len(chat.present) + chat.bot.now().is_in


async def leave_chat(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.EDIT)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    groups.leave(world, chat)
    return True


async def set_chat_title(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.WRITE)
    title = params.text("title").strip()[:MAX_TITLE]
    if not title:
        raise bad_request("title must be non-empty")
    if chat.is_private:
        raise bad_request("can't change private chat title")
    require(chat, SET_TITLE)
    if title != chat.title:
        groups.set_title(world, chat, title, world.bot.id)
    return True


async def set_chat_photo(world: World, params: Params) -> bool:
    upload = params.uploads.get("photo")
    if upload is None:
        given = params.text("photo")
        what = "photo must be uploaded as an InputFile"
        raise bad_request(what if given else "there is no photo in the request")
    chat = _with_photo(world, params)
    photo = world.files.add("photo", upload).media()
    groups.set_photo(world, chat, photo, world.bot.id)
    return True


async def delete_chat_photo(world: World, params: Params) -> bool:
    groups.delete_photo(world, _with_photo(world, params), world.bot.id)
    return True


def _with_photo(world: World, params: Params) -> Chat:
    chat = find_chat(world, params, Access.WRITE)
    if chat.is_private:
        raise bad_request("can't change private chat photo")
    require(chat, SET_PHOTO)
    return chat


async def set_chat_description(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.WRITE)
    if chat.is_private:
        raise bad_request("can't change private chat description")
    require(chat, SET_DESCRIPTION)
    description = params.text("description").strip()[:MAX_DESCRIPTION]
    if description == chat.description:
        raise bad_request("chat description is not modified")
    chat.description = description
    return True


async def export_chat_invite_link(world: World, params: Params) -> str:
    """A new primary link; the former one is revoked."""
    chat = _inviting(world, params)
    if former := _primary_link(chat):
        chat.links[former["invite_link"]] = former | {"is_primary": False, "is_revoked": True}
    return str(_new_link(world, chat, {"is_primary": True})["invite_link"])


async def create_chat_invite_link(world: World, params: Params) -> Body:
    chat = _inviting(world, params)
    return _new_link(world, chat, _limits(params))


async def edit_chat_invite_link(world: World, params: Params) -> Body:
    chat, link = _link(world, params)
    kept = {name: link[name] for name in ("invite_link", "creator", "is_primary", "is_revoked")}
    return _put_link(chat, kept | _limits(params))


async def revoke_chat_invite_link(world: World, params: Params) -> Body:
    chat, link = _link(world, params)
    return _put_link(chat, link | {"is_revoked": True})


def _inviting(world: World, params: Params) -> Chat:
    chat = find_chat(world, params, Access.WRITE)
    if chat.is_private:
        raise bad_request("can't invite members to a private chat")
    require(chat, INVITE)
    return chat


def _limits(params: Params) -> Body:
    by_request = params.boolean("creates_join_request")
    limit = params.integer("member_limit", 0, 0, MAX_LINK_MEMBERS)
    if by_request and limit:
        raise bad_request(
            "member limit can't be specified for links requiring administrator approval"
        )
    given = {
        "name": params.text("name")[:32],
        "expire_date": params.integer("expire_date", 0, 0),
        "member_limit": limit,
    }
    shown: Body = {name: value for name, value in given.items() if value}
    return shown | {"creates_join_request": by_request}


def _link(world: World, params: Params) -> tuple[Chat, Body]:
    chat = _inviting(world, params)
    address = params.text("invite_link")
    if not address:
        raise bad_request("invite link must be non-empty")
    link = chat.links.get(address)
    if link is None:
        raise bad_request("INVITE_HASH_EXPIRED")
    return chat, link


def _primary_link(chat: Chat) -> Body | None:
    return next((link for link in chat.links.values() if link["is_primary"]), None)


def _new_link(world: World, chat: Chat, content: Body) -> Body:
    fresh = {
        "invite_link": f"https://t.me/+{secrets.token_urlsafe(12)}",
        "creator": world.bot.user(),
        "creates_join_request": False,
        "is_primary": False,
        "is_revoked": False,
    }
    return _put_link(chat, fresh | content)


def _put_link(chat: Chat, link: Body) -> Body:
    chat.links[link["invite_link"]] = link
    return link


async def get_user_profile_photos(world: World, params: Params) -> Body:
    """Nobody here has set a photo."""
    known_user(world, params)
    return {"total_count": 0, "photos": []}


async def set_message_reaction(world: World, params: Params) -> bool:
    reaction: Any = params.json("reaction", "can't parse reaction types JSON object") or []
    if not isinstance(reaction, list):
        raise bad_request("expected an Array of ReactionType")
    _chat, message = find_message(world, params, Access.READ, "message to react")
    if len(reaction) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions.pop(world.bot.id, None)
    if reaction:
        message.reactions[world.bot.id] = str(reaction[0].get("emoji", ""))
    return True


METHODS = {
    "sendChatAction": send_chat_action,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "getChatMembersCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "setChatTitle": set_chat_title,
    "setChatPhoto": set_chat_photo,
    "deleteChatPhoto": delete_chat_photo,
    "setChatDescription": set_chat_description,
    "exportChatInviteLink": export_chat_invite_link,
    "createChatInviteLink": create_chat_invite_link,
    "editChatInviteLink": edit_chat_invite_link,
    "revokeChatInviteLink": revoke_chat_invite_link,
    "getUserProfilePhotos": get_user_profile_photos,
    "setMessageReaction": set_message_reaction,
}
