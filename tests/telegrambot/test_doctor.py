"""`manage.py telegram doctor`: what it looks at besides the certificate, and how it tells of it."""

import io
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone, translation

from demo.children import Child
from telegrambot.delivery import abilities, client
from telegrambot.doctor import registry
from telegrambot.doctor.checks import address, api, bot, installation, probe
from telegrambot.doctor.checks import webhook as at_telegram
from telegrambot.doctor.results import Level, Result
from telegrambot.doctor.visit import TELEGRAMS_OWN, Visit
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.models import Chat, SentMessage, Update
from telegrambot.projection import cursor
from tests.company import Company
from tests.telegrambot import front
from tests.telegrambot.front import BotApi, Front
from tests.telegrambot.sandbox import Sandbox
from treasury.models import LastBackup

ROOT = Path(__file__).resolve().parents[2]
ME = {
    "id": 7, "is_bot": True, "first_name": "Treasury", "username": "treasury_bot",
    "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": True,
}  # fmt: skip
HOOK = "https://treasury.example.com/telegram/webhook/"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    abilities.forget()
    with translation.override("en"):
        yield
    abilities.forget()


@pytest.fixture
def telegrams(settings: LazySettings) -> Iterator[BotApi]:
    """A server that says what the test wants; the token is any."""
    stand_in = BotApi()
    stand_in.results = {"getMe": dict(ME), "getWebhookInfo": {"url": HOOK}}
    settings.PUBLIC_URL = "https://treasury.example.com"
    with front.bot_api(stand_in) as url:
        settings.TELEGRAM_API_URL = url
        yield stand_in


@pytest.fixture
def web(settings: LazySettings) -> Iterator[None]:
    """The product at its own address."""
    with front.product() as port:
        settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
        yield


def told(results: Any) -> list[str]:
    return [f"{found.level}: {found.said}" for found in results]


def worse(results: Any) -> list[str]:
    return [text for text in told(results) if not text.startswith("ok")]


def doctor(*arguments: str) -> list[dict[str, str]]:
    """All findings, whether it fails or not."""
    out = io.StringIO()
    has_failed = False
    try:
        call_command("telegram", "doctor", "--json", *arguments, stdout=out)
    except CommandError:
        has_failed = True
    answer = json.loads(out.getvalue())
    assert has_failed == (answer["status"] == "failure")
    findings: list[dict[str, str]] = answer["findings"]
    return findings


def failed(*arguments: str) -> list[str]:
    return [found["check"] for found in doctor(*arguments) if found["level"] == "failure"]


# --- As a whole ---


def prepared() -> None:
    call_command("telegram", "setwebhook", "--wait", "0")
    for name in ("commands", "profile"):
        call_command("telegram", name)


def test_what_is_well_is_said_line_by_line(sandbox: Sandbox, company: Company, web: None) -> None:
    prepared()
    before = Update.objects.count()
    out = io.StringIO()
    call_command(
        "telegram", "doctor", "--skip", "worker", "--language", "en", stdout=out, no_color=True
    )
    lines = out.getvalue()
    assert "ok — Token: @treasury_sandbox_bot" in lines
    assert "ok — Call without the secret: Who does not know the secret is refused." in lines
    assert "ok — Call with the secret: Who knows the secret is let in." in lines
    assert "ok — Webhook at Telegram: http://127.0.0.1:" in lines
    assert "ok — Migrations" in lines
    # Telegram's own server would refuse it; this one does not.
    assert "warning — Address of the webhook: An HTTPS URL must be provided" in lines
    assert "    → Let PUBLIC_URL begin with https://" in lines
    assert "failure" not in lines
    assert "Worker" not in lines
    # A probe is no update.
    assert Update.objects.count() == before
    client.call("deleteWebhook")


def test_it_speaks_russian_unless_told_otherwise(sandbox: Sandbox, company: Company) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError, match="Ошибок: "):
        call_command("telegram", "doctor", stdout=out, no_color=True)
    assert "ошибка — Вебхук в Telegram: Он не установлен." in out.getvalue()
    assert "в порядке — Токен" in out.getvalue()


