"""Documents are read while they are sent, and what cannot be read is tried again."""

from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import IO

import pytest

from telegrambot.delivery import client
from telegrambot.delivery.upload import PIECE, Body, File, encode
from telegrambot.models import SentMessage
from tests.company import GROUP_CHAT
from tests.telegrambot import lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest

ALICE = 101
State = SentMessage.State


class Shelf:
    """Files of a storage, and how many of them are open."""

    def __init__(self) -> None:
        self.opened = self.open = self.most = 0

    def file(self, name: str, size: int, *, promised: int | None = None) -> File:
        def take() -> IO[bytes]:
            self.opened += 1
            self.open += 1
            self.most = max(self.most, self.open)
            return Watched(bytes(size), self)

        return File(name, size if promised is None else promised, take)


class Watched(BytesIO):
    def __init__(self, content: bytes, shelf: Shelf) -> None:
        super().__init__(content)
        self._shelf = shelf

    def close(self) -> None:
        if not self.closed:
            self._shelf.open -= 1
        super().close()


def sent(body: Body) -> bytes:
    pieces = list(body)
    assert max(map(len, pieces)) <= PIECE
    return b"".join(pieces)


def test_a_body_is_as_long_as_it_says_and_read_in_pieces() -> None:
    shelf = Shelf()
    files = {f"document{n}": shelf.file(f"Счёт {n}.pdf", n * 100_000) for n in range(1, 4)}
    body = encode({"chat_id": 1, "caption": "Счёт"}, files)
    assert len(body) > 600_000
    assert not body.handed_over
    assert len(sent(body)) == len(body)
    assert body.handed_over
    # One after the other, and none stays open.
    assert (shelf.opened, shelf.most, shelf.open) == (3, 1, 0)


def test_a_file_that_grows_meanwhile_is_sent_as_it_was() -> None:
    body = encode({}, {"document": Shelf().file("a.pdf", 500, promised=100)})
    assert len(sent(body)) == len(body)


def test_a_body_that_nobody_wants_any_more_closes_its_file() -> None:
    shelf = Shelf()
    body = Body([shelf.file("a.pdf", 10 * PIECE)], "")
    with closing(iter(body)) as pieces:
        next(pieces)
        assert shelf.open == 1
    assert shelf.open == 0
    assert not body.handed_over


@pytest.mark.parametrize("name", ["Счёт №45.pdf", 'a"b.pdf', "a\\b.pdf", "a;b=c.pdf", "x" * 200])
def test_a_name_arrives_as_it_is(sandbox: Sandbox, name: str) -> None:
    sandbox.put_people(ALICE)
    file = File.of(name, b"%PDF-1.4")
    message = client.call("sendDocument", {"chat_id": ALICE}, {"document": file})
    assert message["document"]["file_size"] == 8
    if "\\" not in name:
        # The server takes what stands behind it for the name.
        assert message["document"]["file_name"].replace("%22", '"') == name


def test_a_file_that_is_shorter_than_it_said_is_a_wrong_file(sandbox: Sandbox) -> None:
    sandbox.put_people(ALICE)
    file = Shelf().file("Счёт.pdf", 100, promised=200)
    with pytest.raises(client.WrongFile, match="100 bytes are missing"):
        client.call("sendDocument", {"chat_id": ALICE}, {"document": file})
    assert sandbox.messages(ALICE) == []


def test_plain_text_has_its_files_read_anew(sandbox: Sandbox) -> None:
    sandbox.put_people(ALICE)
    shelf = Shelf()
    params = {"chat_id": ALICE, "caption": "<b>", "parse_mode": "HTML"}
    message = client.call(
        "sendDocument",
        params,
        {"document": shelf.file("a.pdf", 1000)},
        plain=lambda: {"chat_id": ALICE, "caption": "plain"},
    )
    assert message["document"]["file_size"] == 1000
    assert message["caption"] == "plain"
    assert shelf.opened == 2


def test_a_document_that_cannot_be_read_is_tried_again(
    telegram: Sandbox, request_: PaymentRequest
) -> None:
    path = Path(request_.documents.get().file.path)
    content = path.read_bytes()
    path.unlink()
    path.mkdir()
    announcement = lanes.announcement(request_)
    message = lanes.delivered(announcement)
    assert (message.state, message.attempts) == (State.PENDING, 1)
    assert "IsADirectoryError" in message.error
    assert telegram.messages(GROUP_CHAT) == []

    path.rmdir()
    path.write_bytes(content)
    assert lanes.delivered(lanes.due_again(announcement)).state == State.SENT
    (seen,) = telegram.messages(GROUP_CHAT)
    assert seen["document"]["file_size"] == len(content)
