"""What a call gives back, and which error says what happened to it."""

import gzip
import json
import socket
import threading
import tracemalloc
from contextlib import closing, suppress

import pytest
from django.conf import LazySettings
from requests.adapters import HTTPAdapter

from telegrambot.delivery import client
from telegrambot.delivery.client import call, error_for
from telegrambot.delivery.upload import File
from tests.ports import free_port
from tests.telegrambot.sandbox import TOKEN, Sandbox

ALICE = 101
GROUP = -1001000000055


class Peer:
    """A server that takes one connection and answers what has come first with the given bytes.

    It hangs up when the other does, or at once without caring for the rest. The other may have
    hung up long before: then the system tells so at whichever step it pleases.
    """

    def __init__(self, answer: bytes, *, polite: bool) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._answer, self._polite = answer, polite
        self.received = b""
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _address = self._server.accept()
        with connection, suppress(OSError):
            self.received = connection.recv(65536)
            connection.sendall(self._answer)
            if self._polite:
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    def close(self) -> None:
        self._thread.join(timeout=10)
        self._server.close()


@pytest.fixture
def alice(sandbox: Sandbox) -> int:
    sandbox.put_people(ALICE)
    return ALICE


def answering(settings: LazySettings, answer: bytes, *, polite: bool = True) -> Peer:
    peer = Peer(answer, polite=polite)
    settings.TELEGRAM_API_URL = f"http://127.0.0.1:{peer.port}"
    return peer


def send(chat_id: int, text: str = "hello") -> dict[str, object]:
    message: dict[str, object] = call("sendMessage", {"chat_id": chat_id, "text": text})
    return message


def test_a_call_gives_the_result(alice: int) -> None:
    assert send(alice)["text"] == "hello"


def test_parameters_that_are_none_are_left_out(sandbox: Sandbox, alice: int) -> None:
    call("sendMessage", {"chat_id": alice, "text": "hi", "reply_markup": None})
    assert "reply_markup" not in sandbox.calls("sendMessage")[-1]["params"]


def test_nested_parameters_travel_beside_a_file(sandbox: Sandbox, alice: int) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Да", "callback_data": "1"}]]}
    params = {"chat_id": alice, "caption": "Счёт", "reply_markup": keyboard}
    file = File.of("Счёт №45.pdf", b"%PDF-1.4 " + bytes(200_000))
    message = call("sendDocument", params, {"document": file})
    assert message["document"]["file_name"] == "Счёт №45.pdf"
    assert message["document"]["file_size"] == file.size
    assert message["reply_markup"] == keyboard


def test_a_connection_is_kept_for_the_next_call(sandbox: Sandbox, alice: int) -> None:
    call("getMe")
    adapter = client._session().get_adapter(sandbox.url)
    assert isinstance(adapter, HTTPAdapter)
    pool = adapter.poolmanager.connection_from_url(sandbox.url)
    before = pool.num_connections
    call("getMe")
    assert pool.num_connections == before


def test_each_thread_has_its_own_connection() -> None:
    sessions = [client._session()]
    thread = threading.Thread(target=lambda: sessions.append(client._session()))
    thread.start()
    thread.join()
    assert sessions[0] is not sessions[1]


def test_a_changed_proxy_gets_a_new_session(settings: LazySettings) -> None:
    direct = client._session()
    settings.TELEGRAM_PROXY_URL = "socks5h://127.0.0.1:1080"
    assert client._session().proxies == {
        "http": "socks5h://127.0.0.1:1080",
        "https": "socks5h://127.0.0.1:1080",
    }
    settings.TELEGRAM_PROXY_URL = ""
    assert client._session() is not direct
    assert client._session().proxies == {}


@pytest.mark.parametrize("url", ["socks5://127.0.0.1:1080", "http://a host:3128", "127.0.0.1:3128"])
def test_what_is_no_proxy_is_said_and_nothing_sent(settings: LazySettings, url: str) -> None:
    settings.TELEGRAM_PROXY_URL = url
    with pytest.raises(client.NotSent, match="TELEGRAM_PROXY_URL is not the address of a proxy"):
        call("getMe")
    with pytest.raises(client.NotSent, match="TELEGRAM_PROXY_URL is not the address of a proxy"):
        client.reach(url)