def test_the_json_names_check_level_and_remedy(sandbox: Sandbox, company: Company) -> None:
    [found] = [found for found in doctor() if found["check"] == "webhook"]
    assert found == {
        "check": "webhook",
        "level": "failure",
        "said": "Он не установлен.",
        "remedy": found["remedy"],
    }
    assert "manage.py telegram setwebhook" in found["remedy"]
    assert "webhook" not in [found["check"] for found in doctor("--skip", "webhook", "tls")]


def test_every_check_has_a_name_of_its_own_and_says_something(
    sandbox: Sandbox, company: Company
) -> None:
    names = [check.name for check in registry.CHECKS]
    assert len(set(names)) == len(names)
    assert {finding.check.name for finding in registry.examine()} == set(names)


def test_a_wrong_token_is_told_once(
    sandbox: Sandbox, company: Company, web: None, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_TOKEN = "1:wrong"
    findings = doctor("--skip", "worker")
    assert [found["check"] for found in findings if found["level"] == "failure"] == ["token"]
    levels = {found["check"]: found["level"] for found in findings}
    assert {levels[name] for name in ("webhook", "deliveries", "bot", "commands")} == {"warning"}
    assert [found["said"] for found in findings if found["check"] == "bot"] == [
        "Не проверялось: Telegram не отвечает."
    ]
    assert "1:wrong" not in json.dumps(findings)


def test_a_refusal_of_one_call_is_a_failure(sandbox: Sandbox, company: Company, web: None) -> None:
    sandbox.fail("error", method="getWebhookInfo")
    findings = [found for found in registry.examine(["worker"]) if found.check.name == "webhook"]
    assert told(found.result for found in findings) == ["failure: Internal Server Error: restart"]


def test_what_was_left_behind_is_counted(sandbox: Sandbox, company: Company, web: None) -> None:
    prepared()
    skipped = ("--skip", "worker")
    assert failed(*skipped) == []
    chat = Chat.objects.create(telegram_id=1, kind="private")
    message = SentMessage.objects.create(chat=chat, kind="notice", text="…", state="gone")
    assert failed(*skipped) == []
    for state in ("failed", "unknown"):
        SentMessage.objects.filter(pk=message.pk).update(state=state)
        assert failed(*skipped) == ["messages"]
    Update.objects.create(update_id=1, kind="x", payload={}, error="LookupError")
    cursor.stumble(company.submitted().pk, ValueError("odd"))
    assert failed(*skipped) == ["updates", "requests", "messages"]
    client.call("deleteWebhook")


# --- The way to Telegram ---


def test_the_line_is_timed_directly_and_by_the_proxy(
    telegrams: BotApi, settings: LazySettings
) -> None:
    [direct] = api.check_line(Visit())
    assert direct.level == Level.OK
    assert direct.said.startswith("directly: 0.")
    settings.TELEGRAM_PROXY_URL = settings.TELEGRAM_API_URL
    by_proxy, direct = api.check_line(Visit())
    assert by_proxy.said.startswith("by the proxy: 0.")
    assert (by_proxy.level, direct.level) == (Level.OK, Level.OK)
    # Blocked, so that there is a proxy: no trouble.
    settings.TELEGRAM_API_URL = "http://blocked.invalid"
    by_proxy, direct = api.check_line(Visit())
    assert (by_proxy.level, direct.level) == (Level.OK, Level.OK)
    assert direct.said == "Directly it is not reached: the proxy is needed."
    settings.TELEGRAM_PROXY_URL = ""
    [direct] = api.check_line(Visit())
    assert direct.level == Level.FAILURE
    assert "cannot be reached from here" in direct.said
    assert "TELEGRAM_PROXY_URL" in direct.remedy


def test_a_proxy_that_is_away_is_a_failure(telegrams: BotApi, settings: LazySettings) -> None:
    settings.TELEGRAM_PROXY_URL = "http://user:password-of-the-proxy@127.0.0.1:9"
    by_proxy, direct = api.check_line(Visit())
    assert (by_proxy.level, direct.level) == (Level.FAILURE, Level.OK)
    assert "TELEGRAM_PROXY_URL" in by_proxy.remedy
    assert "password-of-the-proxy" not in by_proxy.said


def test_a_page_of_another_machine_is_no_telegram(settings: LazySettings) -> None:
    with front.serving(Front()) as port:
        settings.TELEGRAM_API_URL = f"http://127.0.0.1:{port}"
        [direct] = api.check_line(Visit())
    assert direct.level == Level.FAILURE
    assert "not a Bot API answer" in direct.said


def test_who_does_not_answer_is_asked_once_by_each_way(
    settings: LazySettings, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time would take a quarter of a minute."""
    monkeypatch.setattr(client, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.TELEGRAM_API_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        findings = list(registry.examine(["worker"]))
        silent.setblocking(False)
        asked = 0
        with suppress(BlockingIOError):
            while True:
                silent.accept()[0].close()
                asked += 1
    # By `getMe`, and to time the way.
    assert asked == 2
    failures = [each.check.name for each in findings if each.result.level == Level.FAILURE]
    assert failures[:2] == ["token", "line"]


@pytest.mark.parametrize(
    ("off", "level"),
    [(0, "ok"), (20, "ok"), (-20, "ok"), (60, "warning"), (-60, "warning"), (900, "failure")],
)
def test_the_clock_is_compared_with_telegrams(telegrams: BotApi, off: int, level: str) -> None:
    telegrams.date = format_datetime(datetime.now(UTC) - timedelta(seconds=off), usegmt=True)
    [found] = api.check_clock(Visit())
    assert found.level == level
    if level != "ok":
        assert ("ahead" in found.said) == (off > 0)
    telegrams.date = "yesterday"
    assert told(api.check_clock(Visit())) == ["ok: Telegram's server does not tell its time."]


def test_the_name_of_another_bot_in_the_settings_is_found(
    telegrams: BotApi, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "Treasury_Bot"
    assert told(api.check_token(Visit())) == ["ok: @treasury_bot (7)"]
    settings.TELEGRAM_BOT_USERNAME = "another_bot"
    assert worse(api.check_token(Visit()))[0].startswith("failure: TELEGRAM_BOT_USERNAME names")


# --- The address ---


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://8.8.8.8", "An HTTPS URL must be provided for webhook"),
        ("https://8.8.8.8:8000", "Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ("https://127.0.0.1", "IP address 127.0.0.1 is reserved"),
        ("https://192.168.1.5", "IP address 192.168.1.5 is reserved"),
        ("https://[2001:4860:4860::8888]", "IPv6-only addresses are not allowed"),
        ("https://no-such-host.invalid", "Failed to resolve host: Name or service not known"),
        ("https://8.8.8.8:port", "invalid webhook URL specified"),
        ("https://", "invalid webhook URL specified"),
    ],
)
def test_an_address_that_telegram_refuses_is_refused_in_its_words(
    settings: LazySettings, url: str, said: str
) -> None:
    settings.PUBLIC_URL, settings.TELEGRAM_API_URL = url, TELEGRAMS_OWN
    [found] = address.check(Visit())
    assert found.level == Level.FAILURE
    assert found.said.startswith(f"{said}. ")
    assert found.remedy


@pytest.mark.parametrize("url", [f"https://8.8.8.8{port}" for port in ("", ":80", ":88", ":8443")])
def test_an_address_that_telegram_calls_is_well(settings: LazySettings, url: str) -> None:
    settings.PUBLIC_URL, settings.TELEGRAM_API_URL = url, TELEGRAMS_OWN
    assert told(address.check(Visit())) == [f"ok: {url}/telegram/webhook/ (8.8.8.8)"]


def test_a_server_of_ones_own_may_call_any_address(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    assert {found.level for found in address.check(Visit())} == {Level.WARNING}


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("http://localhost:8000", "failure"),
        ("http://127.0.0.1:8000", "warning"),
        ("https://8.8.8.8", "ok"),
    ],
)
def test_buttons_need_an_address_that_people_can_open(
    settings: LazySettings, url: str, level: str
) -> None:
    settings.PUBLIC_URL = url
    [found] = address.check_buttons(Visit())
    assert found.level == level


def test_links_lead_to_the_back_office_wherever_the_webhook_is(settings: LazySettings) -> None:
    settings.TELEGRAM_WEBHOOK_URL = "https://user:word@8.8.4.4:8443/first/telegram/webhook/"
    settings.PUBLIC_URL, settings.TELEGRAM_API_URL = "http://localhost:8000", TELEGRAMS_OWN
    assert told(address.check(Visit())) == [
        "ok: https://8.8.4.4:8443/first/telegram/webhook/ (8.8.4.4)"
    ]
    [found] = address.check_buttons(Visit())
    assert found.said == "Telegram refuses messages with a button that leads to localhost."


# --- A call at the webhook ---


def probed(settings: LazySettings, port: int, scheme: str = "http") -> list[Result]:
    settings.PUBLIC_URL = f"{scheme}://127.0.0.1:{port}"
    visit = Visit()
    return [*probe.check_refusal(visit), *probe.check_acceptance(visit)]


def test_the_product_behind_tls_refuses_and_accepts(settings: LazySettings, tmp_path: Path) -> None:
    """By a certificate of one's own, as it is served in front."""
    call_command("telegram", "certificate", "127.0.0.1", "--folder", str(tmp_path))
    both = tmp_path / "both.pem"
    both.write_bytes(
        (tmp_path / "webhook.key").read_bytes() + (tmp_path / "webhook.pem").read_bytes()
    )
    with front.product(front.tls_of(both)) as port:
        # Whom it does not trust it tells no secret.
        refused, accepted = probed(settings, port, "https")
        assert (
            told([refused, accepted]) == ["warning: Not tried: the certificate is not trusted."] * 2
        )
        settings.TELEGRAM_CERTIFICATE = str(tmp_path / "webhook.pem")
        assert worse(probed(settings, port, "https")) == []


def test_an_untrusted_server_is_not_told_the_secret(settings: LazySettings, tmp_path: Path) -> None:
    server = Front()
    file = front.sign("127.0.0.1").write(tmp_path)
    with front.serving(server, front.tls_of(file)) as port:
        probed(settings, port, "https")
    assert server.calls == []


def test_no_secret_goes_over_the_network_without_tls(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "http://8.8.8.8"
    [found] = probe.check_acceptance(Visit())
    assert found.said == "Not tried: without TLS the secret would be read by others."


@pytest.mark.parametrize(
    ("status", "refusal", "acceptance"),
    [
        (200, "The address takes calls of anybody", "Another product answers there"),
        (403, "Who does not know the secret is refused", "The secret of these settings is refused"),
        (401, "401 Unauthorized. The product, or what stands in front", "401 Unauthorized"),
        (302, "302 Found. The server redirects", "302 Found"),
        (404, "404 Not Found. The address leads", "404 Not Found"),
        (500, "500 Internal Server Error. The product has failed", "500 Internal"),
        (502, "502 Bad Gateway. The proxy in front", "502 Bad Gateway"),
    ],
)
def test_another_answer_is_told_in_telegrams_words(
    settings: LazySettings, status: int, refusal: str, acceptance: str
) -> None:
    with front.serving(Front(status)) as port:
        refused, accepted = probed(settings, port)
    assert refusal in refused.said
    assert acceptance in accepted.said
    assert accepted.level == Level.FAILURE
    assert accepted.remedy


def test_an_address_where_nobody_listens_is_a_failure(settings: LazySettings) -> None:
    assert all("Connection refused" in found.said for found in probed(settings, 9))


# --- What Telegram knows ---


@pytest.mark.parametrize(
    ("secret", "level"),
    [
        ("", "failure"),
        ("a-b_C9", "ok"),
        ("a b", "failure"),
        ("секрет", "failure"),
        ("x" * 257, "failure"),
    ],
)
def test_a_secret_is_one_that_telegram_takes(
    settings: LazySettings, secret: str, level: str
) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = secret
    [found] = at_telegram.check_secret(Visit())
    assert found.level == level


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({"url": HOOK}, []),
        ({"url": HOOK, "allowed_updates": [*ALLOWED_UPDATES, "poll"]}, []),
        ({"url": ""}, ["failure: It is not set."]),
        (
            {"url": "https://elsewhere.example.com/"},
            [f"failure: It is https://elsewhere.example.com/; wanted: {HOOK}"],
        ),
        (
            {"url": HOOK, "allowed_updates": ["message", "callback_query", "inline_query"]},
            ["failure: Telegram does not tell of: chosen_inline_result, edited_message, "
             "my_chat_member."],
        ),
        (
            {"url": HOOK, "has_custom_certificate": True},
            ["failure: Telegram has not the certificate that TELEGRAM_CERTIFICATE says."],
        ),
    ],
)  # fmt: skip
def test_the_webhook_is_as_the_settings_say(
    telegrams: BotApi, info: dict[str, Any], said: list[str]
) -> None:
    telegrams.results["getWebhookInfo"] = info
    assert worse(at_telegram.check_settings(Visit())) == said


def test_an_address_that_has_moved_is_told(telegrams: BotApi, settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://8.8.8.8"
    info = {"url": "https://8.8.8.8/telegram/webhook/", "ip_address": "8.8.8.8"}
    telegrams.results["getWebhookInfo"] = info
    assert worse(at_telegram.check_settings(Visit())) == []
    telegrams.results["getWebhookInfo"] = {**info, "ip_address": "8.8.4.4"}
    assert worse(at_telegram.check_settings(Visit())) == ["warning: Telegram still calls 8.8.4.4."]


def ago(minutes: int) -> int:
    return int((timezone.now() - timedelta(minutes=minutes)).timestamp())


@pytest.mark.parametrize(
    ("info", "levels", "said"),
    [
        ({}, ["ok"], ""),
        ({"pending_update_count": 20}, ["ok"], ""),
        ({"pending_update_count": 21}, ["warning", "ok"], "wait to be delivered: 21"),
        (
            {"last_error_date": 9, "last_error_message": "Connection refused"},
            ["failure"],
            "Connection refused. The machine is there",
        ),
        ({"last_error_date": 11, "last_error_message": "Read timeout"}, ["ok"], "Read timeout"),
        ({"last_synchronization_error_date": 1}, ["ok", "warning"], "its own data centres"),
    ],
)  # fmt: skip
def test_deliveries_are_judged_by_what_is_new(
    telegrams: BotApi, info: dict[str, Any], levels: list[str], said: str
) -> None:
    dated = {name: ago(value) if name.endswith("_date") else value for name, value in info.items()}
    telegrams.results["getWebhookInfo"] = dated
    results = list(at_telegram.check_deliveries(Visit()))
    assert [str(found.level) for found in results] == levels
    assert said in " ".join(found.said for found in results)


# --- The bot ---


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, []),
        ({"supports_inline_queries": False}, ["warning: Inline mode is off"]),
        ({"can_join_groups": False}, ["failure: The bot cannot be added to groups"]),
        ({"can_read_all_group_messages": True}, ["warning: Group privacy is off"]),
    ],
)
def test_the_owners_settings_of_the_bot_are_looked_at(
    telegrams: BotApi, changed: dict[str, bool], said: list[str]
) -> None:
    telegrams.results["getMe"].update(changed)
    found = worse(bot.check_abilities(Visit()))
    assert [text[: len(start)] for text, start in zip(found, said, strict=True)] == said


