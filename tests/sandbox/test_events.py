import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from .harness import DEADLINE, KEYBOARD, Person, Sandbox, until


class Stream:
    """The page's stream of events."""

    def __init__(self, sandbox: Sandbox, *people: Person) -> None:
        ids = ",".join(str(person.id) for person in people)
        self.events: list[tuple[str, Any]] = []
        self._is_open = threading.Event()
        self._loop = asyncio.new_event_loop()
        reading = self._read(f"{sandbox.base}/client/events?people={ids}")
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[reading])
        self._thread.start()
        assert self._is_open.wait(DEADLINE)

    def wait(self, kind: str) -> Any:
        found = until(lambda: [data for name, data in self.events if name == kind], kind)
        return found[-1]

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._socket.close(), self._loop).result(DEADLINE)
        self._thread.join(DEADLINE)
        self._loop.close()

    async def _read(self, address: str) -> None:
        async with aiohttp.ClientSession() as http, http.ws_connect(address) as self._socket:
            self._is_open.set()
            async for word in self._socket:
                name, data = word.json()
                self.events.append((name, data))


@pytest.fixture
def stream(sandbox: Sandbox, alice: Person) -> Iterator[Stream]:
    stream = Stream(sandbox, alice)
    yield stream
    stream.stop()


def test_messages_and_their_edits_are_shown(
    sandbox: Sandbox, alice: Person, stream: Stream
) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="<b>x</b>", parse_mode="HTML")
    shown = stream.wait("message")
    assert shown["chat_id"] == alice.id
    assert shown["message"]["html"] == "<b>x</b>"
    assert shown["message"]["out"] is False
    message = {"chat_id": alice.id, "message_id": sent["message_id"]}
    sandbox.bot("editMessageText", **message, text="y", reply_markup=KEYBOARD)
    assert stream.wait("edited")["message"]["reply_markup"] == KEYBOARD
    sandbox.bot("deleteMessage", **message)
    assert stream.wait("deleted") == message


def test_a_toast_is_shown(sandbox: Sandbox, alice: Person, stream: Stream) -> None:
    sent = sandbox.bot("sendMessage", chat_id=alice.id, text="x", reply_markup=KEYBOARD)
    alice.press_later(sent["message_id"])
    query = until(lambda: sandbox.updates("callback_query"))[0]
    sandbox.bot("answerCallbackQuery", callback_query_id=query["id"], text="Done")
    assert stream.wait("toast") == {"person_id": alice.id, "text": "Done", "show_alert": False}


def test_changes_of_a_chat_are_shown(sandbox: Sandbox, alice: Person, stream: Stream) -> None:
    group = sandbox.group(alice)
    assert stream.wait("chat") == {"chat_id": group}
    new = sandbox.post(f"/control/chats/{group}/migrate")["new_chat_id"]
    until(lambda: ("chat", {"chat_id": new}) in stream.events)


def test_other_people_see_nothing(
    sandbox: Sandbox, alice: Person, bob: Person, stream: Stream
) -> None:
    bob.say("private")
    alice.say("mine")
    assert stream.wait("message")["message"]["out"] is True
    assert len(stream.events) == 1


def test_an_ephemeral_message_is_told_to_its_receiver_alone(
    sandbox: Sandbox, alice: Person, bob: Person, stream: Stream
) -> None:
    group = sandbox.group(alice, bob, bot_rights=True)
    for person in (bob, alice):
        sandbox.whisper(group, person, person.path)
    shown = stream.wait("message")
    assert (shown["person_id"], shown["message"]["text"]) == (alice.id, alice.path)
    assert [name for name, _ in stream.events].count("message") == 1


def test_a_page_of_another_site_hears_nothing(sandbox: Sandbox, alice: Person) -> None:
    answer = sandbox.http.get(
        f"{sandbox.base}/client/events?people={alice.id}",
        headers={"Origin": "https://evil.example"}, timeout=DEADLINE,
    )  # fmt: skip
    assert answer.status_code == 403
