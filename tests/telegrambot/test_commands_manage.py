"""`manage.py telegram …` against the sandbox."""

import io
import json
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from telegrambot import webhook
from telegrambot.delivery import abilities, client
from telegrambot.incoming import polling
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.models import Chat
from telegrambot.redaction import HEADER
from tests.company import Company
from tests.telegrambot import lanes
from tests.telegrambot.front import Front, serving, tls_of
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Decision

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
WEBHOOK = "http://127.0.0.1:8000/telegram/webhook/"


@pytest.fixture(autouse=True)
def servers(sandbox: Sandbox) -> Iterator[None]:
    """Of each nothing is known, and it may be set often."""
    abilities.forget()
    sandbox.post("/control/settings", webhook={"set_interval": 0})
    yield
    sandbox.post("/control/settings", bot_api="10.4", webhook={"set_interval": 1})
    abilities.forget()


def run(command: str, *arguments: str) -> str:
    """What the command says; of a webhook it does not wait to hear what comes of it."""
    out = io.StringIO()
    at_once = ("--wait", "0") if command == "setwebhook" and not arguments else ()
    call_command(
        "telegram", command, *at_once, *arguments, "--language", "en", stdout=out, no_color=True
    )
    return out.getvalue()


def last_params(sandbox: Sandbox, method: str) -> dict[str, object]:
    params = sandbox.calls(method)[-1]["params"]
    assert isinstance(params, dict)
    return params


def test_setwebhook_passes_everything_each_time(sandbox: Sandbox, settings: LazySettings) -> None:
    assert WEBHOOK in run("setwebhook")
    assert last_params(sandbox, "setWebhook") == {
        "url": WEBHOOK,
        "secret_token": settings.TELEGRAM_WEBHOOK_SECRET,
        "max_connections": 40,
        "allowed_updates": list(ALLOWED_UPDATES),
    }
    assert client.call("getWebhookInfo")["url"] == WEBHOOK
    run("deletewebhook")


def test_setwebhook_waits_as_long_as_telegram_asks(sandbox: Sandbox) -> None:
    sandbox.post("/control/settings", webhook={"set_interval": 0.5})
    run("setwebhook")
    assert "The webhook is set" in run("setwebhook")
    run("deletewebhook")


def test_setwebhook_without_a_secret_is_refused(sandbox: Sandbox, settings: LazySettings) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = ""
    with pytest.raises(CommandError, match="TELEGRAM_WEBHOOK_SECRET"):
        run("setwebhook")
    assert sandbox.calls("setWebhook") == []


def test_a_certificate_of_ones_own_is_uploaded(
    sandbox: Sandbox, settings: LazySettings, tmp_path: Path
) -> None:
    path = tmp_path / "webhook.pem"
    path.write_text(CERTIFICATE)
    settings.TELEGRAM_CERTIFICATE = str(path)
    run("setwebhook")
    assert client.call("getWebhookInfo")["has_custom_certificate"]
    run("deletewebhook")

    settings.TELEGRAM_CERTIFICATE = str(tmp_path / "missing.pem")
    with pytest.raises(CommandError, match="TELEGRAM_CERTIFICATE"):
        run("setwebhook")


def test_a_private_key_is_not_uploaded(
    sandbox: Sandbox, settings: LazySettings, tmp_path: Path
) -> None:
    (tmp_path / "both.pem").write_text(f"{CERTIFICATE}-----BEGIN PRIVATE KEY-----\n")
    settings.TELEGRAM_CERTIFICATE = str(tmp_path / "both.pem")
    with pytest.raises(CommandError, match="holds a private key"):
        run("setwebhook")
    assert sandbox.calls("setWebhook") == []


@contextmanager
def behind_tls(settings: LazySettings, folder: Path, web: Front) -> Iterator[None]:
    """At the address of the webhook, with a certificate that the product has made."""
    run("certificate", "127.0.0.1", "--folder", str(folder))
    both = folder / "both.pem"
    both.write_bytes((folder / "webhook.key").read_bytes() + (folder / "webhook.pem").read_bytes())
    settings.TELEGRAM_CERTIFICATE = str(folder / "webhook.pem")
    with serving(web, tls_of(both)) as port:
        settings.PUBLIC_URL = f"https://127.0.0.1:{port}"
        yield
        run("deletewebhook")


def test_a_webhook_with_a_certificate_that_was_made_is_called(
    sandbox: Sandbox, settings: LazySettings, tmp_path: Path
) -> None:
    sandbox.put_people(101)
    web = Front()
    with behind_tls(settings, tmp_path, web):
        said = run("setwebhook", "--wait", "1")
        assert f"The webhook is set: {settings.PUBLIC_URL}" in said
        assert "has not complained" in said
        assert json.loads(web.calls[0][1])["message"]["text"] == "/start"
        assert web.calls[0][0][HEADER] == settings.TELEGRAM_WEBHOOK_SECRET


