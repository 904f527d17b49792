"""Forum topics: their icons, what becomes of them, and who may write in them.

A topic has the number of the message that tells of it. The General one of a group is always there;
its messages have no thread.
"""

from .errors import bad_request
from .groups import announce, migrate
from .params import as_integer, as_text
from .rights import CREATE_TOPIC, DELETE_TOPIC, manages_topics, rights_of
from .state import GENERAL_TOPIC_ID, TOPIC_COLOR, Body, Chat, ChatType, Message, Topic
from .world import World

MAX_NAME = 128
IMPLICIT_NAME = "New Thread"  # of a topic to which a person gave none
COLORS = (TOPIC_COLOR, 16766590, 13338331, 9367192, 16749490, 16478047)
MAX_OWN_MESSAGES = 11  # a topic of no more, all of its creator's, may be deleted by him

# The icons that are everybody's, as Telegram has them; their numbers are the sandbox's own.
_EMOJI = """
    📰 💡 ⚡️ 🎙 🔝 🗣 🆒 ❗️ 📝 📆 📁 🔎 📣 🔥 ❤️ ❓ 📈 📉 💎 💰 💸 🪙 💱 ⁉️
    🎮 💻 📱 🚗 🏠 💘 🎉 ‼️ 🏆 🏁 🎬 🎵 🔞 📚 👑 ⚽️ 🏀 📺 👀 🫦 🍓 💄 👠 ✈️
    🧳 🏖 ⛅️ 🦄 🛍 👜 🛒 🚂 🛥 🏔 🏕 🤖 🪩 🎟 🏴‍☠️ 🗳 🎓 🔭 🔬 🎶 🎤 🕺 💃 🪖
    💼 🧪 👨‍👩‍👧‍👦 👶 🤰 💅 🏛 🧮 🖨 👮‍♂️ 🩺 💊 💉 🧼 🪪 🛃 🍽 🐟 🎨 🎭 🎩 🔮 🍹 🎂
    ☕️ 🍣 🍔 🍕 🦠 💬 🎄 🎃 ✍️ ⭐️ ✅ 🎖 🤡 🧠 🦮 🐱
"""
_FIRST_ICON = 5_400_000_000_000_000_001
ICONS = {str(_FIRST_ICON + index): emoji for index, emoji in enumerate(_EMOJI.split())}


def is_forum(world: World, chat: Chat) -> bool:
    """A private chat has topics if the bot's owner wanted that, a group if its owner did."""
    return world.settings.has_topics_enabled if chat.is_private else chat.is_forum


def topic_of(chat: Chat, topic_id: int) -> Topic | None:
    return general_of(chat) if topic_id == GENERAL_TOPIC_ID else chat.topics.get(topic_id)


def topics_of(world: World, chat: Chat) -> list[Topic]:
    """All of them, the General one first."""
    if not is_forum(world, chat):
        return []
    general = general_of(chat)
    others = [topic for topic in chat.topics.values() if topic is not general]
    return [general, *others] if general else others


def general_of(chat: Chat) -> Topic | None:
    if chat.is_private:
        return None
    return chat.topics.setdefault(GENERAL_TOPIC_ID, Topic(GENERAL_TOPIC_ID, "General"))


def find_topic(chat: Chat, topic_id: int) -> Topic:
    """:raises ApiError: 400."""
    topic = topic_of(chat, topic_id)
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def thread_of(message: Message | None) -> int:
    """The topic in which a message stands; 0 for the General one, or none."""
    return int(message.body.get("message_thread_id", 0)) if message else 0


def messages_of(chat: Chat, topic: Topic) -> list[Message]:
    thread_id = _thread_id(topic)
    return [message for message in chat.messages.values() if thread_of(message) == thread_id]


def _thread_id(topic: Topic) -> int:
    return 0 if topic.id == GENERAL_TOPIC_ID else topic.id


def may_change(world: World, chat: Chat, topic: Topic, user_id: int) -> bool:
    """Whether somebody may change and close it, and write in it once it is closed."""
    if chat.is_private:
        return _is_allowed_in_private(world, user_id)
    return topic.author == user_id or manages_topics(world.member(chat, user_id))


def _is_allowed_in_private(world: World, user_id: int) -> bool:
    return user_id == world.bot.id or world.settings.allows_users_to_create_topics


def may_create(world: World, chat: Chat, user_id: int) -> bool:
    if chat.is_private:
        return _is_allowed_in_private(world, user_id)
    return CREATE_TOPIC.right in _rights(world, chat, user_id)


def may_delete(world: World, chat: Chat, topic: Topic, user_id: int) -> bool:
    if topic.id == GENERAL_TOPIC_ID:
        return False
    if chat.is_private:
        return _is_allowed_in_private(world, user_id)
    if DELETE_TOPIC.right in _rights(world, chat, user_id):
        return True
    return topic.author == user_id and _is_small_and_own(chat, topic)


def _is_small_and_own(chat: Chat, topic: Topic) -> bool:
    messages = messages_of(chat, topic)
    own = all(message.author == topic.author for message in messages)
    return own and len(messages) <= MAX_OWN_MESSAGES


def _rights(world: World, chat: Chat, user_id: int) -> frozenset[str]:
    return rights_of(chat, world.member(chat, user_id), is_bot=user_id == world.bot.id)


def check_open(world: World, chat: Chat, thread_id: int, user_id: int) -> None:
    """:raises ApiError: 400 when somebody may not write in a topic because it is closed."""
    topic = topic_of(chat, thread_id or GENERAL_TOPIC_ID)
    if not is_forum(world, chat) or topic is None or not topic.closed:
        return
    if not may_change(world, chat, topic, user_id):
        raise bad_request("TOPIC_CLOSED")


