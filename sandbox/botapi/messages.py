"""sendMessage, copies, deletion and pins."""

from typing import Any

from sandbox.entities import MAX_TEXT
from sandbox.errors import bad_request
from sandbox.params import Params, as_integer
from sandbox.state import Body, Chat, Message
from sandbox.world import World, without_reply

from .access import (
    Access,
    Target,
    admit,
    chat_by_id,
    check_deletable,
    find_chat,
    find_message,
    read_target,
    require_length,
    require_text,
)

MAX_DELETED = 100
_CONTENT = (
    "text", "entities", "caption", "caption_entities", "document", "photo", "contact",
)  # fmt: skip


def post(world: World, target: Target, content: Body) -> Message:
    """Send a message of the bot to a place that was checked."""
    return world.post(
        target.chat,
        world.bot.user(),
        content,
        markup=target.markup,
        reply_to=target.reply_to,
        thread_id=target.thread_id,
    )


async def send_message(world: World, params: Params) -> Body:
    text = require_text(params)
    target = read_target(world, params)
    require_length(text, MAX_TEXT, "message is too long")
    admit(world, target.chat, target.markup)
    return post(world, target, text.fields("text")).body


async def forward_message(world: World, params: Params) -> Body:
    source = _source(world, params, "message to forward")
    target = read_target(world, params)
    admit(world, target.chat, None)
    origin = {
        "type": "user",
        "sender_user": source.body["from"],
        "date": source.body["date"],
    }
    content = {name: source.body[name] for name in _CONTENT if name in source.body}
    return post(world, target, content | {"forward_origin": origin}).body


async def copy_message(world: World, params: Params) -> Body:
    source = _source(world, params, "message to copy")
    target = read_target(world, params)
    admit(world, target.chat, target.markup)
    content = {name: source.body[name] for name in _CONTENT if name in source.body}
    return {"message_id": post(world, target, content).id}


def _source(world: World, params: Params, kind: str) -> Message:
    chat = chat_by_id(world, params.text("from_chat_id"), Access.READ)
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request(f"{kind} not found")
    return message


async def delete_message(world: World, params: Params) -> bool:
    for name, what in (("chat_id", "chat"), ("message_id", "message")):
        if not params.text(name):
            raise bad_request(f"{what} identifier is not specified")
    chat, message = find_message(world, params, Access.WRITE, "message to delete")
    check_deletable(chat, message)
    world.delete(chat, message)
    return True


async def delete_messages(world: World, params: Params) -> bool:
    ids: Any = params.json("message_ids", "can't parse message_ids JSON object")
    if not isinstance(ids, list) or not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > MAX_DELETED:
        raise bad_request("too many message identifiers specified")
    chat = find_chat(world, params, Access.WRITE)
    found = [chat.messages[i] for i in map(as_integer, ids) if i in chat.messages]
    for message in found:
        check_deletable(chat, message)
    for message in found:
        world.delete(chat, message)
    return True


async def pin_message(world: World, params: Params) -> bool:
    chat, message = find_message(world, params, Access.WRITE, "message to pin")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        pinned = {"pinned_message": without_reply(message.body)}
        service = world.post(chat, world.bot.user(), pinned)
        world.updates.add("message", service.body, ("message", chat.id))
    return True


async def unpin_message(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.WRITE)
    message_id = params.integer("message_id") or _latest_pin(chat)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def _latest_pin(chat: Chat) -> int:
    return chat.pinned[-1] if chat.pinned else 0


async def unpin_all(world: World, params: Params) -> bool:
    find_chat(world, params, Access.WRITE).pinned.clear()
    return True


METHODS = {
    "sendMessage": send_message,
    "forwardMessage": forward_message,
    "copyMessage": copy_message,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin_message,
    "unpinChatMessage": unpin_message,
    "unpinAllChatMessages": unpin_all,
}
