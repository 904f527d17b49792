"""Bots written with libraries that know nothing of the sandbox, by polling and by webhook."""

import asyncio
import importlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from urllib3 import fields

from .bots import words
from .harness import TOKEN, Json, Person, Receiver, Sandbox, until

# A bot and its webhook are of one process; to import aiogram takes three seconds.
pytestmark = pytest.mark.xdist_group("libraries")
LIBRARIES = ("ptb", "aiogram_bot", "telebot_bot")
_FORMATTER = "format_multipart_header_param"


class LibraryBot:
    """A bot that runs in a thread."""

    def __init__(self, library: str, sandbox: Sandbox, receiver: Receiver | None) -> None:
        module = importlib.import_module(f".bots.{library}", __package__)
        hook = (receiver.url, lambda feed: _listen(receiver, feed)) if receiver else None
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        running = module.run(sandbox.base, TOKEN, hook, self._stopped)
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(running,))
        self._thread.start()
        method = "setWebhook" if receiver else "getUpdates"
        until(lambda: sandbox.get(f"/control/calls?method={method}"), f"{library} to begin")

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(20)
        self._loop.close()


def _listen(receiver: Receiver, feed: Any) -> None:
    def answer(update: Json) -> tuple[int, Any, dict[str, str]]:
        feed(update)
        return 200, None, {}

    receiver.answer = answer


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["polling", "webhook"])
def bot(
    request: pytest.FixtureRequest,
    library: str,
    sandbox: Sandbox,
    listener: Receiver,
    alice: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[LibraryBot]:
    """It begins when the updates about Alice are gone."""
    # telebot exchanges it, for the whole process: file names would go without quotes ever after.
    monkeypatch.setattr(fields, _FORMATTER, getattr(fields, _FORMATTER))
    running = LibraryBot(library, sandbox, listener if request.param == "webhook" else None)
    yield running
    running.stop()


def told(person: Person, number: int) -> list[Json]:
    """What stands in the private chat after so many messages."""
    return list(until(lambda: len(m := person.messages()) >= number and m, "the answer"))


@pytest.mark.usefixtures("bot")
def test_a_library_runs(sandbox: Sandbox, alice: Person) -> None:
    """One test, as the start of a library takes longer than what it does."""
    alice.say("/start")
    greeting = told(alice, 3)[-1]
    assert greeting["html"] == words.GREETING
    _press(alice, greeting)
    until(lambda: alice.messages()[-1]["text"] == words.PRESSED, "the edit")
    assert "reply_markup" not in alice.messages()[-1]

    alice.say("/files")
    document, *album = told(alice, 7)[-3:]
    assert document["document"]["file_name"] == words.FILE_NAME
    assert document["html"] == words.CAPTION
    assert tuple(item["document"]["file_name"] for item in album) == words.ALBUM
    assert len({item["media_group_id"] for item in album}) == 1

    answer = alice.inline("PR")
    assert [result["title"] for result in answer["results"]] == [words.RESULT]
    chosen = alice.choose(query_id=answer["query_id"], result_id="1", chat_id=alice.id)
    _press(alice, chosen)
    until(lambda: alice.messages()[-1]["text"] == words.PRESSED, "the edit of the result")

    group = sandbox.group(alice)
    sandbox.post(f"/control/chats/{group}/permissions", {"without": ["can_send_documents"]})
    alice.say("/try@treasury_sandbox_bot", group)
    refusal = until(lambda: len(m := alice.messages(group)) == 2 and m, "the refusal")[-1]
    assert words.REFUSED in refusal["text"].lower()


def _press(person: Person, message: Json) -> None:
    data = message["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    assert person.press(message["message_id"], data)["text"] == words.THANKS
