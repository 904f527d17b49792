"""Without a webhook: whatever waits at Telegram is taken in, however large or odd its answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import LazySettings

from telegrambot.delivery import client
from telegrambot.incoming import polling
from telegrambot.models import SentMessage, Update
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.sandbox import Sandbox

STRANGER = 777_001
# JSON writes each of them in twelve bytes.
LONGEST = "😀" * 4096


def test_the_largest_messages_of_a_stranger_hold_up_nobody(
    telegram: Sandbox, company: Company
) -> None:
    telegram.put_people(STRANGER)
    offset = polling.poll_once(0, hold=0)
    boris = company.telegram_id(company.boris)
    talk = f"/client/people/{STRANGER}/chats/{STRANGER}/messages"
    first = telegram.post(talk, text=LONGEST)["message_id"]
    for _reply in range(polling.AT_ONCE - 2):
        telegram.post(talk, text=LONGEST, reply_to_message_id=first)
    telegram.post(f"/client/people/{boris}/chats/{boris}/messages", text="/help")
    polling.poll_once(offset, hold=0)
    assert SentMessage.objects.filter(chat__telegram_id=boris, text__contains="/pending").exists()


class OddBotApi(ThreadingHTTPServer):
    """Gives updates that nobody can read together, and ends it all after the last, or in time."""

    def __init__(self, updates: list[bot.Json]) -> None:
        super().__init__(("127.0.0.1", 0), OddAnswer)
        self.updates = updates
        self.calls_left = 30


class OddAnswer(BaseHTTPRequestHandler):
    server: OddBotApi

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        waiting = [each for each in self.server.updates if each["update_id"] >= asked["offset"]]
        self.server.calls_left -= 1
        if not waiting or not self.server.calls_left:
            self._answer({"ok": False, "error_code": 409, "description": "Conflict: enough"})
        elif len(waiting[: asked["limit"]]) > 1:
            self._answer({"ok": True, "result": "too much"})
        else:
            self._answer({"ok": True, "result": waiting[:1]})

    def _answer(self, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Quietly."""


@pytest.fixture
def odd(settings: LazySettings) -> Iterator[OddBotApi]:
    updates = [bot.message(STRANGER + number, "/start") for number in range(4)]
    with OddBotApi(updates) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.TELEGRAM_API_URL = f"http://127.0.0.1:{server.server_port}"
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.django_db
def test_updates_that_cannot_be_read_together_are_read_one_by_one(
    odd: OddBotApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "PAUSE", 0)
    with pytest.raises(client.TelegramError, match="enough"):
        polling.poll_forever()
    assert Update.objects.count() == len(odd.updates)
