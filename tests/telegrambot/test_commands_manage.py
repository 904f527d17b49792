"""`manage.py telegram …` against the sandbox."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from telegrambot.delivery import abilities, client
from telegrambot.incoming import polling
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.models import Chat, SentMessage, Update
from telegrambot.projection import cursor
from tests.company import Company
from tests.telegrambot import lanes
from tests.telegrambot.sandbox import TOKEN, Sandbox
from treasury.models import Decision

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
WEBHOOK = "http://127.0.0.1:8000/telegram/webhook/"


@pytest.fixture(autouse=True)
def servers(sandbox: Sandbox) -> Iterator[None]:
    """Of each nothing is known."""
    abilities.forget()
    yield
    sandbox.post("/control/settings", bot_api="10.4")
    abilities.forget()


def run(command: str) -> str:
    """What the command says."""
    out = io.StringIO()
    call_command("telegram", command, stdout=out, no_color=True)
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


def test_webhookinfo_shows_what_telegram_knows(sandbox: Sandbox) -> None:
    run("setwebhook")
    assert f"url: {WEBHOOK}" in run("webhookinfo")
    run("deletewebhook")
    assert WEBHOOK not in run("webhookinfo")
    assert "drop_pending_updates" not in last_params(sandbox, "deleteWebhook")


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


@pytest.mark.parametrize("version", ["10.1", "10.2"])
def test_the_doctor_knows_a_menu_as_an_older_server_tells_it(
    sandbox: Sandbox, version: str
) -> None:
    sandbox.post("/control/settings", bot_api=version)
    for command in ("setwebhook", "commands", "profile"):
        run(command)
    assert "commands: ok" in run("doctor")
    scope = {"scope": {"type": "all_group_chats"}}
    menu = [{**command, "is_ephemeral": True} for command in client.call("getMyCommands", scope)]
    client.call("setMyCommands", {**scope, "commands": menu[:-1]})
    with pytest.raises(CommandError, match="1 of the checks"):
        run("doctor")
    client.call("setMyCommands", {**scope, "commands": menu})
    sandbox.post("/control/settings", bot_api="10.4")
    abilities.forget()
    if version == "10.1":
        # This one would show to nobody else what that one could only show to all.
        with pytest.raises(CommandError, match="1 of the checks"):
            run("doctor")
        run("commands")
    assert "commands: ok" in run("doctor")
    run("deletewebhook")


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


def test_the_doctor_finds_what_is_wrong(
    sandbox: Sandbox, settings: LazySettings, company: Company
) -> None:
    for code in (None, "en"):
        menu = {"scope": {"type": "all_private_chats"}, "language_code": code}
        client.call("deleteMyCommands", menu)
        client.call("setMyDescription", {"language_code": code})
    out = io.StringIO()
    with pytest.raises(CommandError, match="3 of the checks"):
        call_command("telegram", "doctor", stdout=out, no_color=True)
    assert "webhook: it is not set" in out.getvalue()
    assert "commands: not those of this version" in out.getvalue()
    assert "profile: the bot does not say what it is for" in out.getvalue()
    for command in ("setwebhook", "commands", "profile"):
        run(command)
    assert "token: ok" in run("doctor")

    chat = Chat.objects.create(telegram_id=1, kind="private")
    message = SentMessage.objects.create(chat=chat, kind="notice", text="…", state="gone")
    assert "messages: ok" in run("doctor")
    for state in ("failed", "unknown"):
        SentMessage.objects.filter(pk=message.pk).update(state=state)
        with pytest.raises(CommandError, match="1 of the checks"):
            run("doctor")
    message.delete()

    Update.objects.create(update_id=1, kind="x", payload={}, error="LookupError")
    cursor.stumble(company.submitted().pk, ValueError("odd"))
    settings.TELEGRAM_WEBHOOK_SECRET = ""
    out = io.StringIO()
    with pytest.raises(CommandError, match="3 of the checks"):
        call_command("telegram", "doctor", stdout=out, no_color=True)
    assert "requests: 1 could not be projected" in out.getvalue()
    settings.TELEGRAM_BOT_TOKEN = "1:wrong"
    with pytest.raises(CommandError, match="7 of the checks"):
        run("doctor")
    settings.TELEGRAM_BOT_TOKEN = TOKEN
    run("deletewebhook")


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


def test_polling_beside_a_webhook_ends_with_the_reason(sandbox: Sandbox) -> None:
    run("setwebhook")
    with pytest.raises(CommandError, match="webhook is active"):
        run("poll")
    run("deletewebhook")
