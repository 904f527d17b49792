"""Edits of messages, in chats and of inline results.

An edit without ``reply_markup`` removes the keyboard; content and keyboard are compared with what
is shown, and an edit that changes nothing is refused.
"""

from typing import Any

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
_NO_OTHER_MEDIA = ("voice", "video_note")
_IN_ALBUMS = ("photo", "video", "document", "audio")
_HOMOGENEOUS = {"document", "audio"}
_WORDED = ("text", "rich_message")
Words = FormattedText | RichMessage


async def edit_text(world: World, params: Params) -> Body | bool:
    words = read_words(params)
    markup = read_markup(params)
    chat, message = _editable(world, params)
    check_has(message, "text")
    content = worded(world, params, chat, words)
    return await _apply(world, params, chat, message, content, markup)


def check_has(message: Message, what: str) -> None:
    """:raises ApiError: 400 when there is no ``text`` or ``caption`` in the message."""
    if message.kind not in (_WORDED if what == "text" else CAPTIONED):
        raise bad_request(f"there is no {what} in the message to edit")


def read_words(params: Params) -> Words:
    """``text`` or ``rich_message``.

    :raises ApiError: 400.
    """
    if not params.has("rich_message"):
        return require_text(params)
    if params.text("text"):
        raise bad_request(assumed.TEXT_AND_RICH)
    rich = read_rich(params)
    if params.text("inline_message_id"):
        require_old_files(rich)
    return rich


def worded(world: World, params: Params, chat: Chat, words: Words) -> Body:
    """The change of a message into these words.

    :raises ApiError: 400.
    """
    if isinstance(words, RichMessage):
        check_place(words, chat)
        return _NO_TEXT | rich_content(world, params, words)
    # Sending is measured by the Bot API server, edits by Telegram, in its own words.
    return _NO_TEXT | _fields(words, MAX_TEXT, "text")


async def edit_caption(world: World, params: Params) -> Body | bool:
    markup = read_markup(params)
    caption = read_text(params, "caption")
    chat, message = _editable(world, params)
    check_has(message, "caption")
    return await _apply(world, params, chat, message, captioned(caption), markup)


def captioned(caption: FormattedText) -> Body:
    """:raises ApiError: 400."""
    return _NO_CAPTION | _fields(caption, MAX_CAPTION, "caption")


async def edit_media(world: World, params: Params) -> Body | bool:
    markup = read_markup(params)
    item = read_media(params)
    chat, message = _editable(world, params)
    # Of all edits only this one needs a right: that to send such a file.
    require_sending(chat, item["type"])
    content = replaced_media(world, params, message, item)
    return await _apply(world, params, chat, message, content, markup)


def read_media(params: Params) -> Body:
    """:raises ApiError: 400."""
    item: Any = params.json("media", "can't parse input media JSON object")
    if item is None:
        raise bad_request('parameter "media" is required')
    check_media(params, item)
    read: Body = item
    return read


def replaced_media(world: World, params: Params, message: Message, item: Body) -> Body:
    """The change of a message into one that shows a file.

    :raises ApiError: 400.
    """
    if message.kind == "rich_message":
        raise bad_request(assumed.RICH_MEDIA_EDIT)
    if message.kind in _NO_OTHER_MEDIA:
        raise bad_request("there is no media in the message to edit")
    caption = captioned(media_caption(item))
    _check_album(message, item["type"])
    stored = sent_file(world, params, item)
    return _NO_TEXT | _NO_MEDIA | stored.media() | caption


def _check_album(message: Message, kind: str) -> None:
    """``edit_message_media`` of TDLib keeps documents, and audio, of an album to themselves.

    :raises ApiError: 400.
    """
    if "media_group_id" not in message.body or kind == message.kind:
        return
    if kind not in _IN_ALBUMS:
        raise bad_request("message content type can't be used in an album")
    if _HOMOGENEOUS & {kind, message.kind}:
        raise bad_request("can't change media type in the album")


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