def test_the_environment_names_no_proxy(alice: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    assert send(alice)


def test_a_missing_token_is_said_clearly(settings: LazySettings) -> None:
    settings.TELEGRAM_BOT_TOKEN = ""
    with pytest.raises(client.NotSent, match="TELEGRAM_BOT_TOKEN is not set"):
        call("getMe")


@pytest.mark.parametrize("token", ["1:wrong", "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaX"])
def test_a_wrong_token_is_unauthorized(
    sandbox: Sandbox, settings: LazySettings, token: str
) -> None:
    settings.TELEGRAM_BOT_TOKEN = token
    with pytest.raises(client.Unauthorized):
        call("getMe")


# What went wrong on the way: either it certainly did not arrive, or nobody knows.


def test_a_refused_connection_is_not_sent(settings: LazySettings) -> None:
    settings.TELEGRAM_API_URL = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(client.NotSent):
        call("getMe")


def test_an_unknown_host_is_not_sent(settings: LazySettings) -> None:
    settings.TELEGRAM_API_URL = "http://telegram.invalid"
    with pytest.raises(client.NotSent):
        call("getMe")


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
def test_a_dead_proxy_is_not_sent(sandbox: Sandbox, settings: LazySettings, scheme: str) -> None:
    settings.TELEGRAM_PROXY_URL = f"{scheme}://user:password@127.0.0.1:{free_port()}"
    with pytest.raises(client.NotSent) as caught:
        call("getMe")
    assert "password" not in str(caught.value)
    assert sandbox.calls("getMe") == []


def test_a_broken_handshake_is_not_sent(settings: LazySettings) -> None:
    with closing(Peer(b"this is not TLS", polite=True)) as peer:
        settings.TELEGRAM_API_URL = f"https://127.0.0.1:{peer.port}"
        with pytest.raises(client.NotSent):
            call("sendMessage", {"chat_id": 1, "text": "x"})


def test_an_upload_broken_half_way_is_not_sent(settings: LazySettings) -> None:
    rude = answering(settings, b"", polite=False)
    with closing(rude) as peer, pytest.raises(client.NotSent):
        call("sendDocument", {"chat_id": 1}, {"document": File.of("big.pdf", bytes(20_000_000))})
    assert 0 < len(peer.received) < 20_000_000


def test_silence_after_the_call_is_unknown(
    sandbox: Sandbox, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SECONDS", 0.2)
    sandbox.fail("hang_after", method="sendMessage", seconds=1)
    with pytest.raises(client.DeliveryUnknown):
        send(alice)
    assert len(sandbox.messages(alice)) == 1


def test_a_connection_closed_after_the_call_is_unknown(sandbox: Sandbox, alice: int) -> None:
    sandbox.fail("drop_after", method="sendMessage")
    with pytest.raises(client.DeliveryUnknown):
        send(alice)


def page(status: str, body: bytes = b"<html>", headers: str = "") -> bytes:
    """An answer that is none of the Bot API's, unless the body makes it one."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return f"{head}{headers}\r\n".encode() + body


# A proxy that refuses, or sends elsewhere, has handed nothing on.
@pytest.mark.parametrize(
    "status",
    [
        "302 Found",
        "400 Bad Request",
        "403 Forbidden",
        "404 Not Found",
        "407 Proxy Authentication Required",
        "408 Request Timeout",
        "413 Content Too Large",
        "429 Too Many Requests",
        "501 Not Implemented",
        "511 Network Authentication Required",
    ],
)
def test_a_refusal_of_another_machine_is_not_sent(settings: LazySettings, status: str) -> None:
    with closing(answering(settings, page(status))), pytest.raises(client.NotSent) as caught:
        send(ALICE)
    assert type(caught.value) is client.NotSent
    assert caught.value.description == f"{status}, not a Bot API answer"


def test_a_refusal_that_breaks_off_is_not_sent(settings: LazySettings) -> None:
    cut = page("403 Forbidden", b"<html>" * 100)[:-1]
    with closing(answering(settings, cut)), pytest.raises(client.NotSent, match="403"):
        send(ALICE)


def test_an_answer_that_breaks_off_is_unknown(settings: LazySettings) -> None:
    cut = page("200 OK", b'{"ok":true,"result":{"message_id":7}}')[:-1]
    with closing(answering(settings, cut)), pytest.raises(client.DeliveryUnknown, match="200"):
        send(ALICE)


# What does not come through from behind a proxy may have been done there.
@pytest.mark.parametrize(
    "status",
    [
        "200 OK",
        "500 Internal Server Error",
        "504 Gateway Timeout",
        "520 Unknown",
    ],
)
def test_an_answer_of_another_machine_is_unknown(settings: LazySettings, status: str) -> None:
    peer = answering(settings, page(status))
    with closing(peer), pytest.raises(client.DeliveryUnknown, match=status):
        send(ALICE)


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable"])
def test_what_found_nobody_behind_the_proxy_is_not_sent(
    settings: LazySettings, status: str
) -> None:
    with closing(answering(settings, page(status))), pytest.raises(client.NotSent, match=status):
        send(ALICE)


def test_an_answer_to_half_an_upload_is_not_sent(settings: LazySettings) -> None:
    rude = answering(settings, page("504 Gateway Timeout"), polite=False)
    with closing(rude), pytest.raises(client.NotSent):
        call("sendDocument", {"chat_id": 1}, {"document": File.of("a.pdf", bytes(20_000_000))})


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"ok":false,"error_code":413,"description":"Request Entity Too Large"}']
)
def test_an_upload_that_is_too_large_for_somebody_is_a_refused_file(
    settings: LazySettings, body: bytes
) -> None:
    """Telegram's own front says so by a page, its server by an answer."""
    peer = answering(settings, page("413 Request Entity Too Large", body))
    with closing(peer), pytest.raises(client.MediaRefused):
        call("sendDocument", {"chat_id": 1}, {"document": File.of("a.pdf", bytes(60_000))})


def test_a_redirect_is_not_followed(sandbox: Sandbox, settings: LazySettings) -> None:
    target = f"Location: {sandbox.url}/bot{TOKEN}/getMe\r\n"
    moved = page("302 Found", b"", target)
    with closing(answering(settings, moved)), pytest.raises(client.NotSent, match="302"):
        call("getMe")
    assert sandbox.calls("getMe") == []


def test_a_redirect_to_nowhere_is_not_sent(settings: LazySettings) -> None:
    moved = page("302 Found", b"", "Location: http://here\r\n").replace(b"here", b"\xff")
    with closing(answering(settings, moved)), pytest.raises(client.NotSent, match="302"):
        send(ALICE)


def test_an_answer_without_end_is_not_read_to_it(settings: LazySettings) -> None:
    body = b'{"ok":true,"result":"' + bytes(3_000_000) + b'"}'
    peer = answering(settings, page("200 OK", body))
    with closing(peer), pytest.raises(client.DeliveryUnknown, match="not a Bot API answer"):
        call("getMe")


def test_a_packed_answer_without_end_is_not_unpacked_to_it(settings: LazySettings) -> None:
    packed = gzip.compress(bytes(200_000_000))
    answer = page("200 OK", packed, "Content-Encoding: gzip\r\n")
    with closing(answering(settings, answer)):
        tracemalloc.start()
        with pytest.raises(client.DeliveryUnknown, match="not a Bot API answer"):
            call("getMe")
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 20_000_000


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        ("200 OK", {"ok": True}, client.DeliveryUnknown),
        ("200 OK", {"ok": "true", "result": {}}, client.DeliveryUnknown),
        ("429 Too Many Requests", {"ok": False, "error_code": 429}, client.NotSent),
    ],
)
def test_an_odd_answer_is_no_verdict(
    settings: LazySettings, status: str, body: dict[str, object], kind: type[Exception]
) -> None:
    peer = answering(settings, page(status, json.dumps(body).encode()))
    with closing(peer), pytest.raises(kind):
        send(ALICE)


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_no_error_tells_the_token(sandbox: Sandbox, alice: int, kind: str) -> None:
    sandbox.fail(kind)
    with pytest.raises(client.TelegramError) as caught:
        send(alice)
    assert TOKEN not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_a_refused_connection_does_not_tell_the_token(settings: LazySettings) -> None:
    settings.TELEGRAM_BOT_TOKEN = TOKEN
    settings.TELEGRAM_API_URL = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(client.NotSent) as caught:
        call("getMe")
    assert "<secret>" in str(caught.value)
    assert TOKEN not in str(caught.value)


