"""The stand-in for Telegram: one process for all tests, emptied for each of them."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import redis
import requests
from django.conf import LazySettings

from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
FAST = (1_000_000, 1.0, 1_000_000)

Commits = Callable[..., AbstractContextManager[object]]
Say = Callable[..., bot.Json]


class Sandbox:
    """The hand of a test on the sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._answer(self._http.get(f"{self.url}{path}", params=query, timeout=30))

    def post(self, path: str, **body: Any) -> Any:
        return self._answer(self._http.post(f"{self.url}{path}", json=body, timeout=30))

    def put_people(self, *ids: int) -> None:
        """People who have started the bot."""
        for person in ids:
            self.post("/control/people", id=person, first_name=f"Person {person}")
            self.post(f"/client/people/{person}/start")

    def put_group(self, chat_id: int, *members: int, kind: str = "supergroup") -> None:
        self.post("/control/groups", id=chat_id, title="A group", type=kind, members=list(members))

    def fail(self, kind: str, **fault: Any) -> None:
        self.post("/control/faults", kind=kind, **fault)

    def calls(self, method: str = "", **query: Any) -> list[dict[str, Any]]:
        """The Bot API calls so far, oldest first."""
        return list(self.get("/control/calls", method=method, **query))

    def messages(self, chat_id: int) -> list[dict[str, Any]]:
        """What the bot has in a chat, with every message's earlier states."""
        chat = self.get(f"/control/chats/{chat_id}")
        return [message for message in chat["messages"] if message["from"]["is_bot"]]

    def _answer(self, response: requests.Response) -> Any:
        assert response.ok, response.text
        return response.json()


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    command = [sys.executable, "-m", "sandbox", "--local", "--quiet", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--token", TOKEN], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert process.stdout
    sandbox = Sandbox(process.stdout.readline().split()[-1])
    yield sandbox
    sandbox.close()
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture
def sandbox(sandbox_process: Sandbox, settings: LazySettings) -> Sandbox:
    """Empty, and as fast as it can be: tests of the pace set their own."""
    sandbox_process.post("/control/reset")
    limits = {"overall_per_second": 10_000, "group_per_minute": 10_000}
    limits |= {"private_per_second": 10_000, "private_burst": 10_000}
    sandbox_process.post("/control/settings", latency_ms=0, limits=limits)
    settings.TELEGRAM_API_URL = sandbox_process.url
    settings.TELEGRAM_BOT_TOKEN = TOKEN
    settings.TELEGRAM_PACE = dict.fromkeys(settings.TELEGRAM_PACE, FAST)
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    return sandbox_process


@pytest.fixture
def telegram(sandbox: Sandbox, company: Company) -> Sandbox:
    """The sandbox with the company's people, all of whom have started the bot, and its group."""
    sandbox.put_people(*company.telegram_ids.values())
    sandbox.put_group(GROUP_CHAT, *company.telegram_ids.values())
    return sandbox


@pytest.fixture
def say(django_capture_on_commit_callbacks: Commits) -> Say:
    """What is answered to a message, or with `press` to a button; with all that its commit sets
    in motion."""

    def send(telegram_id: int, text: str, *, press: bool = False, **more: Any) -> bot.Json:
        body = bot.press if press else bot.message
        with django_capture_on_commit_callbacks(execute=True):
            return bot.reply_to(body(telegram_id, text, **more))

    return send
