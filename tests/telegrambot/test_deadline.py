"""A call is over when its time is, whatever the peer does with it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.conf import LazySettings

from telegrambot.delivery import client, lane
from telegrambot.delivery.client import call
from telegrambot.delivery.upload import File

SECONDS = 0.4
# In which a peer does the next little thing; far less than any time-out.
DRIP = 0.05
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"

# What a peer does with its connection until the test is over.
Manner = Callable[[socket.socket], None]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SECONDS", SECONDS)


@pytest.fixture
def peer(settings: LazySettings) -> Iterator[Callable[[Manner], str]]:
    """Starts a server that behaves so, as Telegram; gives its host and port."""
    servers: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(server: socket.socket, manner: Manner) -> None:
        # Ends by the client hanging up, or by the server's own closing.
        with suppress(OSError), server.accept()[0] as connection:
            connection.settimeout(10)
            manner(connection)

    def start(manner: Manner) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(10)
        thread = threading.Thread(target=serve, args=(server, manner))
        thread.start()
        servers.append(server)
        threads.append(thread)
        address = f"127.0.0.1:{server.getsockname()[1]}"
        settings.TELEGRAM_API_URL = f"http://{address}"
        return address

    yield start
    for server in servers:
        server.close()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()


def drip(connection: socket.socket, data: bytes) -> None:
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(DRIP)


def says_nothing(connection: socket.socket) -> None:
    while connection.recv(65_536):
        pass


def drips_its_head(connection: socket.socket) -> None:
    connection.recv(65_536)
    drip(connection, b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 1000)


def drips_its_body(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(HEAD)
    drip(connection, b" " * 1000)


def drips_its_chunks(connection: socket.socket) -> None:
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    drip(connection, b"1\r\n \r\n" * 1000)


def sips(connection: socket.socket) -> None:
    enough = time.monotonic() + 3
    while time.monotonic() < enough and connection.recv(2000):
        time.sleep(DRIP)


def took(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def fails(kind: type[client.TelegramError], files: dict[str, File] | None = None) -> None:
    with pytest.raises(kind) as caught:
        call("sendMessage", {"chat_id": 1, "text": "x"}, files)
    assert type(caught.value) is kind


@pytest.mark.parametrize("manner", [says_nothing, drips_its_head, drips_its_body, drips_its_chunks])
def test_who_has_the_call_and_never_ends_is_left_in_time(
    peer: Callable[[Manner], str], manner: Manner
) -> None:
    peer(manner)
    assert took(lambda: fails(client.DeliveryUnknown)) < 2 * SECONDS


def test_who_sips_an_upload_is_left_in_time(peer: Callable[[Manner], str]) -> None:
    peer(sips)
    # More than the buffers on the way take; a second and a half more of time.
    file = File.of("a.pdf", bytes(20_000_000))
    seconds = SECONDS + file.size * client.SECONDS_FOR_BYTE
    assert seconds > 60
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "SECONDS_FOR_BYTE", 1.5 / file.size)
        assert 1.5 < took(lambda: fails(client.NotSent, {"document": file})) < 4


def test_who_drips_the_handshake_is_left_in_time(
    peer: Callable[[Manner], str], settings: LazySettings
) -> None:
    settings.TELEGRAM_API_URL = f"https://{peer(drips_its_head)}"
    assert took(lambda: fails(client.NotSent)) < 2 * SECONDS


def test_a_proxy_that_drips_is_left_in_time(
    peer: Callable[[Manner], str], settings: LazySettings
) -> None:
    settings.TELEGRAM_PROXY_URL = f"http://{peer(drips_its_head)}"
    settings.TELEGRAM_API_URL = "https://api.telegram.org"
    assert took(lambda: fails(client.NotSent)) < 2 * SECONDS


def test_a_silent_socks_proxy_is_left_in_time(
    peer: Callable[[Manner], str], settings: LazySettings
) -> None:
    settings.TELEGRAM_PROXY_URL = f"socks5h://{peer(says_nothing)}"
    settings.TELEGRAM_API_URL = "https://api.telegram.org"
    assert took(lambda: fails(client.NotSent)) < 2 * SECONDS


def test_the_plain_text_has_no_time_of_its_own(peer: Callable[[Manner], str]) -> None:
    refusal = b'{"ok":false,"error_code":400,"description":"Bad Request: can\'t parse entities"}'

    def refuses_late_and_then_hangs(connection: socket.socket) -> None:
        connection.recv(65_536)
        time.sleep(0.75 * SECONDS)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(refusal)}\r\n\r\n".encode()
        connection.sendall(head + refusal)
        says_nothing(connection)

    def send() -> None:
        with pytest.raises(client.DeliveryUnknown):
            call("sendMessage", {"chat_id": 1}, plain=lambda: {"chat_id": 1, "text": "x"})

    peer(refuses_late_and_then_hangs)
    assert took(send) < 1.5 * SECONDS


def test_an_answer_that_is_held_on_purpose_has_its_time(peer: Callable[[Manner], str]) -> None:
    answer = b'{"ok":true,"result":[]}'

    def holds(connection: socket.socket) -> None:
        connection.recv(65_536)
        time.sleep(2 * SECONDS)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
        connection.sendall(head + answer)

    peer(holds)
    assert call("getUpdates", {"timeout": 1}, hold=1) == []


def test_a_lease_outlives_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for a slow resolver, and for the proxy's further addresses."""
    monkeypatch.undo()
    assert 10 <= client.SECONDS <= 15
    assert lane.LEASE - client.SECONDS >= 30