# What Telegram refuses.


def test_the_flood_wait_is_told_in_seconds(sandbox: Sandbox, alice: int) -> None:
    sandbox.fail("retry_after", seconds=17)
    with pytest.raises(client.RetryAfter) as caught:
        send(alice)
    assert caught.value.seconds == 17


def test_a_migrated_group_tells_its_new_id(sandbox: Sandbox, alice: int) -> None:
    sandbox.put_group(-4001, alice, kind="group")
    moved = sandbox.post("/control/chats/-4001/migrate")["new_chat_id"]
    with pytest.raises(client.ChatMigrated) as caught:
        send(-4001)
    assert caught.value.new_chat_id == moved


def test_a_person_who_blocked_the_bot_is_unreachable(sandbox: Sandbox, alice: int) -> None:
    sandbox.post(f"/client/people/{alice}/block")
    with pytest.raises(client.Unreachable) as caught:
        send(alice)
    assert caught.value.reason == "blocked"


def test_a_person_who_has_left_telegram_is_unreachable(sandbox: Sandbox) -> None:
    sandbox.put_people(102)
    sandbox.post("/control/people/102/deactivate")
    with pytest.raises(client.Unreachable) as caught:
        send(102)
    assert caught.value.reason == "deactivated"


def test_a_group_that_removed_the_bot_is_unreachable(sandbox: Sandbox, alice: int) -> None:
    sandbox.put_group(GROUP, alice)
    sandbox.post(f"/control/chats/{GROUP}/kick")
    with pytest.raises(client.Unreachable) as caught:
        send(GROUP)
    assert caught.value.reason == "removed"


