import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from .harness import DEADLINE, KEYBOARD, Person, Sandbox, until


class Stream:
    """The page's stream of events."""

    def __init__(self, sandbox: Sandbox, *people: Person) -> None:
        ids = ",".join(str(person.id) for person in people)
        self.events: list[tuple[str, Any]] = []
        self.response = requests.get(
            f"{sandbox.base}/client/events?people={ids}", stream=True, timeout=DEADLINE
        )
        self._lines = self.response.iter_lines(chunk_size=1)
        next(self._lines)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self, kind: str) -> Any:
        found = until(lambda: [data for name, data in self.events if name == kind], kind)
        return found[-1]

    def stop(self) -> None:
        self.response.raw.shutdown()
        self._thread.join(DEADLINE)
        self.response.close()

    def _read(self) -> None:
        name = ""
        # The stream is cut in the middle of a chunk when the test ends.
        with contextlib.suppress(requests.RequestException):
            for line in self._lines:
                label, _, value = line.decode().partition(": ")
                if label == "event":
                    name = value
                elif label == "data":
                    self.events.append((name, json.loads(value)))


@pytest.fixture
def stream(sandbox: Sandbox, alice: Person) -> Iterator[Stream]:
    stream = Stream(sandbox, alice)
    yield stream
    stream.stop()


def test_messages_and_their_edits_are_shown(
    sandbox: Sandbox, alice: Person, stream: Stream
) -> None:
    assert stream.response.headers["Content-Type"] == "text/event-stream"
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