def test_setwebhook_fails_with_what_telegram_complains_of(
    sandbox: Sandbox, settings: LazySettings, tmp_path: Path
) -> None:
    sandbox.put_people(101)
    web = Front(500)
    with behind_tls(settings, tmp_path, web):
        with pytest.raises(CommandError, match="500 Internal Server Error\nThe product has failed"):
            run("setwebhook", "--wait", "10")
        # Of another certificate than is served.
        run("certificate", "127.0.0.1", "--folder", str(tmp_path), "--force")
        with pytest.raises(
            CommandError, match="certificate verify failed\\}\nTelegram does not trust"
        ):
            run("setwebhook", "--wait", "10")
        assert "→ Telegram does not trust the certificate" in run("webhookinfo")


def test_webhookinfo_shows_what_telegram_knows(sandbox: Sandbox) -> None:
    run("setwebhook")
    said = run("webhookinfo")
    assert f"Address: {WEBHOOK}" in said
    assert "Certificate of one's own: no" in said
    asked = re.search(r"Updates asked for: (.+)", said)
    assert asked
    assert set(asked[1].split(", ")) == set(ALLOWED_UPDATES)
    assert json.loads(run("webhookinfo", "--json")) == client.call("getWebhookInfo")
    run("deletewebhook")
    assert "Address: not set" in run("webhookinfo")
    assert "drop_pending_updates" not in last_params(sandbox, "deleteWebhook")


def waiting() -> int:
    return int(client.call("getWebhookInfo")["pending_update_count"])