def test_a_chat_that_nobody_knows_is_unreachable(sandbox: Sandbox) -> None:
    with pytest.raises(client.Unreachable) as caught:
        send(987654321)
    assert caught.value.reason in {"not_found", "not_started"}


def test_the_same_edit_again_is_not_modified(alice: int) -> None:
    edit = {"chat_id": alice, "message_id": send(alice)["message_id"], "text": "hello"}
    with pytest.raises(client.NotModified):
        call("editMessageText", edit)


def test_an_edit_of_a_deleted_message_finds_it_gone(sandbox: Sandbox, alice: int) -> None:
    message_id = send(alice)["message_id"]
    sandbox.post(f"/control/chats/{alice}/delete_message", message_id=message_id)
    with pytest.raises(client.MessageGone):
        call("editMessageText", {"chat_id": alice, "message_id": message_id, "text": "new"})


def test_the_text_of_a_document_cannot_be_edited(alice: int) -> None:
    message = call("sendDocument", {"chat_id": alice}, {"document": File.of("a.txt", b"text")})
    edit = {"chat_id": alice, "message_id": message["message_id"], "text": "new"}
    with pytest.raises(client.CantEdit):
        call("editMessageText", edit)


def test_broken_markup_is_a_parse_error(alice: int) -> None:
    with pytest.raises(client.ParseError):
        call("sendMessage", {"chat_id": alice, "text": "<b>", "parse_mode": "HTML"})


