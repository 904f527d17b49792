"""sendMessage, forwards and copies, deletion and pins."""

from typing import Any

from sandbox import ephemerals, groups
from sandbox.entities import MAX_TEXT
from sandbox.errors import bad_request
from sandbox.params import Params, as_integer
from sandbox.rights import PIN, PIN_POSTS, require, require_sending
from sandbox.state import CAPTIONED, CONTENT, Body, Chat, ChatType, Message
from sandbox.world import World

from .access import (
    Access,
    admit,
    chat_by_id,
    check_business,
    check_deletable,
    check_effect,
    find_chat,
    find_message,
    read_text,
    require_length,
    require_text,
)
from .targets import Target, read_target
from .whispers import Whisper

MAX_MESSAGES = 100


async def post(
    world: World, params: Params, target: Target, content: Body, *, kind: str, cost: int = 1
) -> Message:
    """Send a message of the bot, if Telegram lets it.

    :raises ApiError: what :func:`admit` raises.
    """
    check_effect(params)
    # What only one person sees is not measured by what everybody may send.
    kind = "" if target.whisper else kind
    await admit(world, target.chat, target.markup, kind=kind, cost=cost)
    return put(world, target, content)


def put(world: World, target: Target, content: Body) -> Message:
    """Place a message that was admitted."""
    if target.whisper:
        return _whisper(world, target, target.whisper, content)
    return world.post(
        target.chat,
        world.bot.id,
        content,
        markup=target.markup,
        reply_to=target.reply_to,
        thread_id=target.thread_id,
    )


def _whisper(world: World, target: Target, whisper: Whisper, content: Body) -> Message:
    return ephemerals.post(
        world,
        target.chat,
        world.bot.id,
        whisper.receiver_id,
        content,
        markup=target.markup,
        reply_to=target.reply_to,
        thread_id=target.thread_id,
        replaced_id=whisper.replaced_id,
    )


async def send_message(world: World, params: Params) -> Body:
    text = require_text(params)
    target = read_target(world, params)
    require_length(text, MAX_TEXT, "message is too long")
    return (await post(world, params, target, text.fields("text"), kind="text")).body


async def forward_message(world: World, params: Params) -> Body:
    source = _source(world, params, "message to forward")
    target = read_target(world, params.without("reply_markup"))
    return (await post(world, params, target, world.forwarded(source), kind=source.kind)).body


async def copy_message(world: World, params: Params) -> Body:
    source = _source(world, params, "message to copy")
    target = read_target(world, params)
    content = _copied(source)
    if params.has("caption") and source.kind in CAPTIONED:
        content = _uncaptioned(content) | read_text(params, "caption").fields("caption")
    return {"message_id": (await post(world, params, target, content, kind=source.kind)).id}


async def forward_messages(world: World, params: Params) -> list[Body]:
    sources, target = _sources(world, params)
    contents = [world.forwarded(source) for source in sources]
    return await _post_all(world, params, target, sources, contents)


async def copy_messages(world: World, params: Params) -> list[Body]:
    sources, target = _sources(world, params)
    contents = [_copied(source) for source in sources]
    if params.boolean("remove_caption"):
        contents = [_uncaptioned(content) for content in contents]
    return await _post_all(world, params, target, sources, contents)


async def _post_all(
    world: World, params: Params, target: Target, sources: list[Message], contents: list[Body]
) -> list[Body]:
    """The ids of the new messages; those that Telegram does not pass on were skipped."""
    check_effect(params)
    for source in sources:
        require_sending(target.chat, source.kind)
    await admit(world, target.chat, None, cost=len(sources))
    return [{"message_id": put(world, target, content).id} for content in contents]


def _copied(source: Message) -> Body:
    return {name: source.body[name] for name in CONTENT if name in source.body}


def _uncaptioned(content: Body) -> Body:
    return {name: value for name, value in content.items() if not name.startswith("caption")}


def _source(world: World, params: Params, kind: str) -> Message:
    """:raises ApiError: 400 when there is no such message, or nothing in it to pass on."""
    if not params.text("from_chat_id"):
        raise bad_request('parameter "from_chat_id" is required')
    chat = chat_by_id(world, params.text("from_chat_id"), Access.READ)
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request(f"{kind} not found")
    if message.is_service:
        what = "forwarded" if kind.endswith("forward") else "copied"
        raise bad_request(f"the message can't be {what}")
    return message


def _sources(world: World, params: Params) -> tuple[list[Message], Target]:
    if not params.text("from_chat_id"):
        raise bad_request('parameter "from_chat_id" is required')
    ids = read_ids(params)
    target = read_target(world, params.without("reply_markup"))
    chat = chat_by_id(world, params.text("from_chat_id"), Access.READ)
    found = [chat.messages[key] for key in ids if key in chat.messages]
    sources = [message for message in found if not message.is_service]
    if not sources:
        raise bad_request("there are no messages to forward")
    return sources, target


def read_ids(params: Params) -> list[int]:
    """``message_ids``, as ``Client::get_message_ids`` reads them.

    :raises ApiError: 400.
    """
    ids: Any = params.json("message_ids", "can't parse message_ids JSON object")
    if ids is None:
        raise bad_request("message identifiers are not specified")
    if not isinstance(ids, list):
        raise bad_request("expected an Array of message identifiers")
    if len(ids) > MAX_MESSAGES:
        raise bad_request("too many message identifiers specified")
    if not ids:
        raise bad_request("message identifiers are not specified")
    read = [as_integer(item) for item in ids]
    if min(read) <= 0:
        raise bad_request("invalid message identifier specified")
    return read


async def delete_message(world: World, params: Params) -> bool:
    for name, what in (("chat_id", "chat"), ("message_id", "message")):
        if not params.text(name):
            raise bad_request(f"{what} identifier is not specified")
    chat, message = find_message(world, params, Access.WRITE, "message to delete")
    check_deletable(chat, message)
    world.delete(chat, message)
    return True


async def delete_messages(world: World, params: Params) -> bool:
    ids = read_ids(params)
    chat = find_chat(world, params, Access.WRITE)
    found = [chat.messages[key] for key in ids if key in chat.messages]
    for message in found:
        check_deletable(chat, message)
    for message in found:
        world.delete(chat, message)
    return True


async def pin_message(world: World, params: Params) -> bool:
    check_business(params)
    chat, message = find_message(world, params, Access.WRITE, "message to pin")
    _require_pins(chat)
    groups.pin(world, chat, message, world.bot.id)
    return True


async def unpin_message(world: World, params: Params) -> bool:
    check_business(params)
    chat = find_chat(world, params, Access.WRITE)
    _require_pins(chat)
    message_id = params.integer("message_id") or _latest_pin(chat)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def _require_pins(chat: Chat) -> None:
    require(chat, PIN_POSTS if chat.type is ChatType.CHANNEL else PIN)


def _latest_pin(chat: Chat) -> int:
    return chat.pinned[-1] if chat.pinned else 0


async def unpin_all(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.WRITE)
    _require_pins(chat)
    chat.pinned.clear()
    return True


METHODS = {
    "sendMessage": send_message,
    "forwardMessage": forward_message,
    "forwardMessages": forward_messages,
    "copyMessage": copy_message,
    "copyMessages": copy_messages,
    "deleteMessage": delete_message,
    "deleteMessages": delete_messages,
    "pinChatMessage": pin_message,
    "unpinChatMessage": unpin_message,
    "unpinAllChatMessages": unpin_all,
}
