"""Edits of messages, in chats and of inline results.

An edit without ``reply_markup`` removes the keyboard; content and keyboard are compared with what
is shown, and an edit that changes nothing is refused.
"""

from sandbox import assumed
from sandbox.entities import MAX_CAPTION, MAX_TEXT, FormattedText
from sandbox.errors import bad_request
from sandbox.keyboards import Markup, check_change, read_markup
from sandbox.params import Params
from sandbox.rich.message import RichMessage
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
from .media import check_media, media_caption, sent_file
from .rich_messages import check_place, read_rich, require_old_files, rich_content

_NO_TEXT: Body = {"text": None, "entities": None, "rich_message": None}
_NO_CAPTION: Body = {"caption": None, "caption_entities": None}
_NO_MEDIA: Body = dict.fromkeys(KINDS)
_WORDED = ("text", "rich_message")
Words = FormattedText | RichMessage


async def edit_text(world: World, params: Params) -> Body | bool:
    words = _read_words(params)
    markup = read_markup(params)
    chat, message = _editable(world, params)
    if message.kind not in _WORDED:
        raise bad_request("there is no text in the message to edit")
    content = _NO_TEXT | _worded(world, params, chat, words)
    return await _apply(world, params, chat, message, content, markup)


def _read_words(params: Params) -> Words:
    if not params.has("rich_message"):
        return require_text(params)
    if params.text("text"):
        raise bad_request(assumed.TEXT_AND_RICH)
    rich = read_rich(params)
    if params.text("inline_message_id"):
        require_old_files(rich)
    return rich


def _worded(world: World, params: Params, chat: Chat, words: Words) -> Body:
    if isinstance(words, RichMessage):
        check_place(words, chat)
        return rich_content(world, params, words)
    # Sending is measured by the Bot API server, edits by Telegram, in its own words.
    return _fields(words, MAX_TEXT, "text")


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
    if message.kind == "rich_message":
        raise bad_request(assumed.RICH_MEDIA_EDIT)
    stored = sent_file(world, params, item)
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
