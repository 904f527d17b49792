"""What people, and tests by their hand, do to topics, and what they see of them."""

from typing import Any

from aiohttp import web

from . import forums, groups
from .errors import ApiError
from .params import read_params
from .rights import CLOSE_TOPIC, CREATE_TOPIC, DELETE_TOPIC, EDIT_TOPIC
from .state import GENERAL_TOPIC_ID, Body, Chat, ChatType, Person, Status, Topic
from .web import respond
from .world import World

NOT_FORUM = "the chat is not a forum"
NOT_OWNER = "not enough rights to convert the group to a forum"
NOT_IN_PRIVATE = "BOT_FORUM_CREATE_FORBIDDEN"
_CHANGES = {"name", "icon_custom_emoji_id", "is_closed", "is_hidden"}


class Topics:
    """The same deeds twice: of a person with his rights, and of a test as the group's creator.

    A topic that goes or closes under a bot's feet is one of them; the bot is not told of the first.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/client/topic_icons", self.list_icons),
            *self._deeds(r"/client/people/{uid:\d+}/chats/{cid:-?\d+}"),
            *self._deeds(r"/control/chats/{cid:-?\d+}"),
        ]

    def _deeds(self, chat: str) -> list[web.RouteDef]:
        return [
            web.post(chat + "/forum", self.set_forum),
            web.post(chat + "/topics", self.open),
            web.post(chat + r"/topics/{tid:\d+}", self.change),
            web.post(chat + r"/topics/{tid:\d+}/delete", self.delete),
        ]

    async def list_icons(self, request: web.Request) -> web.Response:
        return respond(forums.ICONS)

    async def set_forum(self, request: web.Request) -> web.Response:
        """Topics on or off, by ``is_forum``; a basic group gets a new id for that."""
        chat, actor_id = self._place(request)
        if "uid" in request.match_info and chat.member(actor_id).status is not Status.CREATOR:
            raise ApiError(403, NOT_OWNER)
        wanted = (await read_params(request)).boolean("is_forum")
        chat = forums.set_forum(self._world, chat, wanted)
        return respond({"id": chat.id, "is_forum": chat.is_forum})

    async def open(self, request: web.Request) -> web.Response:
        """``name``, ``icon_color`` and ``icon_custom_emoji_id``."""
        chat, actor_id = self._forum(request)
        self._require(request, forums.may_create(self._world, chat, actor_id), CREATE_TOPIC.refusal)
        wish = await _wish(request, {"name", "icon_color", "icon_custom_emoji_id"})
        return respond(forums.open_by_person(self._world, chat, actor_id, wish).body())

    async def change(self, request: web.Request) -> web.Response:
        """Any of ``name``, ``icon_custom_emoji_id``, ``is_closed`` and ``is_hidden``."""
        chat, actor_id, topic = self._topic(request)
        wish = await _wish(request, _CHANGES)
        refusal = CLOSE_TOPIC.refusal if "is_closed" in wish else EDIT_TOPIC.refusal
        may = forums.may_change(self._world, chat, topic, actor_id)
        self._require(request, may, refusal)
        forums.change(self._world, chat, topic, actor_id, wish)
        return respond(topic_state(topic))

    async def delete(self, request: web.Request) -> web.Response:
        chat, actor_id, topic = self._topic(request)
        may = forums.may_delete(self._world, chat, topic, actor_id)
        self._require(request, may, DELETE_TOPIC.refusal)
        if topic.id == GENERAL_TOPIC_ID:
            raise ApiError(400, "the General topic cannot be deleted")
        forums.delete(self._world, chat, topic)
        return respond({"ok": True})

    def _require(self, request: web.Request, may: bool, refusal: str) -> None:
        """A test may all that the creator may, also where there is none."""
        if "uid" not in request.match_info or may:
            return
        is_private = int(request.match_info["cid"]) > 0
        raise ApiError(403, NOT_IN_PRIVATE if is_private else refusal)

    def _place(self, request: web.Request) -> tuple[Chat, int]:
        chat = self._world.chats.get(int(request.match_info["cid"]))
        if chat is None:
            raise ApiError(404, "no such chat")
        if "uid" not in request.match_info:
            return chat, groups.actor(self._world, chat)
        person_id = int(request.match_info["uid"])
        if person_id not in chat.audience():
            raise ApiError(404, "no such chat")
        return chat, person_id

    def _forum(self, request: web.Request) -> tuple[Chat, int]:
        chat, actor_id = self._place(request)
        if not forums.is_forum(self._world, chat):
            raise ApiError(400, NOT_FORUM)
        return chat, actor_id

    def _topic(self, request: web.Request) -> tuple[Chat, int, Topic]:
        chat, actor_id = self._forum(request)
        topic = forums.topic_of(chat, int(request.match_info["tid"]))
        if topic is None:
            raise ApiError(404, "no such topic")
        return chat, actor_id, topic


async def _wish(request: web.Request, known: set[str]) -> dict[str, Any]:
    wish = (await read_params(request)).args
    if strange := wish.keys() - known:
        raise ApiError(400, f"unknown: {', '.join(sorted(strange))}")
    return wish


def topic_state(topic: Topic) -> Body:
    """A topic as tests see it."""
    return topic.body() | {"is_closed": topic.closed, "is_hidden": topic.hidden}


def topics_view(world: World, person: Person, chat: Chat) -> Body:
    """What the page knows of the topics of a chat, with what one person may do to them."""
    is_owner = chat.member(person.id).status is Status.CREATOR
    return {
        "is_forum": forums.is_forum(world, chat),
        "topics": [_row(world, person, chat, topic) for topic in forums.topics_of(world, chat)],
        "may_create_topics": forums.may_create(world, chat, person.id),
        "may_switch_topics": is_owner and chat.type is not ChatType.CHANNEL,
    }


def _row(world: World, person: Person, chat: Chat, topic: Topic) -> Body:
    may_change = forums.may_change(world, chat, topic, person.id)
    return topic_state(topic) | {
        "icon": forums.ICONS.get(topic.icon_id, ""),
        "is_general": topic.id == GENERAL_TOPIC_ID,
        "may_change": may_change,
        "may_delete": forums.may_delete(world, chat, topic, person.id),
        "may_write": may_change or not topic.closed,
    }
