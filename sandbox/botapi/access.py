"""Which chat and message a call means, and whether the bot may use them.

The order of the checks is that of the official server: Client::check_chat and what follows it.
"""

import time
from enum import IntEnum

from sandbox.entities import FormattedText, parse_text
from sandbox.errors import ApiError, bad_request, forbidden
from sandbox.keyboards import Markup, check_markup
from sandbox.params import Params, as_integer
from sandbox.rights import DELETE, bot_may, require_sending
from sandbox.state import Chat, ChatType, Message, Status
from sandbox.world import World

DELETE_SECONDS = 48 * 3600


class Access(IntEnum):
    READ = 0
    EDIT = 1
    WRITE = 2


def find_chat(world: World, params: Params, access: Access) -> Chat:
    """:raises ApiError: 400 or 403 when there is no such chat or the bot has no such access."""
    return chat_by_id(world, params.text("chat_id"), access)


def chat_by_id(world: World, chat_id: str, access: Access) -> Chat:
    if not chat_id:
        raise bad_request("chat_id is empty")
    if as_integer(chat_id) == world.bot.id and access is Access.WRITE:
        raise forbidden("the bot can't send messages to the bot")
    chat = None if chat_id.startswith("@") else world.chats.get(as_integer(chat_id))
    if chat is None or (chat.is_private and not world.has_met(world.people[chat.id])):
        raise bad_request("chat not found")
    if chat.is_private:
        if access >= Access.EDIT and world.people[chat.id].deactivated:
            raise forbidden("user is deactivated")
    else:
        _check_group(chat, access)
    return chat


def _check_group(chat: Chat, access: Access) -> None:
    if chat.migrated_to:
        # Only writing tells where the group went: edits in it just fail.
        if access is Access.WRITE:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.migrated_to},
            )
    elif access >= Access.EDIT or chat.type is not ChatType.GROUP:
        member = chat.bot.now()
        if member.status is Status.KICKED:
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if not member.is_in:
            raise forbidden(f"bot is not a member of the {chat.type} chat")


def find_message(world: World, params: Params, access: Access, kind: str) -> tuple[Chat, Message]:
    """:raises ApiError: 400 ``{kind} not found`` and what :func:`find_chat` raises."""
    chat = find_chat(world, params, access)
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request(f"{kind} not found")
    return chat, message


def read_text(params: Params, name: str = "text") -> FormattedText:
    """``text`` with ``entities``, or ``caption`` with ``caption_entities``."""
    entities_name = "entities" if name == "text" else f"{name}_entities"
    entities = params.json(entities_name, f"can't parse {entities_name} JSON object")
    return parse_text(params.text(name), params.text("parse_mode"), entities)


def require_text(params: Params) -> FormattedText:
    if not params.text("text"):
        raise bad_request("message text is empty")
    text = read_text(params)
    if not text.text:
        raise bad_request("text must be non-empty")
    return text


def require_length(text: FormattedText, limit: int, error: str) -> None:
    """Telegram counts code points after parsing."""
    if len(text.text) > limit:
        raise bad_request(error)


def check_business(params: Params) -> None:
    """:raises ApiError: 400 for any connection: nobody here has let a bot into his own account."""
    if params.text("business_connection_id"):
        raise bad_request("business connection not found")


def check_effect(params: Params) -> None:
    """Telegram itself refuses an effect that it does not have, and none is modelled here.

    :raises ApiError: 400.
    """
    if params.integer("message_effect_id"):
        raise bad_request("EFFECT_ID_INVALID")


async def admit(
    world: World, chat: Chat, markup: Markup | None, *, kind: str = "", cost: int = 1
) -> None:
    """What Telegram itself refuses, last of all by flood control.

    ``kind`` is what would be sent, empty for an edit that needs no right.

    :raises ApiError: 400 for a missing right or a bad button, 403 for a person who cannot be
        written to, 429.
    """
    if kind:
        require_sending(chat, kind)
    check_reachable(world, chat)
    check_markup(markup, private=chat.is_private)
    await world.flood.admit(chat.id, cost)


def check_reachable(world: World, chat: Chat) -> None:
    """:raises ApiError: 403 for a person who cannot be written to."""
    if not chat.is_private:
        return
    if chat.bot.status is Status.KICKED:
        raise forbidden("bot was blocked by the user")
    if not world.people[chat.id].bot_started:
        raise forbidden("bot can't initiate conversation with a user")


def check_deletable(chat: Chat, message: Message) -> None:
    """What bots may delete (``can_delete_message`` and ``can_revoke_message`` of TDLib).

    :raises ApiError: 400 ``message can't be deleted``.
    """
    too_old = message.body["date"] < time.time() - DELETE_SECONDS
    if too_old or not _is_deletable(chat, message):
        raise bad_request("message can't be deleted")


def _is_deletable(chat: Chat, message: Message) -> bool:
    if chat.is_private:
        return True
    if chat.type is ChatType.SUPERGROUP and "forum_topic_created" in message.body:
        return False
    own = message.out and not message.is_service
    return own or bot_may(chat, DELETE)