def test_what_waits_is_thrown_away_only_by_consent(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox.put_people(101, 102)
    count = waiting()
    assert count
    run("deletewebhook")
    for answer in ("", "no\n", "\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        with pytest.raises(CommandError, match="Nothing was deleted"):
            run("deletewebhook", "--drop")
        assert f"will be lost: {count}" in capsys.readouterr().err
        assert waiting() == count
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    run("deletewebhook", "--drop")
    assert waiting() == 0

    sandbox.put_people(103)
    assert waiting()
    run("deletewebhook", "--drop", "--yes")
    assert waiting() == 0


def test_the_bot_says_who_it_is(sandbox: Sandbox) -> None:
    said = run("me")
    assert "username: treasury_sandbox_bot" in said
    assert "supports_inline_queries: True" in said


def test_a_message_is_sent_to_try_the_line(sandbox: Sandbox) -> None:
    sandbox.put_people(101)
    sandbox.put_group(-1001000000055, 101)
    assert "Sent: message" in run("send", "101", "Hello <there>")
    run("send", "-1001000000055", "Hello")
    assert [message["text"] for message in sandbox.messages(101)] == ["Hello <there>"]
    assert [message["text"] for message in sandbox.messages(-1001000000055)] == ["Hello"]
    with pytest.raises(CommandError, match="chat not found\nThe bot knows no such chat"):
        run("send", "404", "Hello")


def test_the_commands_are_set_in_both_languages(sandbox: Sandbox) -> None:
    run("commands")
    calls = [call["params"] for call in sandbox.calls("setMyCommands")]
    private = [call for call in calls if call["scope"] == {"type": "all_private_chats"}]
    assert [call.get("language_code") for call in private] == [None, "en"]
    for call in private:
        assert not any("is_ephemeral" in command for command in call["commands"])
        names = [command["command"] for command in call["commands"]]
        assert names == ["login", "help"]


def test_groups_have_a_menu_of_what_nobody_else_sees(sandbox: Sandbox) -> None:
    run("commands")
    for code, about in ((None, "Заявки, которые ждут вашего решения"),
                        ("en", "Requests that wait for your decision")):  # fmt: skip
        scope = {"scope": {"type": "all_group_chats"}, "language_code": code}
        menu = client.call("getMyCommands", scope)
        names = [command["command"] for command in menu]
        assert names == [
            "pending", "request", "mine", "search", "why", "whoami", "login", "help",
        ]  # fmt: skip
        assert all(command["is_ephemeral"] for command in menu)
        assert menu[0]["description"] == about


def test_the_bot_introduces_itself_in_both_languages(sandbox: Sandbox) -> None:
    run("profile")
    assert client.call("getMyName") == {"name": "Казначейство"}
    assert client.call("getMyName", {"language_code": "en"}) == {"name": "Treasury"}
    assert client.call("getMe")["first_name"] == "Казначейство"
    for code in (None, "en"):
        about = client.call("getMyShortDescription", {"language_code": code})["short_description"]
        purpose = client.call("getMyDescription", {"language_code": code})["description"]
        assert "Telegram" in about
        assert ("Press “Start”" in purpose) == (code == "en")


def test_a_name_that_is_right_is_not_set_again(sandbox: Sandbox) -> None:
    for code in (None, "en"):
        client.call("setMyName", {"name": "Бот", "language_code": code})
    run("profile")
    sandbox.fail("error", method="setMyName", error_code=429, description="Too Many Requests")
    run("profile")
    assert len(sandbox.calls("setMyName")) == 4


def test_what_telegram_refuses_is_said(sandbox: Sandbox) -> None:
    sandbox.fail(
        "error", method="setWebhook", error_code=400, description="Bad Request: bad webhook"
    )
    with pytest.raises(CommandError, match="bad webhook"):
        run("setwebhook")
    ports = "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
    sandbox.fail("error", method="setWebhook", error_code=400, description=ports)
    with pytest.raises(CommandError, match="PUBLIC_URL"):
        run("setwebhook")


def test_polling_lets_updates_in_and_sends_the_answers(telegram: Sandbox, company: Company) -> None:
    offset = polling.poll_once(0, hold=0)
    boris = company.telegram_id(company.boris)
    chat = f"/client/people/{boris}/chats/{boris}"
    telegram.post(f"{chat}/messages", text="/help")
    offset = polling.poll_once(offset, hold=0)
    lanes.deliver(Chat.objects.get(telegram_id=boris).pk)
    message = telegram.messages(boris)[-1]
    assert "/pending" in message["text"]

    request = company.submitted()
    data = f"approve:{company.task(request, company.boris).pk}"
    with ThreadPoolExecutor() as pool:
        press = {"message_id": message["message_id"], "data": data}
        pressed = pool.submit(telegram.post, f"{chat}/press", **press)
        offset = polling.poll_once(offset, hold=15)
        assert request.number in pressed.result(timeout=15)["text"]

    assert Decision.objects.count() == 1
    assert polling.poll_once(offset, hold=0) == offset
    assert last_params(telegram, "getUpdates")["allowed_updates"] == list(ALLOWED_UPDATES)


@pytest.fixture
def signalled(sandbox: Sandbox) -> Iterator[Callable[[int], None]]:
    """Sends a signal to this process as soon as it asks for updates."""
    threads: list[threading.Thread] = []

    def wait_and_send(number: int) -> None:
        own = Sandbox(sandbox.url)
        deadline = time.monotonic() + 10
        while not own.calls("getUpdates") and time.monotonic() < deadline:
            pass
        own.close()
        os.kill(os.getpid(), number)

    def send(number: int) -> None:
        threads.append(threading.Thread(target=wait_and_send, args=(number,)))
        threads[-1].start()

    yield send
    for thread in threads:
        thread.join()


@pytest.mark.django_db
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_polling_takes_over_from_the_webhook_and_gives_back(
    sandbox: Sandbox, signalled: Callable[[int], None], number: int
) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)]
    told = {
        "url": WEBHOOK, "secret_token": "webhook-secret-of-the-tests", "max_connections": 7,
        "allowed_updates": ["message", "callback_query"],
    }  # fmt: skip
    client.call("setWebhook", told)
    info = client.call("getWebhookInfo")
    signalled(number)
    said = run("poll")
    assert f"set aside, and set again in the end: {WEBHOOK}" in said
    assert said.endswith("Ended.\n")
    assert "drop_pending_updates" not in last_params(sandbox, "deleteWebhook")
    assert client.call("getWebhookInfo") == info
    assert last_params(sandbox, "setWebhook") == told
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)] == before
    run("deletewebhook")


@pytest.mark.django_db
def test_polling_sets_nothing_again_where_nothing_was_set_or_is_set_by_another(
    sandbox: Sandbox, signalled: Callable[[int], None]
) -> None:
    signalled(signal.SIGTERM)
    assert "set aside" not in run("poll")
    assert sandbox.calls("setWebhook") == []

    run("setwebhook")
    with webhook.set_aside():
        client.call("setWebhook", {"url": "http://127.0.0.1:9/another/"})
    assert client.call("getWebhookInfo")["url"] == "http://127.0.0.1:9/another/"


def test_polling_leaves_a_webhook_that_it_could_not_set_again(
    sandbox: Sandbox, settings: LazySettings, tmp_path: Path
) -> None:
    client.call("setWebhook", {"url": "http://127.0.0.1:9/another/"})
    with pytest.raises(CommandError, match="was not set by these settings"):
        run("poll")
    client.call("setWebhook", {"url": WEBHOOK})
    (tmp_path / "webhook.pem").write_text(CERTIFICATE)
    settings.TELEGRAM_CERTIFICATE = str(tmp_path / "webhook.pem")
    with pytest.raises(CommandError, match="was not set by these settings"):
        run("poll")
    settings.TELEGRAM_CERTIFICATE = ""
    settings.TELEGRAM_WEBHOOK_SECRET = ""
    with pytest.raises(CommandError, match="TELEGRAM_WEBHOOK_SECRET"):
        run("poll")
    assert sandbox.calls("deleteWebhook") == []
    run("deletewebhook")
