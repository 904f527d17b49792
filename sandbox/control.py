"""The control API: the hand of a test or of the demo on the sandbox."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

from aiohttp import web

from . import forums, groups
from .delivery import Outcome, Webhook
from .errors import ApiError
from .limits import BOT
from .params import Upload, as_integer, as_text
from .rights import ADMINISTRATION, ANONYMOUS, GROUP_ADMINISTRATOR
from .state import (
    CREATOR,
    MEMBER,
    PERMISSIONS,
    Body,
    Chat,
    ChatType,
    Member,
    Message,
    Person,
    Status,
)
from .topics import topic_state
from .web import respond
from .world import World, snapshot

# The least PNG there is of which a size can be read.
_POINT = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01"

Act = Callable[[Chat, Body], Body]


class ControlApi:
    def __init__(self, world: World, webhook: Webhook) -> None:
        self._world = world
        self._webhook = webhook

    def routes(self) -> list[web.RouteDef]:
        chat = r"/control/chats/{cid:-?\d+}"
        return [
            web.get("/control/health", self.health),
            web.post("/control/people", self.put_people),
            web.post(r"/control/people/{uid:\d+}/deactivate", self.deactivate),
            web.post("/control/groups", self.put_groups),
            web.get("/control/chats", self.list_chats),
            web.get(chat, self.show_chat),
            web.post(chat + "/migrate", self._on_chat(self._migrate)),
            web.post(chat + "/kick", self._on_chat(self._kick)),
            web.post(chat + "/members", self._on_chat(self._put_member)),
            web.post(chat + "/permissions", self._on_chat(self._set_permissions)),
            web.post(chat + "/title", self._on_chat(self._set_title)),
            web.post(chat + "/photo", self._on_chat(self._set_photo)),
            web.post(chat + "/pin", self._on_chat(self._pin)),
            web.post(chat + "/delete_message", self._on_chat(self._delete_message)),
            web.post(chat + "/age", self._on_chat(self._age)),
            web.post("/control/faults", self.plan_fault),
            web.get("/control/faults", self.list_faults),
            web.delete("/control/faults", self.drop_faults),
            web.post("/control/flood", self.start_flood),
            web.get("/control/calls", self.list_calls),
            web.delete("/control/calls", self.drop_calls),
            web.post("/control/updates", self.send_update),
            web.get("/control/deliveries", self.list_deliveries),
            web.get("/control/settings", self.show_settings),
            web.post("/control/settings", self.change_settings),
            web.post("/control/reset", self.reset),
        ]

    async def health(self, request: web.Request) -> web.Response:
        return respond({"ok": True})

    async def put_people(self, request: web.Request) -> web.Response:
        """People; with ``bot_started`` as if they had pressed Start, of which the bot is not told.

        Whoever is known is changed by what is given.
        """
        for item in _items(await _body(request)):
            self._put_person(item)
        return respond({"ok": True})

    async def put_groups(self, request: web.Request) -> web.Response:
        """Groups and channels. ``bot_rights`` makes the bot an administrator, ``true`` of all.

        The first of the ``members`` is the creator.
        """
        for item in _items(await _body(request)):
            self._put_group(item)
        return respond({"ok": True})

    async def deactivate(self, request: web.Request) -> web.Response:
        person = self._world.people.get(int(request.match_info["uid"]))
        if person is None:
            raise ApiError(404, "no such person")
        person.deactivated = True
        return respond({"ok": True})

    async def list_chats(self, request: web.Request) -> web.Response:
        return respond([_chat_head(chat) for chat in self._world.chats.values()])

    async def show_chat(self, request: web.Request) -> web.Response:
        """A chat with all that was said: ``messages`` are public, ``ephemerals`` are not."""
        chat = self._chat(request)
        messages = [_with_history(message) for message in chat.messages.values()]
        ephemeral = [_with_loss(message) for message in chat.ephemerals.values()]
        shown = {"messages": messages, "ephemerals": ephemeral, "deleted": chat.deleted}
        topics = [topic_state(topic) for topic in forums.topics_of(self._world, chat)]
        return respond(_chat_head(chat) | shown | {"topics": topics})

    async def plan_fault(self, request: web.Request) -> web.Response:
        try:
            fault = self._world.faults.plan(await _object(request))
        except (ValueError, TypeError) as error:
            raise ApiError(400, str(error)) from None
        return respond({"id": fault.id})

    async def list_faults(self, request: web.Request) -> web.Response:
        planned = self._world.faults.planned
        return respond([{n: getattr(f, n) for n in f.__slots__} for f in planned])

    async def drop_faults(self, request: web.Request) -> web.Response:
        self._world.faults.planned.clear()
        return respond({"ok": True})

    async def start_flood(self, request: web.Request) -> web.Response:
        """Refuse with 429 for ``seconds``, in the chat ``chat_id`` or, without one, in all."""
        body = await _object(request)
        seconds = body.get("seconds")
        if not isinstance(seconds, int | float) or seconds <= 0:
            raise ApiError(400, "seconds must be a positive number")
        self._world.flood.start(as_integer(body.get("chat_id")) or BOT, seconds)
        return respond({"ok": True})

    async def list_calls(self, request: web.Request) -> web.Response:
        query = request.query
        since = as_integer(query.get("since"))
        calls = self._world.journal.find(query.get("method", ""), query.get("chat_id", ""), since)
        return respond([call.as_json() for call in calls])

    async def drop_calls(self, request: web.Request) -> web.Response:
        self._world.journal.calls.clear()
        return respond({"ok": True})

    async def send_update(self, request: web.Request) -> web.Response:
        """Deliver an update at once, past the queue, as often as asked and all at the same time."""
        body = await _object(request)
        update = body.get("update")
        if not isinstance(update, dict):
            raise ApiError(400, "update must be an object")
        update_id = body.get("update_id") or self._world.updates.next_id()
        whole = {"update_id": update_id, **update}
        copies = (self._webhook.post(whole) for _ in range(body.get("copies", 1)))
        outcomes: list[Outcome] = await asyncio.gather(*copies)
        return respond(
            {
                "update_id": update_id,
                "statuses": [outcome.status or outcome.error for outcome in outcomes],
                "bodies": [outcome.body for outcome in outcomes],
            }
        )

    async def list_deliveries(self, request: web.Request) -> web.Response:
        since = as_integer(request.query.get("since"))
        return respond([entry for entry in self._webhook.deliveries if entry["seq"] > since])

    async def show_settings(self, request: web.Request) -> web.Response:
        return respond(self._world.settings.as_json())

    async def change_settings(self, request: web.Request) -> web.Response:
        try:
            self._world.settings.change(await _object(request))
        except (ValueError, AttributeError) as error:
            raise ApiError(400, str(error)) from None
        for chat in self._world.chats.values():
            self._world.tell_chat(chat)
        return respond(self._world.settings.as_json())

    async def reset(self, request: web.Request) -> web.Response:
        """What was said and done is forgotten, and with ``webhook`` the one that was set too."""
        forgets_webhook = (await _object(request)).get("webhook")
        self._world.forget()
        if forgets_webhook:
            self._webhook.stop()
        else:
            self._webhook.restart()
        self._webhook.deliveries.clear()
        return respond({"ok": True})

    def _chat(self, request: web.Request) -> Chat:
        chat = self._world.chats.get(int(request.match_info["cid"]))
        if chat is None:
            raise ApiError(404, "no such chat")
        return chat

    def _on_chat(self, act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            return respond(act(self._chat(request), await _object(request)))

        return handle

    def _migrate(self, chat: Chat, body: Body) -> Body:
        return {"new_chat_id": groups.migrate(self._world, chat).id}

    def _kick(self, chat: Chat, body: Body) -> Body:
        groups.kick_bot(self._world, chat)
        return {"ok": True}

    def _put_member(self, chat: Chat, body: Body) -> Body:
        """Somebody, or the bot, gets another place in the chat from its creator."""
        user_id = body.get("user_id", self._world.bot.id)
        if user_id != self._world.bot.id and user_id not in self._world.people:
            raise ApiError(404, "no such person")
        # Who comes or goes does so himself; all else is done to him.
        by_himself = body.get("status") in ("left", "member") and user_id in self._world.people
        actor_id = user_id if by_himself else groups.actor(self._world, chat)
        groups.set_member(self._world, chat, user_id, _placed(chat, body), actor_id)
        return groups.member_body(self._world, chat, user_id)

    def _set_permissions(self, chat: Chat, body: Body) -> Body:
        """What everybody may do from now on: all but what is in the list ``without``."""
        taken = _names(body.get("without"), PERMISSIONS)
        groups.set_permissions(self._world, chat, frozenset(PERMISSIONS) - set(taken))
        return {"permissions": sorted(chat.permissions)}

    def _set_title(self, chat: Chat, body: Body) -> Body:
        title = as_text(body.get("title"))
        groups.set_title(self._world, chat, title, groups.actor(self._world, chat))
        return {"ok": True}

    def _set_photo(self, chat: Chat, body: Body) -> Body:
        """A picture of one point."""
        photo = self._world.files.add("photo", Upload("photo.png", "image/png", _POINT)).media()
        groups.set_photo(self._world, chat, photo, groups.actor(self._world, chat))
        return {"ok": True}

    def _pin(self, chat: Chat, body: Body) -> Body:
        message = self._message(chat, body)
        groups.pin(self._world, chat, message, groups.actor(self._world, chat))
        return {"ok": True}

    def _message(self, chat: Chat, body: Body) -> Message:
        message = chat.messages.get(as_integer(body.get("message_id")))
        if message is None:
            raise ApiError(404, "no such message")
        return message

    def _delete_message(self, chat: Chat, body: Body) -> Body:
        self._world.delete(chat, self._message(chat, body))
        return {"ok": True}

    def _age(self, chat: Chat, body: Body) -> Body:
        """All that stands there becomes so many ``seconds`` older."""
        for message in chat.messages.values():
            message.body = {
                **message.body,
                "date": message.body["date"] - as_integer(body["seconds"]),
            }
        return {"ok": True}

    def _put_person(self, item: Body) -> None:
        if not isinstance(item.get("id"), int) or not item.get("first_name"):
            raise ApiError(400, "a person needs an integer id and a first_name")
        names = (
            "id", "first_name", "last_name", "username", "language_code", "is_bot", "bot_started",
        )  # fmt: skip
        given = {name: item[name] for name in names if item.get(name)}
        known = self._world.people.get(item["id"])
        if known is None:
            self._world.add_person(Person(**given))
            return
        for name, value in given.items():
            setattr(known, name, value)

    def _put_group(self, item: Body) -> None:
        members = item.get("members", [])
        if not isinstance(item.get("id"), int) or item["id"] >= 0 or not item.get("title"):
            raise ApiError(400, "a group needs a negative integer id and a title")
        if strangers := [member for member in members if member not in self._world.people]:
            raise ApiError(400, f"unknown members: {strangers}")
        try:
            chat_type = ChatType(item.get("type") or _guess_type(item))
        except ValueError:
            raise ApiError(400, "type must be group, supergroup or channel") from None
        wanted = Chat(item["id"], chat_type, item["title"], bool(item.get("is_forum")))
        wanted.members = {key: CREATOR if key == members[0] else MEMBER for key in members}
        wanted.bot = _bot_of(wanted, item)
        groups.put_group(self._world, wanted)


def _bot_of(chat: Chat, item: Body) -> Member:
    """The bot's place in a new group; a channel has bots as administrators only."""
    rights = item.get("bot_rights")
    if rights is None and chat.type is not ChatType.CHANNEL:
        return MEMBER
    if rights is None:
        rights = ["can_post_messages"]
    return _administrator(chat, rights)


