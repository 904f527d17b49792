"""What people do in their messenger, and what the bot gets to know of it."""

import re
import zlib
from typing import Any

from .entities import parse_text, plain_text
from .errors import ApiError
from .groups import unblock
from .keyboards import Markup
from .params import as_text
from .queries import Answer, Query
from .state import Body, BotStatus, Chat, ChatType, Message, Person
from .world import World, in_chat

_COMMAND = re.compile(r"/[A-Za-z0-9_]+(?:@(\w+))?")


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

    :raises ApiError: 403 when the person is not in the chat or has blocked the bot there.
    """
    if person.id not in chat.members or chat.migrated_to:
        raise ApiError(403, "not a member of the chat")
    if chat.is_private and chat.bot_status is BotStatus.KICKED:
        raise ApiError(403, "the bot is blocked")
    if chat.is_private:
        person.bot_started = True
    if reply_to and not thread_id:
        thread_id = reply_to.body.get("message_thread_id", 0)
    message = world.post(
        chat, person.user(), content, markup=markup, reply_to=reply_to, thread_id=thread_id
    )
    chat.read[person.id] = message.id
    if _reaches_bot(world, chat, message):
        world.updates.add("message", message.body, ("message", chat.id))
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


def _reaches_bot(world: World, chat: Chat, message: Message) -> bool:
    """Privacy mode: in groups only commands, mentions, replies and its own inline results."""
    if chat.is_private:
        return True
    if not in_chat(chat):
        return False
    reply = message.body.get("reply_to_message")
    if (reply and reply["from"]["id"] == world.bot.id) or "via_bot" in message.body:
        return True
    text: str = message.body.get("text") or message.body.get("caption", "")
    command = _COMMAND.match(text)
    if command and (command[1] or world.bot.username).lower() == world.bot.username.lower():
        return True
    return re.search(rf"@{world.bot.username}\b", text, re.IGNORECASE) is not None


def press(world: World, person: Person, chat: Chat, message_id: int, data: str) -> Query:
    """Press an inline button, possibly one that an old client still shows.

    :raises ApiError: 404 when the chat never had such a message.
    """
    message = chat.messages.get(message_id)
    if message is None and message_id not in chat.deleted:
        raise ApiError(404, "message not found")
    if message is not None and not message.out and not message.inline_message_id:
        raise ApiError(400, "not a message of the bot")
    query = world.queries.ask(person.id, world.settings.webhook.lifetime("callback_query"))
    payload: Body = {
        "id": query.id,
        "from": person.user(),
        "chat_instance": str(zlib.crc32(str(chat.id).encode()) + (1 << 60)),
        "data": data,
    }
    if message is None:
        gone = {"chat": world.chat_body(chat), "message_id": message_id, "date": 0}
        payload["message"] = gone
    elif message.inline_message_id:
        payload["inline_message_id"] = message.inline_message_id
    else:
        payload["message"] = message.body
    world.updates.add("callback_query", payload, ("callback_query", person.id))
    return query


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


def choose(world: World, person: Person, chat: Chat, answer: Answer, result_id: str) -> Message:
    """Send an inline result into a chat.

    :raises ApiError: 404 when the answer has no such result.
    """
    found = [result for result in answer["results"] if result["id"] == result_id]
    if not found:
        raise ApiError(404, "no such result")
    markup = found[0].get("reply_markup")
    content = _result_content(world, found[0]) | {"via_bot": world.bot.user()}
    message = say(world, person, chat, content, markup=markup)
    chosen: Body = {"result_id": result_id, "from": person.user(), "query": answer["query"]}
    if markup:
        chosen["inline_message_id"] = world.make_inline(chat, message)
    world.updates.add("chosen_inline_result", chosen, ("chosen_inline_result", person.id))
    return message


def _result_content(world: World, result: Body) -> Body:
    """The message that an inline result becomes."""
    content: Any = result.get("input_message_content")
    if isinstance(content, dict):
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