def test_what_cannot_be_asked_is_said_to_be_so(telegrams: BotApi) -> None:
    inline = next(iter(bot.check_abilities(Visit())))
    assert "Telegram does not tell" in inline.said
    assert "/setinlinefeedback" in inline.remedy


@pytest.mark.parametrize("version", ["10.1", "10.2"])
def test_a_menu_is_known_as_an_older_server_tells_it(
    sandbox: Sandbox, company: Company, version: str
) -> None:
    sandbox.post("/control/settings", bot_api=version)
    try:
        call_command("telegram", "commands")
        assert worse(bot.check_commands(Visit())) == []
        scope = {"scope": {"type": "all_group_chats"}}
        menu = [{**each, "is_ephemeral": True} for each in client.call("getMyCommands", scope)]
        client.call("setMyCommands", {**scope, "commands": menu[:-1]})
        wrong = ["failure: The menus are not those of this version."]
        assert worse(bot.check_commands(Visit())) == wrong
        client.call("setMyCommands", {**scope, "commands": menu})
        sandbox.post("/control/settings", bot_api="10.4")
        abilities.forget()
        if version == "10.1":
            # This one would show to nobody else what that one could only show to all.
            assert worse(bot.check_commands(Visit())) == wrong
            call_command("telegram", "commands")
        assert worse(bot.check_commands(Visit())) == []
    finally:
        sandbox.post("/control/settings", bot_api="10.4")