def _placed(chat: Chat, body: Body) -> Member:
    """A place in a chat, by the names of the Bot API's ChatMember.

    ``rights`` are those of an administrator, ``true`` for all; ``without`` those that a restricted
    member lost.
    """
    try:
        status = Status(body.get("status", ""))
    except ValueError:
        raise ApiError(400, f"status must be one of {', '.join(Status)}") from None
    until = as_integer(body.get("until_date"))
    if status is Status.ADMINISTRATOR:
        return replace(_administrator(chat, body.get("rights", True)), title=body.get("title", ""))
    if status is Status.RESTRICTED:
        left = frozenset(PERMISSIONS) - set(_names(body.get("without"), PERMISSIONS))
        return Member(status, left, until)
    return Member(status, until=until, is_in=status not in (Status.LEFT, Status.KICKED))


def _administrator(chat: Chat, rights: Any) -> Member:
    """An administrator with the rights named, ``true`` for all that exist in such a chat."""
    known = {*ADMINISTRATION[chat.type], ANONYMOUS}
    if rights is True:
        given = GROUP_ADMINISTRATOR if chat.type is ChatType.GROUP else known - {ANONYMOUS}
    else:
        given = frozenset(_names(rights, known))
    return Member(Status.ADMINISTRATOR, frozenset(given) | {"can_manage_chat"})


