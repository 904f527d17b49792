"""What people do in their messenger, and what the bot gets to know of it."""

import re
import time
from typing import Any

from .entities import parse_text, plain_text
from .errors import ApiError
from .forums import check_open, is_forum, thread_of
from .groups import tell_message, unblock
from .keyboards import Markup
from .params import as_text
from .queries import Answer, Query
from .rights import POST, TO_SEND, rights_of
from .state import KINDS, Body, Chat, ChatType, Message, Person, Status
from .world import World, in_chat

_COMMAND = re.compile(r"/[A-Za-z0-9_]+(?:@(\w+))?")
# Buttons that go along when a message is forwarded: the others would speak to the bot.
_FORWARDED_BUTTONS = ("url", "login_url", "switch_inline_query", "copy_text")


def say(
    world: World,
    person: Person,
    chat: Chat,
    content: Body,
    *,
    markup: Markup | None = None,
    reply_to: Message | None = None,
    thread_id: int = 0,
) -> Message:
    """Post on behalf of a person; the bot is told if it may see the message.

    :raises ApiError: 403 when the person is not in the chat, has blocked the bot there or may not
        send such content.
    """
    check_may_say(chat, person, content)
    thread_id = thread_for(world, person, chat, thread_id or thread_of(reply_to))
    if chat.is_private:
        person.bot_started = True
    message = world.post(
        chat, person.id, content, markup=markup, reply_to=reply_to, thread_id=thread_id
    )
    chat.read[person.id] = message.id
    message.for_bot = _is_meant_for_bot(world, chat, message)
    if _reaches_bot(chat, message):
        tell_message(world, chat, message)
    return message


def thread_for(world: World, person: Person, chat: Chat, thread_id: int) -> int:
    """The topic to write in; 0 in chats without any.

    :raises ApiError: 400 when it is not there, or closed to this person.
    """
    if not is_forum(world, chat):
        return 0
    if thread_id and thread_id not in chat.topics:
        raise ApiError(400, "message thread not found")
    check_open(world, chat, thread_id, person.id)
    return thread_id


def check_may_say(chat: Chat, person: Person, content: Body) -> None:
    """:raises ApiError: 403."""
    if person.id not in chat.audience() or chat.migrated_to:
        raise ApiError(403, "not a member of the chat")
    if chat.is_private:
        if chat.bot.status is Status.KICKED:
            raise ApiError(403, "the bot is blocked")
        return
    kind = next(kind for kind in KINDS if kind in content)
    need = POST if chat.type is ChatType.CHANNEL else TO_SEND[kind]
    if need.right not in rights_of(chat, chat.member(person.id), is_bot=person.is_bot):
        raise ApiError(403, need.refusal)


def edit(world: World, person: Person, chat: Chat, message: Message, content: Body) -> Message:
    """Change the words of one's own message.

    :raises ApiError: 403 for a message of somebody else.
    """
    if message.author != person.id or "forward_origin" in message.body:
        raise ApiError(403, "not one's own message")
    emptied = {"entities": None} if "text" in message.body else {"caption_entities": None}
    world.edit(chat, message, emptied | content, message.markup)
    message.for_bot = message.for_bot or _is_meant_for_bot(world, chat, message)
    if _reaches_bot(chat, message):
        tell_message(world, chat, message, edited=True)
    return message


def text_content(text: str) -> Body:
    """Message fields of typed text.

    :raises ApiError: 400 when there is nothing to send.
    """
    fields = plain_text(text).fields("text")
    if not fields:
        raise ApiError(400, "empty message")
    return fields


def caption_content(caption: str) -> Body:
    return plain_text(caption).fields("caption")


def start(world: World, person: Person, payload: str = "") -> Message:
    """Press Start: opens the private chat, and unblocks the bot."""
    unblock(world, person)
    command = f"/start {payload}" if payload else "/start"
    return say(world, person, world.chats[person.id], text_content(command))


def _reaches_bot(chat: Chat, message: Message) -> bool:
    """Whether the bot gets a message of a person at all (core.telegram.org/bots/faq).

    Privacy mode is on, as it is by default: an administrator and a channel's bot get everything,
    a member what is meant for it. Other bots' messages reach no bot.
    """
    if chat.is_private or chat.type is ChatType.CHANNEL:
        return in_chat(chat) or chat.is_private
    if not in_chat(chat) or _by_bot(message):
        return False
    return message.for_bot or chat.bot.now().is_administrator


def _by_bot(message: Message) -> bool:
    sender = message.body.get("from", {})
    return bool(sender.get("is_bot")) and "sender_chat" not in message.body


