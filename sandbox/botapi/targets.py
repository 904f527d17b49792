"""Where a message of the bot goes: chat, topic, replied message, and who alone sees it."""

from dataclasses import dataclass
from typing import Any

from sandbox import assumed, forums
from sandbox.errors import bad_request
from sandbox.keyboards import Markup, read_markup
from sandbox.params import Params, as_integer, as_text
from sandbox.state import GENERAL_TOPIC_ID, Chat, Message
from sandbox.versions import BotApi
from sandbox.world import World

from . import whispers
from .access import Access, check_business, find_chat
from .whispers import Whisper


@dataclass(slots=True, frozen=True)
class Target:
    """``whisper`` makes the message an ephemeral one."""

    chat: Chat
    markup: Markup | None
    reply_to: Message | None
    thread_id: int
    whisper: Whisper | None = None


@dataclass(slots=True, frozen=True)
class _Reply:
    """The id to reply to, 0 for none, and whether to send without it."""

    message_id: int = 0
    is_optional: bool = False
    ephemeral_id: int = 0


def read_target(world: World, params: Params) -> Target:
    """:raises ApiError: 400 or 403."""
    reply = _read_reply(params)
    markup = read_markup(params)
    wish = whispers.read_wish(params, markup)
    check_business(params)
    if wish is None:
        chat = find_chat(world, params, Access.WRITE)
        thread_id = _check_thread(world, chat, _thread(params))
        replied = _replied(chat, reply)
        return Target(chat, markup, replied, _placed(world, chat, thread_id, replied))
    chat = whispers.chat_of(world, params, wish)
    thread_id = _check_thread(world, chat, _thread(params))
    heard = _heard(chat, reply.ephemeral_id)
    whisper = whispers.permitted(world, chat, wish, heard)
    replied = heard or _replied(chat, reply)
    return Target(chat, markup, replied, _placed(world, chat, thread_id, replied), whisper)


def _thread(params: Params) -> int:
    return params.integer("message_thread_id", low=0)


def _read_reply(params: Params) -> _Reply:
    value = params.json("reply_parameters", "can't parse reply parameters JSON object")
    if value is None:
        optional = params.boolean("allow_sending_without_reply")
        return _Reply(params.integer("reply_to_message_id"), optional)
    if not isinstance(value, dict):
        raise bad_request("object expected as reply parameters")
    if not value:
        return _Reply()
    if "ephemeral_message_id" in value and params.version >= BotApi.V10_2:
        return _ephemeral_reply(value)
    if "message_id" not in value:
        raise bad_request('can\'t find field "message_id"')
    optional = _truth(value.get("allow_sending_without_reply"))
    return _Reply(as_integer(value["message_id"]), optional)


def _ephemeral_reply(value: dict[str, Any]) -> _Reply:
    if value.keys() & {"message_id", "quote", "chat_id"}:
        raise bad_request(assumed.REPLY_FIELDS)
    return _Reply(ephemeral_id=as_integer(value["ephemeral_message_id"]))


def _truth(value: Any) -> bool:
    return as_text(value).lower() in ("true", "1", "yes")


def _replied(chat: Chat, reply: _Reply) -> Message | None:
    if reply.ephemeral_id:
        raise bad_request(assumed.PUBLIC_REPLY)
    if reply.message_id <= 0:
        return None
    message = chat.messages.get(reply.message_id)
    if message is None and not reply.is_optional:
        raise bad_request("message to be replied not found")
    return message


def _heard(chat: Chat, ephemeral_id: int) -> Message | None:
    """The ephemeral message that is answered: nothing is ever sent without it."""
    if not ephemeral_id:
        return None
    if ephemeral_id not in chat.ephemerals:
        raise bad_request("message to be replied not found")
    return chat.ephemerals[ephemeral_id]


def _check_thread(world: World, chat: Chat, thread_id: int) -> int:
    """The topic to send to; 0 in groups without any, where the parameter is ignored."""
    if not (thread_id and (chat.is_private or chat.is_forum)):
        return 0
    known = forums.is_forum(world, chat) and thread_id in chat.topics
    if thread_id == GENERAL_TOPIC_ID or not known:
        raise bad_request("message thread not found")
    return thread_id


def _placed(world: World, chat: Chat, thread_id: int, replied: Message | None) -> int:
    """Without a thread, an answer goes where the question is."""
    if replied and not thread_id and forums.is_forum(world, chat):
        thread_id = forums.thread_of(replied)
    forums.check_open(world, chat, thread_id, world.bot.id)
    return thread_id
