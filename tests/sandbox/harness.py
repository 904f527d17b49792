"""The sandbox as a process, the people in it, and a bot's webhook to deliver to."""

import contextlib
import json
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import requests

TOKEN = "4242:sandbox-test-token"
PRESS_DATA = "pressed"
KEYBOARD = {"inline_keyboard": [[{"text": "Approve", "callback_data": PRESS_DATA}]]}
GENEROUS = {"overall_per_second": 10000, "private_burst": 10000, "group_per_minute": 10000}
DEADLINE = 10.0

Json = dict[str, Any]

_ids = count(1000)


def until(ready: Callable[[], Any], what: str = "it", seconds: float = DEADLINE) -> Any:
    """Poll until ``ready`` returns something true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := ready():
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited for {what} in vain")


def texts(messages: list[Json]) -> list[str]:
    return [message["text"] for message in messages if "text" in message]


def png(width: int, height: int) -> bytes:
    """The beginning of a picture, of which its size is read."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0"


@dataclass
class Sandbox:
    """A running server. :meth:`bot` speaks as the bot, :meth:`post` and :meth:`get` as the rest."""

    process: subprocess.Popen[str]
    base: str
    http: requests.Session = field(default_factory=requests.Session)

    @classmethod
    def start(cls, *options: str) -> "Sandbox":
        command = [sys.executable, "-m", "sandbox", "--port", "0", "--token", TOKEN, "--quiet"]
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).resolve().parents[2],
        )
        assert process.stdout
        line = process.stdout.readline()
        return cls(process, line.rpartition(" ")[2].strip())

    def stop(self) -> int:
        self.http.close()
        self.process.terminate()
        self.process.communicate(timeout=DEADLINE)
        return self.process.returncode

    def url(self, method: str, token: str = TOKEN) -> str:
        return f"{self.base}/bot{token}/{method}"

    def call(self, method: str, **params: Any) -> requests.Response:
        return self.http.post(self.url(method), json=params, timeout=DEADLINE)

    def bot(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        body = self.call(method, **params).json()
        assert body["ok"], body
        return body["result"]

    def error(self, method: str, **params: Any) -> str:
        """The description of a call that must fail, its code the HTTP status."""
        response = self.call(method, **params)
        body = response.json()
        assert not body["ok"], body
        assert body["error_code"] == response.status_code
        return str(body["description"])

    def upload(
        self, method: str, files: dict[str, tuple[str, bytes]], **params: Any
    ) -> requests.Response:
        data = {n: v if isinstance(v, str) else json.dumps(v) for n, v in params.items()}
        return self.http.post(self.url(method), data=data, files=files, timeout=30)

    def post(self, path: str, body: Any = None) -> Any:
        response = self.http.post(self.base + path, json=body or {}, timeout=30)
        assert response.ok, response.text
        return response.json()

    def get(self, path: str) -> Any:
        response = self.http.get(self.base + path, timeout=DEADLINE)
        assert response.ok, response.text
        return response.json()

    def settings(self, **values: Any) -> None:
        self.post("/control/settings", values)

    def person(self, first_name: str = "Alice", *, started: bool = True, **names: Any) -> "Person":
        person = Person(self, next(_ids))
        self.post("/control/people", {"id": person.id, "first_name": first_name, **names})
        if started:
            person.start()
        return person

    def group(self, *members: "Person", **fields: Any) -> int:
        group_id = -next(_ids)
        ids = [member.id for member in members]
        body = {"id": group_id, "title": "Payments", "members": ids, **fields}
        self.post("/control/groups", body)
        return group_id

    def chat(self, chat_id: int) -> Json:
        shown: Json = self.get(f"/control/chats/{chat_id}")
        return shown

    def public(self, chat_id: int) -> list[Json]:
        """What everybody in a chat sees; ephemeral messages are never among it."""
        messages: list[Json] = self.chat(chat_id)["messages"]
        return messages

    def ephemerals(self, chat_id: int) -> list[Json]:
        """The ephemeral messages of a chat, also those of which ``is_lost`` says so."""
        messages: list[Json] = self.chat(chat_id)["ephemerals"]
        return messages

    def whisper(self, chat_id: int, person: "Person", text: str = "x", **fields: Any) -> Json:
        """An ephemeral message, for which the bot must be an administrator."""
        parameters = {"receiver_user_id": person.id}
        call = {"chat_id": chat_id, "text": text, "ephemeral_message_parameters": parameters}
        sent: Json = self.bot("sendMessage", **call, **fields)
        return sent

    def lose_ephemeral(self, chat_id: int, count: int = 1) -> None:
        """The next ephemeral messages of the bot are accepted and shown to nobody."""
        fault = {"kind": "lose_ephemeral", "chat_id": chat_id, "count": count}
        self.post("/control/faults", fault)

    def updates(self, kind: str) -> list[Json]:
        """Take the queued updates; those of one kind."""
        found = self.bot("getUpdates")
        if found:
            self.bot("getUpdates", offset=found[-1]["update_id"] + 1, limit=1)
        return [update[kind] for update in found if kind in update]


@dataclass
class Person:
    sandbox: Sandbox
    id: int

    @property
    def path(self) -> str:
        return f"/client/people/{self.id}"

    def start(self, payload: str = "") -> Json:
        return self._post("/start", {"payload": payload})

    def block(self) -> None:
        self._post("/block", {})

    def unblock(self) -> None:
        self._post("/unblock", {})

    def say(self, text: str, chat_id: int = 0, **fields: Any) -> Json:
        return self._post(f"/chats/{chat_id or self.id}/messages", {"text": text, **fields})

    def edit(self, message_id: int, text: str, chat_id: int = 0) -> Json:
        return self._post(f"/chats/{chat_id or self.id}/messages/{message_id}", {"text": text})

    def forward(self, message_id: int, to: int, chat_id: int = 0) -> Json:
        path = f"/chats/{chat_id or self.id}/messages/{message_id}/forward"
        return self._post(path, {"chat_id": to})

    def react(self, message_id: int, emoji: str, chat_id: int = 0) -> None:
        path = f"/chats/{chat_id or self.id}/messages/{message_id}/react"
        self._post(path, {"emoji": emoji})

    def messages(self, chat_id: int = 0) -> list[Json]:
        shown: list[Json] = self.sandbox.get(f"{self.path}/chats/{chat_id or self.id}/messages")
        return shown

    def press(self, message_id: int, data: str = PRESS_DATA, chat_id: int = 0) -> Json:
        body = {"message_id": message_id, "data": data}
        return self._post(f"/chats/{chat_id or self.id}/press", body)

    def press_later(self, message_id: int, data: str = PRESS_DATA, chat_id: int = 0) -> "Later":
        return Later(lambda: self.press(message_id, data, chat_id))

    def press_ephemeral(self, ephemeral_id: int, chat_id: int, data: str = PRESS_DATA) -> Json:
        body = {"ephemeral_message_id": ephemeral_id, "data": data}
        return self._post(f"/chats/{chat_id}/press", body)

    def press_ephemeral_later(
        self, ephemeral_id: int, chat_id: int, data: str = PRESS_DATA
    ) -> "Later":
        return Later(lambda: self.press_ephemeral(ephemeral_id, chat_id, data))

    def command(self, text: str, chat_id: int) -> Json:
        """Choose a command in the menu, where an ephemeral one stays between two."""
        return self.say(text, chat_id, from_menu=True)

    def inline(self, query: str, **fields: Any) -> Json:
        return self._post("/inline", {"query": query, **fields})

    def inline_later(self, query: str, **fields: Any) -> "Later":
        return Later(lambda: self.inline(query, **fields))

    def choose(self, **fields: Any) -> Json:
        return self._post("/inline/choose", fields)

    def _post(self, path: str, body: Json) -> Json:
        # A session of its own: presses wait for their answers in threads.
        response = requests.post(self.sandbox.base + self.path + path, json=body, timeout=30)
        assert response.ok, response.text
        found: Json = response.json()
        return found


class Later:
    """A request under way in a thread."""

    def __init__(self, work: Callable[[], Json]) -> None:
        self.found: Json | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        # Who never asks for the result does not mind that the server stops before it comes.
        with contextlib.suppress(requests.ConnectionError):
            self.found = self._work()

    def result(self) -> Json:
        self._thread.join(DEADLINE)
        assert self.found is not None, "no answer"
        return self.found


@dataclass
class Delivery:
    update: Json
    headers: dict[str, str]
    at: float
    connection: int

    @property
    def kind(self) -> str:
        return next(name for name in self.update if name != "update_id")


Answer = tuple[int, Any, dict[str, str]]


class Receiver:
    """A webhook. ``answer`` decides what each update gets: status, JSON body, headers."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answer: Callable[[Json], Answer] = lambda update: (200, None, {})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def of(self, kind: str) -> list[Delivery]:
        return [delivery for delivery in self.deliveries if delivery.kind == kind]

    def wait(self, kind: str, number: int = 1) -> list[Delivery]:
        until(lambda: len(self.of(kind)) >= number, f"{number} × {kind}")
        return self.of(kind)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                port = self.client_address[1]
                receiver.deliveries.append(
                    Delivery(body, dict(self.headers), time.monotonic(), port)
                )
                status, content, headers = receiver.answer(body)
                encoded = b"" if content is None else json.dumps(content).encode()
                with contextlib.suppress(ConnectionError):  # the sandbox may have given up
                    self._respond(status, encoded, headers)

            def _respond(self, status: int, content: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if content:
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test output readable."""

        return Handler
