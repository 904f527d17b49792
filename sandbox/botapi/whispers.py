"""Who may be sent an ephemeral message, and when (core.telegram.org/bots/api#ephemeral-messages).

Anybody who acted within the last seconds, by a press or by an ephemeral message of his own; as an
administrator the bot may write to any member at any time.
"""

import time
from dataclasses import dataclass
from typing import Any

from sandbox import assumed
from sandbox.errors import bad_request
from sandbox.keyboards import Markup
from sandbox.params import Params, as_integer, as_text
from sandbox.queries import Query, too_old
from sandbox.state import Body, Chat, ChatType, Message
from sandbox.versions import BotApi
from sandbox.world import World

from .access import Access, find_chat

_FIELDS = {"receiver_user_id", "callback_query_id", "replace_callback_query_message"}
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)


@dataclass(slots=True, frozen=True)
class Wish:
    """``ephemeral_message_parameters`` as they were given."""

    receiver_id: int
    query_id: str
    replaces: bool
    version: BotApi


@dataclass(slots=True, frozen=True)
class Whisper:
    """Who alone sees the message, and in place of which one, 0 for none."""

    receiver_id: int
    replaced_id: int = 0


def read_wish(params: Params, markup: Markup | None) -> Wish | None:
    """``None`` for a message that everybody sees.

    :raises ApiError: 400.
    """
    value: Any = params.json("ephemeral_message_parameters", assumed.EPHEMERAL_JSON)
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() - _FIELDS:
        raise bad_request(assumed.EPHEMERAL_OBJECT)
    replaces = value.get("replace_callback_query_message", False)
    query_id = as_text(value.get("callback_query_id"))
    wish = Wish(as_integer(value.get("receiver_user_id")), query_id, bool(replaces), params.version)
    if not wish.receiver_id and not (wish.query_id and wish.version >= BotApi.V10_4):
        raise bad_request(assumed.NO_RECEIVER)
    if wish.replaces and not wish.query_id:
        raise bad_request(assumed.NOTHING_TO_REPLACE)
    rows = (markup or {}).get("inline_keyboard", [])
    refuse_logins([button for row in rows for button in row])
    return wish


def refuse_logins(buttons: list[Body]) -> None:
    """:raises ApiError: 400 for a button that ephemeral messages cannot have."""
    if any("login_url" in button for button in buttons):
        raise bad_request(assumed.EPHEMERAL_LOGIN)


def chat_of(world: World, params: Params, wish: Wish) -> Chat:
    """The chat of the call; since 10.4 it may be left to the press that is answered."""
    if params.text("chat_id") or wish.version < BotApi.V10_4 or not wish.query_id:
        return find_chat(world, params, Access.WRITE)
    return world.chats[_pressed(world, wish).chat_id]


def permitted(world: World, chat: Chat, wish: Wish, heard: Message | None) -> Whisper:
    """``heard`` is the ephemeral message that is answered.

    :raises ApiError: 400.
    """
    pressed = _pressed(world, wish) if wish.query_id else None
    receiver_id = wish.receiver_id or (pressed.person_id if pressed else 0)
    _check_chat(chat, wish, pressed)
    if pressed:
        if (pressed.chat_id, pressed.person_id) != (chat.id, receiver_id):
            raise too_old()
    elif not _has_just_said(world, heard, receiver_id) and not chat.bot.now().is_administrator:
        raise bad_request(assumed.NOT_NOW)
    person = world.people.get(receiver_id)
    if person is None or person.is_bot or not chat.member(receiver_id).is_in:
        raise bad_request(assumed.RECEIVER)
    return Whisper(receiver_id, _replaced(wish, pressed))


def _check_chat(chat: Chat, wish: Wish, pressed: Query | None) -> None:
    if chat.type not in _GROUPS and not (pressed and wish.version >= BotApi.V10_4):
        raise bad_request(assumed.EPHEMERAL_CHAT)


def _pressed(world: World, wish: Wish) -> Query:
    return world.queries.pressed_within(wish.query_id, world.settings.limits.ephemeral_window)


def _has_just_said(world: World, heard: Message | None, person_id: int) -> bool:
    if heard is None or heard.author != person_id:
        return False
    return time.time() - int(heard.body["date"]) <= world.settings.limits.ephemeral_window


def _replaced(wish: Wish, pressed: Query | None) -> int:
    if not (wish.replaces and pressed):
        return 0
    if not pressed.message_id:
        raise bad_request(assumed.NOTHING_TO_REPLACE)
    return pressed.message_id
