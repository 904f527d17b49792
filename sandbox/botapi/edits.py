"""Edits of messages, in chats and of inline results.

An edit without ``reply_markup`` removes the keyboard; content and keyboard are compared with what
is shown, and an edit that changes nothing is refused.
"""

from sandbox.entities import MAX_CAPTION, MAX_TEXT, FormattedText
from sandbox.errors import bad_request
from sandbox.keyboards import Markup, check_change, read_markup
from sandbox.params import Params
from sandbox.rights import EDIT_POSTS, bot_may, require_sending
from sandbox.state import CAPTIONED, KINDS, Body, Chat, ChatType, Message
from sandbox.world import World

from .access import (
    Access,
    admit,
    check_business,
    find_message,
    read_text,
    require_length,
    require_text,
)
from .media import check_media, media_caption, media_file

_NO_TEXT: Body = {"text": None, "entities": None}
_NO_CAPTION: Body = {"caption": None, "caption_entities": None}
_NO_MEDIA: Body = dict.fromkeys(KINDS)


async def edit_text(world: World, params: Params) -> Body | bool:
    text = require_text(params)
    markup = read_markup(params)
    chat, message = _editable(world, params)
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    # Sending is measured by the Bot API server, edits by Telegram, in its own words.
    return await _apply(
        world, params, chat, message, _NO_TEXT | _fields(text, MAX_TEXT, "text"), markup
    )


async def edit_caption(world: World, params: Params) -> Body | bool:
    markup = read_markup(params)
    caption = read_text(params, "caption")
    chat, message = _editable(world, params)
    if message.kind not in CAPTIONED:
        raise bad_request("there is no caption in the message to edit")
    content = _NO_CAPTION | _fields(caption, MAX_CAPTION, "caption")
    return await _apply(world, params, chat, message, content, markup)


async def edit_media(world: World, params: Params) -> Body | bool:
    markup = read_markup(params)
    item = params.json("media", "can't parse input media JSON object")
    if item is None:
        raise bad_request('parameter "media" is required')
    check_media(params, item)
    caption = media_caption(item)
    chat, message = _editable(world, params)
    stored = media_file(world, params, item)
    # Of all edits only this one needs a right: that to send such a file.
    require_sending(chat, stored.kind)
    content = _NO_TEXT | _NO_MEDIA | _NO_CAPTION | stored.media()
    content |= _fields(caption, MAX_CAPTION, "caption")
    return await _apply(world, params, chat, message, content, markup)


async def edit_markup(world: World, params: Params) -> Body | bool:
    markup = read_markup(params)
    chat, message = _editable(world, params)
    return await _apply(world, params, chat, message, {}, markup)


def _fields(text: FormattedText, limit: int, name: str) -> Body:
    error = "MESSAGE_TOO_LONG" if name == "text" else "MEDIA_CAPTION_TOO_LONG"
    require_length(text, limit, error)
    return text.fields(name)


def _editable(world: World, params: Params) -> tuple[Chat, Message]:
    """The message to edit, by chat and id or by inline identifier.

    :raises ApiError: 400 when it is gone or Telegram does not let bots edit it.
    """
    check_business(params)
    if not params.text("chat_id") and not params.integer("message_id"):
        return _inline(world, params)
    chat, message = find_message(world, params, Access.EDIT, "message to edit")
    forwarded = "forward_origin" in message.body
    replied_keyboard = message.markup is not None and "inline_keyboard" not in message.markup
    foreign = not message.out and not (chat.type is ChatType.CHANNEL and bot_may(chat, EDIT_POSTS))
    if foreign or message.is_service or forwarded or replied_keyboard or chat.migrated_to:
        raise bad_request("message can't be edited")
    return chat, message


def _inline(world: World, params: Params) -> tuple[Chat, Message]:
    identifier = params.text("inline_message_id")
    if not identifier:
        raise bad_request("message identifier is not specified")
    found = world.inline_messages.get(identifier)
    if found is None:
        raise bad_request("MESSAGE_ID_INVALID")
    return found


async def _apply(
    world: World,
    params: Params,
    chat: Chat,
    message: Message,
    content: Body,
    markup: Markup | None,
) -> Body | bool:
    check_change(message.markup, markup)
    await admit(world, chat, markup)
    world.edit(chat, message, content, markup)
    return True if params.text("inline_message_id") else message.body


METHODS = {
    "editMessageText": edit_text,
    "editMessageCaption": edit_caption,
    "editMessageMedia": edit_media,
    "editMessageReplyMarkup": edit_markup,
}