def test_a_bot_without_words_is_found(sandbox: Sandbox) -> None:
    for code in (None, "en"):
        client.call("setMyDescription", {"language_code": code})
    assert worse(bot.check_profile(Visit())) == ["failure: The bot does not say what it is for."]
    call_command("telegram", "profile")
    assert worse(bot.check_profile(Visit())) == []


# --- What the product stands on ---


@pytest.mark.django_db
def test_a_migration_that_is_missing_is_named() -> None:
    assert worse(installation.check_migrations(Visit())) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM django_migrations WHERE app = 'telegrambot' ORDER BY id")
        last = cursor.fetchall()[-1][0]
        cursor.execute("DELETE FROM django_migrations WHERE name = %s", [last])
    [found] = worse(installation.check_migrations(Visit()))
    assert found == f"failure: Not applied: 1, from telegrambot.{last} on."


@pytest.mark.django_db
def test_a_table_that_is_missing_is_told_and_the_rest_goes_on(telegrams: BotApi) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE telegrambot_update RENAME TO gone")
    findings = {found.check.name: found.result for found in registry.examine()}
    assert findings["updates"].said.startswith("The database could not be asked: ")
    assert findings["updates"].level == Level.FAILURE


def test_room_for_documents(
    settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "new")
    [found] = installation.check_documents(Visit())
    assert str(tmp_path / "new") in found.said
    assert list((tmp_path / "new").iterdir()) == []
    # More than any disk has.
    monkeypatch.setattr(installation, "LITTLE", 2**80)
    assert next(iter(installation.check_documents(Visit()))).level == Level.WARNING
    monkeypatch.setattr(installation, "TOO_LITTLE", 2**80)
    assert next(iter(installation.check_documents(Visit()))).level == Level.FAILURE
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = str(tmp_path / "file")
    assert next(iter(installation.check_documents(Visit()))).level == Level.FAILURE


