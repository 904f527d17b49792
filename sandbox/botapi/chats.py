"""Chats and their members."""

from sandbox.errors import bad_request
from sandbox.groups import leave, member_body
from sandbox.params import Params
from sandbox.state import Body, BotStatus, Chat, ChatType
from sandbox.world import World

from .access import Access, find_chat

ACTIONS = frozenset(
    {
        "cancel", "typing", "record_video", "upload_video", "record_audio", "record_voice",
        "upload_audio", "upload_voice", "upload_photo", "upload_document", "choose_sticker",
        "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip


async def send_chat_action(world: World, params: Params) -> bool:
    if params.text("action").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    find_chat(world, params, Access.WRITE)
    return True


async def get_chat(world: World, params: Params) -> Body:
    chat = find_chat(world, params, Access.READ)
    body = world.chat_body(chat) | {"accent_color_id": 0, "max_reaction_count": 11}
    if chat.pinned:
        body["pinned_message"] = chat.messages[chat.pinned[-1]].body
    return body


async def get_chat_member(world: World, params: Params) -> Body:
    chat = find_chat(world, params, Access.READ)
    user_id = params.integer("user_id")
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    if user_id != world.bot.id and user_id not in world.people:
        raise bad_request("user not found")
    return member_body(world, chat, user_id)


async def get_chat_administrators(world: World, params: Params) -> list[Body]:
    chat = find_chat(world, params, Access.READ)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    return [member_body(world, chat, user_id) for user_id in list(chat.members)[:1]]


async def get_chat_member_count(world: World, params: Params) -> int:
    chat = find_chat(world, params, Access.READ)
    return len(chat.members) + (chat.bot_status is BotStatus.MEMBER)


async def leave_chat(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.EDIT)
    _require_group(chat)
    leave(world, chat)
    return True


def _require_group(chat: Chat) -> None:
    if chat.type is ChatType.PRIVATE:
        raise bad_request("chat member status can't be changed in private chats")


async def set_message_reaction(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.READ)
    if params.integer("message_id") not in chat.messages:
        raise bad_request("message to react not found")
    return True


METHODS = {
    "sendChatAction": send_chat_action,
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "getChatAdministrators": get_chat_administrators,
    "getChatMemberCount": get_chat_member_count,
    "leaveChat": leave_chat,
    "setMessageReaction": set_message_reaction,
}
