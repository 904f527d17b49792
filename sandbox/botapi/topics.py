"""Forum topics, in the order of checks of ForumTopicManager.cpp."""

from sandbox import assumed, forums
from sandbox.errors import bad_request
from sandbox.params import Params
from sandbox.rights import (
    CLOSE_TOPIC,
    CREATE_TOPIC,
    DELETE_TOPIC,
    EDIT_TOPIC,
    PIN,
    Need,
    require,
)
from sandbox.state import GENERAL_TOPIC_ID, TOPIC_COLOR, Body, Chat, Topic
from sandbox.world import World

from .access import Access, check_reachable, find_chat


async def get_icon_stickers(world: World, params: Params) -> list[Body]:
    return [
        {
            "width": 100,
            "height": 100,
            "emoji": emoji,
            "set_name": "Topics",
            "is_animated": True,
            "is_video": False,
            "type": "custom_emoji",
            "custom_emoji_id": icon_id,
            "file_id": f"CAACAgIAAxUAAW{icon_id}",
            "file_unique_id": f"AgAD{icon_id}",
            "file_size": 4096,
        }
        for icon_id, emoji in forums.ICONS.items()
    ]


async def create_topic(world: World, params: Params) -> Body:
    chat = _forum(world, params)
    require(chat, CREATE_TOPIC)
    name = _name(params)
    if not name:
        raise bad_request("name must be non-empty")
    color = params.integer("icon_color") or TOPIC_COLOR
    if color not in forums.COLORS:
        raise bad_request(assumed.ICON_COLOR)
    check_reachable(world, chat)
    made = forums.open_topic(
        world, chat, world.bot.id, name, color=color, icon_id=_icon(params) or ""
    )
    return made.body()


async def edit_topic(world: World, params: Params) -> bool:
    chat, topic = _topic(world, params)
    _require_own(chat, topic, world, EDIT_TOPIC)
    return _edit(world, chat, topic, params, _icon(params))


async def edit_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params)
    require(chat, EDIT_TOPIC)
    return _edit(world, chat, _general(chat), params, None)


async def close_topic(world: World, params: Params) -> bool:
    return _toggle(world, *_topic(world, params, in_group=True), closed=True)


async def reopen_topic(world: World, params: Params) -> bool:
    return _toggle(world, *_topic(world, params, in_group=True), closed=False)


async def close_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params, in_group=True)
    return _toggle(world, chat, _general(chat), closed=True)


async def reopen_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params, in_group=True)
    return _toggle(world, chat, _general(chat), closed=False)


async def hide_general_topic(world: World, params: Params) -> bool:
    return _hide(world, params, hidden=True)


async def unhide_general_topic(world: World, params: Params) -> bool:
    return _hide(world, params, hidden=False)


async def delete_topic(world: World, params: Params) -> bool:
    chat, topic = _topic(world, params)
    _require_own(chat, topic, world, DELETE_TOPIC)
    if topic.id == GENERAL_TOPIC_ID:
        raise bad_request(assumed.GENERAL_DELETED)
    if not forums.may_delete(world, chat, topic, world.bot.id):
        raise bad_request(assumed.OWN_TOPIC_OF_OTHERS)
    check_reachable(world, chat)
    forums.delete(world, chat, topic)
    return True


async def unpin_topic(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.WRITE)
    return _unpin(world, chat, _topic_id(params))


async def unpin_general_topic(world: World, params: Params) -> bool:
    chat = find_chat(world, params, Access.WRITE)
    return _unpin(world, chat, GENERAL_TOPIC_ID)


def _unpin(world: World, chat: Chat, topic_id: int) -> bool:
    require(chat, PIN)
    if not forums.is_forum(world, chat):
        raise bad_request("chat doesn't have topics")
    forums.unpin_all(chat, forums.find_topic(chat, topic_id))
    return True


def _forum(world: World, params: Params, *, in_group: bool = False) -> Chat:
    """``in_group`` for what private chats with topics do not have."""
    chat = find_chat(world, params, Access.WRITE)
    if not forums.is_forum(world, chat):
        raise bad_request("the chat is not a forum")
    if chat.is_private and in_group:
        raise bad_request("the chat is not a supergroup forum")
    return chat


def _topic(world: World, params: Params, *, in_group: bool = False) -> tuple[Chat, Topic]:
    chat = _forum(world, params, in_group=in_group)
    return chat, forums.find_topic(chat, _topic_id(params))


def _topic_id(params: Params) -> int:
    topic_id = params.integer("message_thread_id", low=0)
    if not topic_id:
        raise bad_request("invalid forum topic identifier specified")
    return topic_id


def _general(chat: Chat) -> Topic:
    return forums.find_topic(chat, GENERAL_TOPIC_ID)


def _require_own(chat: Chat, topic: Topic, world: World, need: Need) -> None:
    """A topic that the bot made is its own, whatever rights it has now."""
    if topic.author != world.bot.id:
        require(chat, need)


def _name(params: Params) -> str:
    return params.text("name").strip()[: forums.MAX_NAME]


def _icon(params: Params) -> str | None:
    """Empty for none; ``None`` when nothing is said of it."""
    if not params.has("icon_custom_emoji_id"):
        return None
    number = params.integer("icon_custom_emoji_id")
    return str(number) if number else ""


def _edit(world: World, chat: Chat, topic: Topic, params: Params, icon_id: str | None) -> bool:
    """To ask for no change is no fault; to ask for what is so already is one."""
    name = _name(params)
    if params.text("name") and not name:
        raise bad_request("name must be non-empty")
    if name or icon_id is not None:
        check_reachable(world, chat)
        forums.edit(world, chat, topic, world.bot.id, name=name, icon_id=icon_id)
    return True


def _toggle(world: World, chat: Chat, topic: Topic, *, closed: bool) -> bool:
    _require_own(chat, topic, world, CLOSE_TOPIC)
    forums.set_closed(world, chat, topic, world.bot.id, closed)
    return True


def _hide(world: World, params: Params, *, hidden: bool) -> bool:
    chat = _forum(world, params, in_group=True)
    require(chat, CLOSE_TOPIC)
    forums.set_hidden(world, chat, _general(chat), world.bot.id, hidden)
    return True


METHODS = {
    "getForumTopicIconStickers": get_icon_stickers,
    "createForumTopic": create_topic,
    "editForumTopic": edit_topic,
    "closeForumTopic": close_topic,
    "reopenForumTopic": reopen_topic,
    "deleteForumTopic": delete_topic,
    "unpinAllForumTopicMessages": unpin_topic,
    "editGeneralForumTopic": edit_general_topic,
    "closeGeneralForumTopic": close_general_topic,
    "reopenGeneralForumTopic": reopen_general_topic,
    "hideGeneralForumTopic": hide_general_topic,
    "unhideGeneralForumTopic": unhide_general_topic,
    "unpinAllGeneralForumTopicMessages": unpin_general_topic,
}
