"""Forum topics."""

from sandbox import groups
from sandbox.errors import bad_request
from sandbox.params import Params
from sandbox.rights import CLOSE_TOPIC, CREATE_TOPIC, DELETE_TOPIC, EDIT_TOPIC, Need, require
from sandbox.state import GENERAL_TOPIC_ID, TOPIC_COLOR, Body, Chat, Topic
from sandbox.world import World

from .access import Access, find_chat

MAX_NAME = 128


async def create_topic(world: World, params: Params) -> Body:
    chat = _forum(world, params)
    require(chat, CREATE_TOPIC)
    name = _name(params)
    color = params.integer("icon_color") or TOPIC_COLOR
    return groups.open_topic(world, chat, name, world.bot.id, color).body()


async def edit_topic(world: World, params: Params) -> bool:
    chat, topic = _topic(world, params)
    _require_own(chat, topic, EDIT_TOPIC)
    return _rename(world, chat, topic, params)


async def edit_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params)
    require(chat, EDIT_TOPIC)
    return _rename(world, chat, _general(chat), params)


async def close_topic(world: World, params: Params) -> bool:
    chat, topic = _topic(world, params)
    return _toggle(world, chat, topic, closed=True)


async def reopen_topic(world: World, params: Params) -> bool:
    chat, topic = _topic(world, params)
    return _toggle(world, chat, topic, closed=False)


async def close_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params)
    return _toggle(world, chat, _general(chat), closed=True)


async def reopen_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params)
    return _toggle(world, chat, _general(chat), closed=False)


async def hide_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params)
    return _hide(world, chat, hidden=True)


async def unhide_general_topic(world: World, params: Params) -> bool:
    chat = _forum(world, params)
    return _hide(world, chat, hidden=False)


async def delete_topic(world: World, params: Params) -> bool:
    """A topic goes with its messages."""
    chat, topic = _topic(world, params)
    _require_own(chat, topic, DELETE_TOPIC)
    del chat.topics[topic.id]
    for message in list(chat.messages.values()):
        if topic.id in (message.id, message.body.get("message_thread_id")):
            world.delete(chat, message)
    return True


def _forum(world: World, params: Params) -> Chat:
    chat = find_chat(world, params, Access.WRITE)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    return chat


def _general(chat: Chat) -> Topic:
    return chat.topics.setdefault(GENERAL_TOPIC_ID, Topic(GENERAL_TOPIC_ID, "General"))


def _topic(world: World, params: Params) -> tuple[Chat, Topic]:
    chat = _forum(world, params)
    topic = chat.topics.get(params.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return chat, topic


def _require_own(chat: Chat, topic: Topic, need: Need) -> None:
    """A topic that the bot made is its own, whatever rights it has now."""
    if not topic.by_bot:
        require(chat, need)


def _name(params: Params) -> str:
    name = params.text("name").strip()[:MAX_NAME]
    if not name:
        raise bad_request("name must be non-empty")
    return name


def _rename(world: World, chat: Chat, topic: Topic, params: Params) -> bool:
    name = params.text("name").strip()[:MAX_NAME] or topic.name
    if name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    _announce(world, chat, {"forum_topic_edited": {"name": name}}, topic.id)
    return True


def _toggle(world: World, chat: Chat, topic: Topic, *, closed: bool) -> bool:
    _require_own(chat, topic, CLOSE_TOPIC)
    if topic.closed is closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    kind = "forum_topic_closed" if closed else "forum_topic_reopened"
    _announce(world, chat, {kind: {}}, topic.id)
    return True


def _hide(world: World, chat: Chat, *, hidden: bool) -> bool:
    require(chat, CLOSE_TOPIC)
    general = _general(chat)
    if general.hidden is hidden:
        raise bad_request("TOPIC_NOT_MODIFIED")
    general.hidden = hidden
    kind = "general_forum_topic_hidden" if hidden else "general_forum_topic_unhidden"
    _announce(world, chat, {kind: {}})
    return True


def _announce(world: World, chat: Chat, content: Body, thread_id: int = 0) -> None:
    thread = 0 if thread_id == GENERAL_TOPIC_ID else thread_id
    groups.announce(world, chat, world.bot.id, content, thread)


METHODS = {
    "createForumTopic": create_topic,
    "editForumTopic": edit_topic,
    "closeForumTopic": close_topic,
    "reopenForumTopic": reopen_topic,
    "deleteForumTopic": delete_topic,
    "editGeneralForumTopic": edit_general_topic,
    "closeGeneralForumTopic": close_general_topic,
    "reopenGeneralForumTopic": reopen_general_topic,
    "hideGeneralForumTopic": hide_general_topic,
    "unhideGeneralForumTopic": unhide_general_topic,
}