def open_topic(
    world: World,
    chat: Chat,
    actor_id: int,
    name: str,
    *,
    color: int = TOPIC_COLOR,
    icon_id: str = "",
    is_name_implicit: bool = False,
) -> Topic:
    """:raises ApiError: 400 for an icon that there is not."""
    _check_icon(icon_id)
    wanted = Topic(0, name, color, icon_id, author=actor_id, is_name_implicit=is_name_implicit)
    wanted.id = announce(world, chat, actor_id, {"forum_topic_created": wanted.told()})
    chat.topics[wanted.id] = wanted
    return wanted


def edit(
    world: World, chat: Chat, topic: Topic, actor_id: int, *, name: str, icon_id: str | None
) -> None:
    """Change the name, unless it is empty, and the icon, unless it is ``None``.

    :raises ApiError: 400 when nothing would change, or into an icon that cannot be.
    """
    if icon_id is not None and topic.id == GENERAL_TOPIC_ID:
        raise bad_request("GENERAL_MODIFY_ICON_FORBIDDEN")
    _check_icon(icon_id or "")
    changed: Body = {}
    if name and (name != topic.name or topic.is_name_implicit):
        changed["name"] = topic.name = name
        topic.is_name_implicit = False
    if icon_id is not None and icon_id != topic.icon_id:
        changed["icon_custom_emoji_id"] = topic.icon_id = icon_id
    if not changed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    _announce(world, chat, topic, actor_id, {"forum_topic_edited": changed})


def open_by_person(world: World, chat: Chat, person_id: int, wish: Body) -> Topic:
    """``name``, ``icon_color`` and ``icon_custom_emoji_id``; in a private chat also without a name.

    :raises ApiError: 400.
    """
    name = as_text(wish.get("name")).strip()[:MAX_NAME]
    if not name and not chat.is_private:
        raise bad_request("name must be non-empty")
    return open_topic(
        world,
        chat,
        person_id,
        name or IMPLICIT_NAME,
        color=as_integer(wish.get("icon_color")) or TOPIC_COLOR,
        icon_id=as_text(wish.get("icon_custom_emoji_id")),
        is_name_implicit=not name,
    )


def change(world: World, chat: Chat, topic: Topic, person_id: int, wish: Body) -> None:
    """Whatever is given of ``name``, ``icon_custom_emoji_id``, ``is_closed`` and ``is_hidden``.

    :raises ApiError: 400.
    """
    if chat.is_private and wish.keys() & {"is_closed", "is_hidden"}:
        raise bad_request("the chat is not a supergroup forum")
    name = as_text(wish.get("name")).strip()[:MAX_NAME]
    icon_id = as_text(wish["icon_custom_emoji_id"]) if "icon_custom_emoji_id" in wish else None
    if name or icon_id is not None:
        edit(world, chat, topic, person_id, name=name, icon_id=icon_id)
    if "is_closed" in wish:
        set_closed(world, chat, topic, person_id, bool(wish["is_closed"]))
    if "is_hidden" in wish:
        set_hidden(world, chat, topic, person_id, bool(wish["is_hidden"]))


def set_closed(world: World, chat: Chat, topic: Topic, actor_id: int, closed: bool) -> None:
    """What is opened again is no longer hidden.

    :raises ApiError: 400 when it is so already.
    """
    if topic.closed is closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    topic.hidden = topic.hidden and closed
    kind = "forum_topic_closed" if closed else "forum_topic_reopened"
    _announce(world, chat, topic, actor_id, {kind: {}})


def set_hidden(world: World, chat: Chat, topic: Topic, actor_id: int, hidden: bool) -> None:
    """What is hidden is closed too, and stays so when it is shown again.

    :raises ApiError: 400 for any but the General topic, and when it is so already.
    """
    if topic.id != GENERAL_TOPIC_ID:
        raise bad_request("NOGENERAL_HIDE_FORBIDDEN")
    if topic.hidden is hidden:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.hidden = hidden
    topic.closed = topic.closed or hidden
    kind = "general_forum_topic_hidden" if hidden else "general_forum_topic_unhidden"
    _announce(world, chat, topic, actor_id, {kind: {}})


def delete(world: World, chat: Chat, topic: Topic) -> None:
    """A topic goes with its messages, of which the bot is not told."""
    for message in messages_of(chat, topic):
        world.delete(chat, message)
    del chat.topics[topic.id]
    world.tell_chat(chat)


def unpin_all(chat: Chat, topic: Topic) -> None:
    unpinned = {message.id for message in messages_of(chat, topic)}
    chat.pinned = [pinned for pinned in chat.pinned if pinned not in unpinned]


def set_forum(world: World, chat: Chat, on: bool) -> Chat:
    """Turn topics on or off, of which the bot is not told; only its next update shows it.

    A basic group becomes a supergroup for that. Topics that are out of sight come back later.

    :raises ApiError: 400 for a chat that cannot have them.
    """
    if chat.type is ChatType.GROUP and on:
        chat = migrate(world, chat)
    if chat.type is not ChatType.SUPERGROUP:
        raise bad_request("forums can be enabled in supergroups only")
    chat.is_forum = on
    world.tell_chat(chat)
    return chat


def _check_icon(icon_id: str) -> None:
    if icon_id and icon_id not in ICONS:
        raise bad_request("DOCUMENT_INVALID")


def _announce(world: World, chat: Chat, topic: Topic, actor_id: int, content: Body) -> None:
    announce(world, chat, actor_id, content, _thread_id(topic))