def _names(values: Any, known: Collection[str]) -> list[str]:
    """:raises ApiError: 400 for anything but a list of known names."""
    if not isinstance(values, list) or not set(known).issuperset(values):
        raise ApiError(400, f"a list of these is expected: {', '.join(sorted(known))}")
    return values


def _guess_type(item: Body) -> str:
    return "supergroup" if item.get("is_forum") else "group"


def _items(body: Any) -> list[Body]:
    items = body if isinstance(body, list) else [body]
    if not all(isinstance(item, dict) for item in items):
        raise ApiError(400, "an object or a list of objects is expected")
    return items


async def _body(request: web.Request) -> Any:
    if not request.body_exists:
        return {}
    try:
        return await request.json()
    except ValueError:
        raise ApiError(400, "the body is not JSON") from None


async def _object(request: web.Request) -> Body:
    body = await _body(request)
    if not isinstance(body, dict):
        raise ApiError(400, "an object is expected")
    return body


def _chat_head(chat: Chat) -> Body:
    return {
        "id": chat.id,
        "type": str(chat.type),
        "title": chat.title,
        "is_forum": chat.is_forum,
        "members": chat.present,
        "bot_status": str(chat.bot.now().status),
        "permissions": sorted(chat.permissions),
        "migrated_to": chat.migrated_to or None,
        "pinned": chat.pinned,
    }


def _with_loss(message: Message) -> Body:
    return _with_history(message) | {"is_lost": message.is_lost}


def _with_history(message: Message) -> Body:
    keyboard = {"reply_markup": message.markup} if message.markup else {}
    history = [*message.history, snapshot(message)]
    return message.body | keyboard | {"edits": len(message.history), "history": history}
