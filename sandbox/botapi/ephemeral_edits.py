"""Edits and deletion of ephemeral messages. All that they tell is that nothing was wrong."""

from sandbox import assumed, ephemerals
from sandbox.errors import bad_request
from sandbox.keyboards import Markup, check_change, read_markup
from sandbox.params import Params
from sandbox.rich.message import RichMessage
from sandbox.state import Body, Chat, Message
from sandbox.versions import BotApi
from sandbox.world import World

from .access import Access, admit, find_chat, read_text, require_length
from .edits import captioned, check_has, read_media, read_words, replaced_media, worded
from .whispers import refuse_logins


async def edit_text(world: World, params: Params) -> bool:
    words = read_words(params)
    markup = read_markup(params)
    chat, message = _found(world, params, "message to edit")
    check_has(message, "text")
    if isinstance(words, RichMessage):
        refuse_logins(words.buttons)
    else:
        # Seen on the live server: it measures the text like a caption.
        limit = int(world.settings.limits.ephemeral_text)
        require_length(words, limit, "MEDIA_CAPTION_TOO_LONG")
    return await _apply(world, chat, message, worded(world, params, chat, words), markup)


async def edit_caption(world: World, params: Params) -> bool:
    markup = read_markup(params)
    caption = read_text(params, "caption")
    chat, message = _found(world, params, "message to edit")
    check_has(message, "caption")
    return await _apply(world, chat, message, captioned(caption), markup)


async def edit_media(world: World, params: Params) -> bool:
    markup = read_markup(params)
    item = read_media(params)
    if params.uploads and params.version < BotApi.V10_3:
        raise bad_request(assumed.EPHEMERAL_UPLOAD)
    chat, message = _found(world, params, "message to edit")
    content = replaced_media(world, params, message, item)
    return await _apply(world, chat, message, content, markup)


async def edit_markup(world: World, params: Params) -> bool:
    markup = read_markup(params)
    chat, message = _found(world, params, "message to edit")
    return await _apply(world, chat, message, {}, markup)


async def delete_message(world: World, params: Params) -> bool:
    chat, message = _found(world, params, "message to delete")
    ephemerals.delete(world, chat, message)
    return True


def _found(world: World, params: Params, kind: str) -> tuple[Chat, Message]:
    """:raises ApiError: 400 ``{kind} not found``: one of somebody else is not found either."""
    chat = find_chat(world, params, Access.EDIT)
    receiver_id = params.integer("receiver_user_id")
    if not receiver_id:
        raise bad_request(assumed.WHICH_RECEIVER)
    message = ephemerals.find(chat, receiver_id, params.integer("ephemeral_message_id"))
    if message is None:
        raise bad_request(f"{kind} not found")
    return chat, message


async def _apply(
    world: World, chat: Chat, message: Message, content: Body, markup: Markup | None
) -> bool:
    check_change(message.markup, markup)
    rows = (markup or {}).get("inline_keyboard", [])
    refuse_logins([button for row in rows for button in row])
    await admit(world, chat, markup)
    world.edit(chat, message, content, markup)
    return True


METHODS = {
    "editEphemeralMessageText": edit_text,
    "editEphemeralMessageCaption": edit_caption,
    "editEphemeralMessageMedia": edit_media,
    "editEphemeralMessageReplyMarkup": edit_markup,
    "deleteEphemeralMessage": delete_message,
}