@pytest.mark.django_db
def test_a_backup_is_missed_when_two_nights_have_passed() -> None:
    [found] = installation.check_backup(Visit())
    assert (found.level, found.said) == (Level.WARNING, "None was made yet.")
    made = timezone.now() - timedelta(hours=47)
    last = LastBackup.objects.create(made_at=made, name="treasury.tar", size=1)
    assert told(installation.check_backup(Visit())) == ["ok: treasury.tar, 47 h old"]
    LastBackup.objects.filter(pk=last.pk).update(made_at=made - timedelta(hours=2))
    [found] = installation.check_backup(Visit())
    assert found.level == Level.FAILURE
    assert "manage.py backup" in found.remedy


@pytest.fixture
def worker(settings: LazySettings, tmp_path: Path) -> Iterator[Child]:
    """With nothing to do, for its queue is nobody's."""
    command = (
        sys.executable, "-m", "celery", "--app", "config", "worker", "--pool", "solo",
        "--queues", "of-nobody", "--hostname", f"doctor-{os.getpid()}@test", "--loglevel", "INFO",
    )  # fmt: skip
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    child = Child("worker", command, tmp_path / "worker.log", environment, ROOT)
    try:
        child.wait_until(lambda: child.has_said(" ready."), 60)
        yield child
    finally:
        child.kill()


def test_a_worker_is_asked_whether_it_is_alive(worker: Child) -> None:
    [found] = installation.check_worker(Visit())
    assert found.level == Level.OK
    assert f"doctor-{os.getpid()}@test" in found.said


def test_a_worker_that_is_missing_is_a_failure(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    settings.REDIS_URL = ""
    assert worse(installation.check_worker(Visit())) == ["failure: None is at work."]
    assert told(installation.check_broker(Visit())) == [
        "ok: There is none: one worker does everything."
    ]
