"""The Person API: what a messenger app does on behalf of one person."""

import asyncio
import contextlib
from typing import Any

from aiohttp import web

from . import commands, ephemerals, groups, people, presses
from .errors import ApiError
from .hub import Listener
from .params import Params, as_integer, as_text, read_params
from .queries import Query, answer_of
from .rich.plain import headline
from .rights import rights_of
from .state import (
    Body,
    Chat,
    Message,
    Person,
    Status,
)
from .topics import topics_view
from .views import message_view
from .web import respond
from .world import World

PRESS_SECONDS = 20.0
INLINE_SECONDS = 10.0
PING_SECONDS = 15.0
# The kind of an upload, by its name.
_FILES = {"file": "document"} | {kind: kind for kind in ("photo", "video", "voice", "audio")}


class ClientApi:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        person = r"/client/people/{uid:\d+}"
        chat = person + r"/chats/{cid:-?\d+}"
        return [
            web.get("/client/people", self.list_people),
            web.get(person + "/chats", self.list_chats),
            web.get(chat + "/messages", self.list_messages),
            web.post(chat + "/messages", self.send_message),
            web.get(chat + "/commands", self.list_commands),
            web.post(chat + r"/messages/{mid:\d+}", self.edit_message),
            web.post(chat + r"/messages/{mid:\d+}/forward", self.forward_message),
            web.post(chat + r"/messages/{mid:\d+}/react", self.react),
            web.post(chat + "/press", self.press),
            web.post(person + "/inline", self.inline),
            web.post(person + "/inline/choose", self.choose),
            web.post(person + "/start", self.start),
            web.post(person + "/block", self.block),
            web.post(person + "/unblock", self.unblock),
            web.get("/client/events", self.events),
            web.get("/client/files/{unique_id}/{name}", self.file),
        ]

    async def list_people(self, request: web.Request) -> web.Response:
        names = ("language_code", "last_name", "username")
        return respond(
            [
                person.user()
                | {name: getattr(person, name) for name in names}
                | {"bot_started": person.bot_started, "bot_blocked": self._blocked(person)}
                for person in self._world.people.values()
            ]
        )

    async def list_chats(self, request: web.Request) -> web.Response:
        person = self._person(request)
        chats = self._world.chats.values()
        mine = [chat for chat in chats if person.id in chat.audience() and not chat.migrated_to]
        return respond([self._chat_row(person, chat) for chat in mine])

    async def list_messages(self, request: web.Request) -> web.Response:
        """All that the person sees in the chat, also what nobody else does."""
        person, chat = self._person(request), self._chat(request)
        chat.read[person.id] = max(chat.messages, default=0)
        shown = ephemerals.shown_to(chat, person.id)
        return respond([self._view(person, message) for message in shown])

    async def send_message(self, request: web.Request) -> web.Response:
        """Say something; a command with ``from_menu`` may be one that only the bot hears."""
        person, chat = self._person(request), self._chat(request)
        params = await read_params(request)
        if self._is_ephemeral(person, chat, params):
            content = self._content(params)
            thread_id = params.integer("message_thread_id")
            said = ephemerals.say(self._world, person, chat, content, thread_id)
            return respond(self._view(person, said))
        reply_to = chat.messages.get(params.integer("reply_to_message_id"))
        message = people.say(
            self._world,
            person,
            chat,
            self._content(params),
            reply_to=reply_to,
            thread_id=params.integer("message_thread_id"),
        )
        return respond(self._view(person, message))

    async def edit_message(self, request: web.Request) -> web.Response:
        person, chat, message = self._person(request), self._chat(request), self._message(request)
        params = await read_params(request)
        if message.kind == "text":
            content = people.text_content(params.text("text"))
        else:
            content = people.caption_content(params.text("text")) or {"caption": None}
        people.edit(self._world, person, chat, message, content)
        return respond(self._view(person, message))

    async def forward_message(self, request: web.Request) -> web.Response:
        person, source = self._person(request), self._message(request)
        params = await read_params(request)
        target = self._world.chats.get(params.integer("chat_id"))
        if target is None or person.id not in target.audience():
            raise ApiError(404, "no such chat")
        return respond(self._view(person, people.forward(self._world, person, source, target)))

    async def react(self, request: web.Request) -> web.Response:
        person, chat, message = self._person(request), self._chat(request), self._message(request)
        params = await read_params(request)
        people.react(self._world, person, chat, message, params.text("emoji"))
        return respond({"ok": True})

    async def list_commands(self, request: web.Request) -> web.Response:
        person, chat = self._person(request), self._chat(request)
        return respond(commands.shown_to(self._world.bot, person, chat))

    async def press(self, request: web.Request) -> web.Response:
        """Press the button of ``data`` under ``message_id`` or ``ephemeral_message_id``."""
        params = await read_params(request)
        place = (self._world, self._person(request), self._chat(request))
        ephemeral_id, data = params.integer("ephemeral_message_id"), params.text("data")
        if ephemeral_id:
            query = presses.press_ephemeral(*place, ephemeral_id, data)
        else:
            query = presses.press(*place, params.integer("message_id"), data)
        silence = {"answered": False, "text": "", "show_alert": False, "url": ""}
        return respond(await answer_of(query, PRESS_SECONDS) or silence)

    async def inline(self, request: web.Request) -> web.Response:
        person = self._person(request)
        params = await read_params(request)
        chat = self._world.chats.get(params.integer("chat_id", person.id))
        if chat is None:
            raise ApiError(404, "no such chat")
        asked = people.ask_inline(
            self._world,
            person,
            params.text("query"),
            params.text("offset"),
            people.chat_type_for(person, chat),
        )
        if not isinstance(asked, Query):
            return respond(asked)
        silence = {"answered": False, "results": [], "button": None, "next_offset": ""}
        return respond(await answer_of(asked, INLINE_SECONDS) or silence)

    async def choose(self, request: web.Request) -> web.Response:
        person = self._person(request)
        params = await read_params(request)
        answer = self._world.queries.answers.get(params.text("query_id"))
        answer = answer or self._world.queries.latest(person.id, params.text("query"))
        chat = self._world.chats.get(params.integer("chat_id"))
        if answer is None or chat is None:
            raise ApiError(404, "no such query or chat")
        result_id = params.text("result_id")
        thread_id = params.integer("message_thread_id")
        message = people.choose(self._world, person, chat, answer, result_id, thread_id)
        return respond(self._view(person, message))

    async def start(self, request: web.Request) -> web.Response:
        person = self._person(request)
        params = await read_params(request)
        message = people.start(self._world, person, params.text("payload"))
        return respond(self._view(person, message))

    async def block(self, request: web.Request) -> web.Response:
        groups.block(self._world, self._person(request))
        return respond({"ok": True})

    async def unblock(self, request: web.Request) -> web.Response:
        groups.unblock(self._world, self._person(request))
        return respond({"ok": True})

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        """What happens to some people, as `[kind, data]`.

        A WebSocket: of other streams a browser opens six to one server, over all its tabs.
        """
        if request.headers.get("Origin", str(request.url.origin())) != str(request.url.origin()):
            raise ApiError(403, "not for the pages of others")
        ids = frozenset(as_integer(part) for part in request.query.get("people", "").split(","))
        listener, socket = Listener(ids), web.WebSocketResponse(heartbeat=PING_SECONDS)
        self._world.hub.listeners.add(listener)
        telling = None
        try:
            await socket.prepare(request)
            telling = asyncio.create_task(_tell(socket, listener))
            async for _word in socket:
                pass  # The page only listens.
        finally:
            self._world.hub.listeners.discard(listener)
            if telling:
                telling.cancel()
        return socket

    async def file(self, request: web.Request) -> web.Response:
        stored = self._world.files.by_unique_id.get(request.match_info["unique_id"])
        if stored is None:
            raise ApiError(404, "no such file")
        # Somebody's document must not run as a page of this origin.
        headers = {
            "Content-Disposition": "inline",
            "Content-Security-Policy": "script-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=stored.content, content_type=stored.mime, headers=headers)

    def _blocked(self, person: Person) -> bool:
        return self._world.chats[person.id].bot.status is Status.KICKED

    def _person(self, request: web.Request) -> Person:
        person = self._world.people.get(int(request.match_info["uid"]))
        if person is None:
            raise ApiError(404, "no such person")
        return person

    def _chat(self, request: web.Request) -> Chat:
        chat = self._world.chats.get(int(request.match_info["cid"]))
        if chat is None or int(request.match_info["uid"]) not in chat.audience():
            raise ApiError(404, "no such chat")
        return chat

    def _message(self, request: web.Request) -> Message:
        message = self._chat(request).messages.get(int(request.match_info["mid"]))
        if message is None:
            raise ApiError(404, "no such message")
        return message

    def _view(self, person: Person, message: Message) -> Body:
        return message_view(self._world.files, message, (person.id,))

    def _chat_row(self, person: Person, chat: Chat) -> Body:
        bot = self._world.bot.user(person.language_code)
        row: Body = {
            "id": chat.id,
            "type": str(chat.type),
            "title": bot["first_name"] if chat.is_private else chat.title,
            **topics_view(self._world, person, chat),
            "unread": _unread(person, chat),
            "last_message": None,
        }
        if shown := ephemerals.shown_to(chat, person.id):
            last = shown[-1].body
            row["last_message"] = {"date": last["date"], "text": _summary(last)}
        if chat.is_private or chat.bot.now().is_in:
            place = chat.bot.now()
            row["bot"] = {name: bot[name] for name in ("id", "username", "first_name")}
            rights = sorted(rights_of(chat, place, is_bot=True))
            row["bot"] |= {"status": str(place.status), "rights": rights}
        return row

    def _is_ephemeral(self, person: Person, chat: Chat, params: Params) -> bool:
        """Whether a command was chosen in the menu of which nobody else is to hear."""
        text = params.text("text")
        chosen = params.boolean("from_menu")
        return chosen and commands.is_ephemeral(self._world.bot, person, chat, text)

    def _content(self, params: Params) -> Body:
        """What a person sends: a file with a caption, a contact or text.

        A ``file`` is a document, what is uploaded by the name of another kind is of that kind;
        messages of the same ``media_group_id`` are an album.
        """
        for name in _FILES.keys() & params.uploads:
            stored = self._world.files.add(_FILES[name], params.uploads[name])
            caption = params.text("caption") or params.text("text")
            album = params.text("media_group_id")
            group = {"media_group_id": album} if album else {}
            return group | stored.media() | people.caption_content(caption)
        if contact := params.json("contact", "contact is not JSON"):
            return people.contact_content(contact)
        return people.text_content(params.text("text"))


def _unread(person: Person, chat: Chat) -> int:
    seen = chat.read.get(person.id, 0)
    return sum(
        1 for message in chat.messages.values() if message.id > seen and message.author != person.id
    )


def _summary(body: Body) -> str:
    if rich := body.get("rich_message"):
        return headline(rich["blocks"])
    document: Any = body.get("document") or {}
    return as_text(body.get("text") or body.get("caption") or document.get("file_name"))


async def _tell(socket: web.WebSocketResponse, listener: Listener) -> None:
    with contextlib.suppress(ConnectionResetError):
        while True:
            await socket.send_json(await listener.queue.get())