def _is_meant_for_bot(world: World, chat: Chat, message: Message) -> bool:
    """Privacy mode: commands, replies and the bot's own inline results; a mention is not enough.

    A command without a name is for the bot that spoke last.
    """
    if "via_bot" in message.body:
        return True
    reply = message.body.get("reply_to_message")
    replied = chat.messages.get(reply["message_id"]) if reply else None
    # To begin a topic is to ask nobody.
    if replied and (replied.for_bot or (replied.out and "forum_topic_created" not in replied.body)):
        return True
    text: str = message.body.get("text") or message.body.get("caption", "")
    command = _COMMAND.match(text)
    if command is None:
        return False
    if command[1]:
        return command[1].lower() == world.bot.username.lower()
    return chat.last_bot == world.bot.id


def react(world: World, person: Person, chat: Chat, message: Message, emoji: str) -> None:
    """Put a reaction under a message, or take it away with an empty ``emoji``.

    Only an administrator hears of it, and only if it asked for ``message_reaction``.
    """
    old = message.reactions.pop(person.id, "")
    if emoji:
        message.reactions[person.id] = emoji
    if old == emoji or not (chat.is_private or chat.bot.now().is_administrator):
        return
    payload = {
        "chat": world.chat_body(chat),
        "message_id": message.id,
        "user": person.user(),
        "date": int(time.time()),
        "old_reaction": _reactions(old),
        "new_reaction": _reactions(emoji),
    }
    world.updates.add("message_reaction", payload, ("message_reaction", chat.id))


def _reactions(emoji: str) -> list[Body]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []


def forward(world: World, person: Person, source: Message, chat: Chat) -> Message:
    """Pass a message on. Its buttons stay behind if they speak to the bot, unless it came inline.

    The copy of an inline result is a message of its own: pressed, it has only its identifier.
    """
    markup = source.markup if source.inline_message_id or _is_passed_on(source) else None
    message = say(world, person, chat, world.forwarded(source), markup=markup)
    if markup and source.inline_message_id:
        world.make_inline(chat, message)
    return message


def _is_passed_on(source: Message) -> bool:
    rows = (source.markup or {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row]
    return all(any(name in button for name in _FORWARDED_BUTTONS) for button in buttons)


def ask_inline(
    world: World, person: Person, text: str, offset: str, chat_type: str
) -> Query | Answer:
    """Type after the bot's name: results from Telegram's cache, or a question to the bot."""
    if (cached := world.queries.cached(person.id, text, offset)) is not None:
        return cached
    lifetime = world.settings.webhook.lifetime("inline_query")
    query = world.queries.ask(person.id, lifetime, text, offset)
    payload = {
        "id": query.id,
        "from": person.user(),
        "query": text,
        "offset": offset,
        "chat_type": chat_type,
    }
    world.updates.add("inline_query", payload, ("inline_query", person.id))
    return query


def choose(
    world: World,
    person: Person,
    chat: Chat,
    answer: Answer,
    result_id: str,
    thread_id: int = 0,
) -> Message:
    """Send an inline result into a chat.

    :raises ApiError: 404 when the answer has no such result.
    """
    found = [result for result in answer["results"] if result["id"] == result_id]
    if not found:
        raise ApiError(404, "no such result")
    markup = found[0].get("reply_markup")
    content = _result_content(world, found[0]) | {"via_bot": world.bot.user()}
    message = say(world, person, chat, content, markup=markup, thread_id=thread_id)
    chosen: Body = {"result_id": result_id, "from": person.user(), "query": answer["query"]}
    if markup:
        chosen["inline_message_id"] = world.make_inline(chat, message)
    world.updates.add("chosen_inline_result", chosen, ("chosen_inline_result", person.id))
    return message


def _result_content(world: World, result: Body) -> Body:
    """The message that an inline result becomes."""
    content: Any = result.get("input_message_content")
    if isinstance(content, dict):
        if "rich_message" in content:
            return {"rich_message": content["rich_message"]}
        mode, entities = as_text(content.get("parse_mode")), content.get("entities")
        return parse_text(as_text(content.get("message_text")), mode, entities).fields("text")
    kind = result["type"]
    stored = world.files.sendable(kind, as_text(result.get(f"{kind}_file_id")))
    mode, entities = as_text(result.get("parse_mode")), result.get("caption_entities")
    caption = parse_text(as_text(result.get("caption")), mode, entities)
    return stored.media() | caption.fields("caption")


def chat_type_for(person: Person, chat: Chat) -> str:
    """``chat_type`` of an inline query: a private chat with the bot itself is ``sender``."""
    return "sender" if chat.type is ChatType.PRIVATE and chat.id == person.id else str(chat.type)


def contact_content(contact: Body) -> Body:
    names = ("phone_number", "first_name", "last_name", "user_id")
    shown = {name: contact[name] for name in names if contact.get(name)}
    if "phone_number" not in shown:
        raise ApiError(400, "a contact needs a phone_number")
    return {"contact": shown}