def test_refused_markup_is_followed_by_the_plain_text(sandbox: Sandbox, alice: int) -> None:
    params = {"chat_id": alice, "text": "<b>", "parse_mode": "HTML"}
    message = call("sendMessage", params, plain=lambda: {"chat_id": alice, "text": "no markup"})
    assert message["text"] == "no markup"
    assert len(sandbox.calls("sendMessage")) == 2


def test_an_unknown_file_id_is_a_wrong_file(alice: int) -> None:
    with pytest.raises(client.WrongFile):
        call("sendDocument", {"chat_id": alice, "document": "BQACAgIAAxkBAAIBY2"})


def test_an_answer_to_an_old_press_is_too_late(sandbox: Sandbox) -> None:
    with pytest.raises(client.QueryTooOld):
        call("answerCallbackQuery", {"callback_query_id": "123"})


def test_trouble_at_telegram_is_a_server_error(sandbox: Sandbox, alice: int) -> None:
    sandbox.fail("error", error_code=500, description="Internal Server Error: restart")
    with pytest.raises(client.ServerError):
        send(alice)


def test_our_own_mistake_is_a_plain_error(alice: int) -> None:
    with pytest.raises(client.TelegramError) as caught:
        send(alice, "1" * 4097)
    assert type(caught.value) is client.TelegramError
    assert caught.value.description == "Bad Request: message is too long"


# Answers that the sandbox has no occasion to give; the texts are the server's.
@pytest.mark.parametrize(
    ("code", "description", "reason"),
    [
        (403, "Forbidden: bot can't initiate conversation with a user", "not_started"),
        (403, "Forbidden: the bot can't send messages to the bot", "not_started"),
        (403, "Forbidden: bot was kicked from the group chat", "removed"),
        (403, "Forbidden: bot is not a member of the supergroup chat", "removed"),
        (403, "Forbidden: the group chat was deleted", "removed"),
        (400, "Bad Request: chat_id is empty", "not_found"),
        (400, "Bad Request: not enough rights to send text messages to the chat", "restricted"),
        (400, "Bad Request: have no write access to the chat", "restricted"),
        (400, "Bad Request: need administrator rights in the channel chat", "restricted"),
    ],
)
def test_a_lost_chat_has_a_reason(code: int, description: str, reason: str) -> None:
    error = error_for(code, description, {})
    assert isinstance(error, client.Unreachable)
    assert error.reason == reason


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        (400, "Bad Request: TOPIC_NOT_MODIFIED", client.NotModified),
        (400, "Bad Request: message to delete not found", client.MessageGone),
        (400, "Bad Request: MESSAGE_ID_INVALID", client.MessageGone),
        (400, "Bad Request: message can't be edited", client.CantEdit),
        (400, "Bad Request: there is no caption in the message to edit", client.CantEdit),
        (400, "Bad Request: wrong remote file identifier specified", client.WrongFile),
        (404, "Not Found: method not found", client.UnknownMethod),
        (409, "Conflict: terminated by other getUpdates request", client.TelegramError),
        (502, "Bad Gateway", client.ServerError),
        (501, "Not Implemented", client.TelegramError),
        (400, "Bad Request: file is too big", client.MediaRefused),
        (400, "Bad Request: IMAGE_PROCESS_FAILED", client.KindRefused),
        (400, "Bad Request: PHOTO_INVALID_DIMENSIONS", client.KindRefused),
        (400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", client.KindRefused),
    ],
)
def test_a_refusal_is_named_by_what_to_do(
    code: int, description: str, kind: type[client.TelegramError]
) -> None:
    error = error_for(code, description, {})
    assert type(error) is kind
    assert (error.code, str(error)) == (code, description)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ("documents", client.MediaRefused),
        ("music", client.MediaRefused),
        # Documents may be another matter.
        ("photos", client.KindRefused),
        ("videos", client.KindRefused),
        ("voice notes", client.KindRefused),
    ],
)
def test_a_chat_without_files_is_no_lost_chat(files: str, kind: type[client.TelegramError]) -> None:
    error = error_for(400, f"Bad Request: not enough rights to send {files} to the chat", {})
    assert type(error) is kind
