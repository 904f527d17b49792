"""The way to Telegram by real proxies: SOCKS5 and HTTP, each with a login."""

import io
import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests.adapters
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import translation

from telegrambot.delivery import client
from telegrambot.delivery.client import call
from telegrambot.delivery.results import ATTEMPTS
from telegrambot.delivery.upload import File
from telegrambot.doctor import registry
from telegrambot.doctor.explanations import explained
from telegrambot.models import SentMessage
from tests.leaks import watch
from tests.ports import free_port
from tests.proxies import NAME, WAYS, Proxy, telegram_at
from tests.telegrambot import lanes
from tests.telegrambot.sandbox import Sandbox

ALICE = 101
WRONG = "wrong-password-of-the-proxy"
OTHERS = [check.name for check in registry.CHECKS if check.name != "line"]


@pytest.fixture(scope="module")
def behind(
    sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Telegram's address, and the certificates to trust."""
    folder = tmp_path_factory.mktemp("telegram")
    with telegram_at(folder, sandbox_process.url) as url:
        yield url, str(folder / "authority.pem")


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.scheme)
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    proxy: Proxy = request.param(tmp_path_factory.mktemp("proxy"))
    proxy.start()
    yield proxy
    proxy.stop()


@pytest.fixture
def proxy(
    running: Proxy,
    behind: tuple[str, str],
    sandbox: Sandbox,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> Proxy:
    settings.TELEGRAM_API_URL, authority = behind
    settings.TELEGRAM_PROXY_URL = running.url
    # This machine trusts it.
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", authority)
    watch.secrets |= {settings.TELEGRAM_BOT_TOKEN, *running.secrets, WRONG}
    sandbox.put_people(ALICE)
    return running


def send() -> dict[str, object]:
    message: dict[str, object] = call("sendMessage", {"chat_id": ALICE, "text": "hello"})
    return message


def not_sent() -> str:
    """Why; never with the login in it."""
    with pytest.raises(client.NotSent) as caught:
        send()
    assert type(caught.value) is client.NotSent
    said = caught.value.description
    assert not [secret for secret in watch.secrets if secret in said]
    return said


def doctor() -> tuple[str, str]:
    """What it says of the way by the proxy, and the remedy; never with the login."""
    out = io.StringIO()
    arguments = ("--json", "--language", "en", "--skip", *OTHERS)
    with suppress(CommandError):
        call_command("telegram", "doctor", *arguments, stdout=out)
    assert not [secret for secret in watch.secrets if secret in out.getvalue()]
    by_proxy, direct = json.loads(out.getvalue())["findings"]
    # Only the proxy knows the name.
    assert (direct["level"], "the proxy is needed" in direct["said"]) == ("ok", True)
    return by_proxy["level"] + ": " + by_proxy["said"], by_proxy["remedy"]


def test_messages_edits_and_documents_go_by_the_proxy(sandbox: Sandbox, proxy: Proxy) -> None:
    message = send()
    call(
        "editMessageText",
        {"chat_id": ALICE, "message_id": message["message_id"], "text": "hello again"},
    )
    file = File.of("Счёт.pdf", b"%PDF-1.4 " + bytes(3_000_000))
    call("sendDocument", {"chat_id": ALICE}, {"document": file})
    edited, document = sandbox.messages(ALICE)
    assert edited["text"] == "hello again"
    assert document["document"]["file_size"] == file.size
    assert doctor()[0].startswith("ok: by the proxy: ")


def test_the_proxy_asks_for_the_name(proxy: Proxy, settings: LazySettings) -> None:
    assert send()
    assert NAME in proxy.log()
    settings.TELEGRAM_PROXY_URL = ""
    assert "resol" in not_sent()


def test_the_token_is_not_for_the_proxy_to_read(proxy: Proxy, settings: LazySettings) -> None:
    assert send()
    assert settings.TELEGRAM_BOT_TOKEN not in proxy.log()


def test_a_wrong_login_is_named(sandbox: Sandbox, proxy: Proxy, settings: LazySettings) -> None:
    settings.TELEGRAM_PROXY_URL = proxy.url_for(WRONG)
    assert not_sent()
    said, remedy = doctor()
    assert said.startswith("failure: by the proxy: ")
    assert "does not accept the user or the password" in said
    assert "TELEGRAM_PROXY_URL" in remedy
    assert sandbox.calls("sendMessage") == []


def test_no_login_where_one_is_needed_is_named(proxy: Proxy, settings: LazySettings) -> None:
    settings.TELEGRAM_PROXY_URL = f"{proxy.scheme}://127.0.0.1:{proxy.port}"
    assert not_sent()
    assert "does not accept the user or the password" in doctor()[0]


def test_a_proxy_that_does_not_reach_telegram_is_named(
    proxy: Proxy, settings: LazySettings
) -> None:
    settings.TELEGRAM_API_URL = f"https://{NAME}:{free_port()}"
    assert not_sent()
    assert "does not reach Telegram itself" in doctor()[0]


def test_a_proxy_that_is_down_is_named_and_found_again(proxy: Proxy) -> None:
    # A connection through it is open and idle.
    assert send()
    proxy.stop()
    try:
        assert not_sent()
        said, remedy = doctor()
    finally:
        proxy.start()
    assert "The proxy towards Telegram does not answer" in said
    assert "whether it runs" in remedy
    assert send()


def test_a_message_waits_for_the_proxy_however_often_it_was_tried(
    proxy: Proxy, card: SentMessage, settings: LazySettings, sandbox: Sandbox
) -> None:
    settings.TELEGRAM_PROXY_URL = proxy.url_for(WRONG)
    for _once_more in range(ATTEMPTS + 1):
        card = lanes.delivered(lanes.due_again(card))
        assert (card.state, card.message_ids) == (SentMessage.State.PENDING, [])
    with translation.override("en"):
        assert "does not accept the user or the password" in explained(card.error)
    assert not [secret for secret in watch.secrets if secret in card.error]
    settings.TELEGRAM_PROXY_URL = proxy.url
    card = lanes.delivered(lanes.due_again(card))
    assert (card.state, card.error) == (SentMessage.State.SENT, "")
    assert len(sandbox.messages(card.chat.telegram_id)) == 1
