"""All of the way in: Telegram's stand-in calls by TLS, a real nginx with the examples of `deploy/`
and a certificate that the product has made passes on to two real installations."""

import io
import json
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from requests.adapters import HTTPAdapter

from telegrambot import webhook
from telegrambot.callers import ELSEWHERE
from telegrambot.delivery import client
from telegrambot.redaction import HEADER
from tests import nginx
from tests.databases import InFiles
from tests.sandbox.harness import until
from tests.services import FIXED
from tests.telegrambot import bot
from tests.telegrambot.sandbox import Sandbox
from tests.web import Web

# All that is started here is started once.
pytestmark = pytest.mark.xdist_group("front")
HOST = "127.0.0.1"
FIRST, SECOND = "/first/telegram/webhook/", "/second/telegram/webhook/"
SECRETS = {FIRST: FIXED["TELEGRAM_WEBHOOK_SECRET"], SECOND: "webhook-secret-of-the-second"}
PASSWORD = "password%40of-the-webhook"
LOGIN = f"teller:{PASSWORD}"
ENCODED = b64encode(LOGIN.encode()).decode()
# From where the second may be called: Telegram's own, and one of this machine's addresses.
FRIEND = "127.0.0.2"
SUBNETS = f"149.154.160.0/20,91.108.4.0/22,{FRIEND}"
SECONDS = 30
INSIDE = ("database", "migrations", "broker", "worker", "lag", "channel", "documents", "updates")
NOT_ASKED = (*INSIDE, "requests", "messages", "bot", "commands", "profile", "address", "buttons")


@dataclass
class Installation:
    web: Web
    database: Path

    def updates(self) -> int:
        with sqlite3.connect(self.database) as connection:
            [count] = connection.execute("SELECT count(*) FROM telegrambot_update").fetchone()
        connection.close()
        return int(count)


@dataclass
class Way:
    """Where nginx takes webhooks, and where pages; `folder` has certificate and logs."""

    folder: Path
    webhooks: int
    pages: int
    first: Installation
    second: Installation

    @property
    def certificate(self) -> str:
        return str(self.folder / "cert.pem")

    def url(self, path: str, login: str = "") -> str:
        return f"https://{login}{HOST}:{self.webhooks}{path}"

    def post(self, path: str, body: Any, caller: str = HOST, **headers: str) -> requests.Response:
        with requests.Session() as session:
            session.mount("https://", _From(caller))
            return session.post(
                self.url(path), json=body, headers=headers, verify=self.certificate, timeout=SECONDS
            )

    def written(self) -> str:
        """In all logs of nginx and of both installations."""
        logs = (*self.folder.glob("*.log"), self.first.web.log, self.second.web.log)
        return "\n".join(log.read_text() for log in logs)


class _From(HTTPAdapter):
    """Calls from this address."""

    def __init__(self, caller: str) -> None:
        self._caller = caller
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, source_address=(self._caller, 0))


def _install(folder: Path, **environment: str) -> Installation:
    folder.mkdir()
    database = folder / "db.sqlite3"
    InFiles().copy(str(database))
    given = {"REDIS_URL": "", "TRUSTED_PROXIES": "1", "PUBLIC_URL": f"https://{HOST}"}
    return Installation(Web(folder, **given, **environment), database)


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("way")
    call_command("telegram", "certificate", HOST, "--folder", str(folder), verbosity=0)
    (folder / "webhook.pem").rename(folder / "cert.pem")
    (folder / "webhook.key").rename(folder / "key.pem")
    first = _install(folder / "first", TELEGRAM_WEBHOOK_URL=f"https://{LOGIN}@{HOST}{FIRST}")
    second = _install(
        folder / "second", TELEGRAM_WEBHOOK_SECRET=SECRETS[SECOND], TELEGRAM_SUBNETS=SUBNETS
    )
    ports = [first.web.port, second.web.port]
    webhooks = nginx.adapted("nginx-webhooks.conf", folder, ports)
    pages = nginx.adapted("nginx.conf", folder, ports[:1])
    start = nginx.command(f"{webhooks}\n{pages}", folder)
    try:
        with nginx.running(start, nginx.port_of(webhooks)):
            first.web.wait()
            second.web.wait()
            yield Way(folder, nginx.port_of(webhooks), nginx.port_of(pages), first, second)
    finally:
        for installation in (first, second):
            installation.web.stop()


@pytest.fixture
def first(way: Way, settings: LazySettings) -> Way:
    """With the settings of the first installation."""
    settings.TELEGRAM_WEBHOOK_URL = way.url(FIRST, f"{LOGIN}@")
    settings.TELEGRAM_CERTIFICATE = way.certificate
    return way


def run(*arguments: str) -> str:
    """All that it says, though it fails."""
    out = io.StringIO()
    try:
        call_command("telegram", *arguments, "--language", "en", stdout=out, no_color=True)
    except CommandError as error:
        return f"{out.getvalue()}{error}"
    return out.getvalue()


def doctor() -> dict[str, list[str]]:
    """What is found, by its check."""
    told: dict[str, list[str]] = {}
    for found in json.loads(run("doctor", "--json", "--skip", *NOT_ASKED).partition("Fail")[0])[
        "findings"
    ]:
        told.setdefault(found["check"], []).append(f"{found['level']}: {found['said']}")
    return told


def running() -> str:
    """All processes, with what they were started with."""
    said = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        # One that has ended meanwhile.
        with suppress(OSError):
            said.append(line.read_text(errors="replace"))
    return "\n".join(said)


def words(text: str) -> bool:
    """Whether the login can be read in it."""
    return PASSWORD in text or ENCODED in text


def test_an_update_comes_by_nginx_to_its_installation(first: Way, sandbox: Sandbox) -> None:
    sandbox.put_people(101)
    before = first.first.updates(), first.second.updates()
    said = run("setwebhook", "--wait", "0")
    assert client.call("getWebhookInfo")["url"] == first.url(FIRST, f"{LOGIN}@")
    until(lambda: not client.call("getWebhookInfo")["pending_update_count"], "the delivery")
    assert "last_error_message" not in client.call("getWebhookInfo")
    assert first.first.updates() == before[0] + 1
    assert first.second.updates() == before[1]
    findings = doctor()
    assert findings["tls"][:2] == [
        "ok: TLSv1.3",
        "ok: The certificate that Telegram is given is the one that is served.",
    ]
    assert findings["refusal"] == [
        "ok: Who does not know the secret is refused.",
        "ok: Who does not know the login is refused.",
    ]
    assert findings["acceptance"] == ["ok: Who knows the secret is let in."]
    assert findings["webhook"] == [f"ok: {first.url(FIRST, '<secret>@')}"]
    shown = (said, run("webhookinfo"), run("webhookinfo", "--json"), str(findings))
    assert not any(map(words, shown))
    with webhook.set_aside() as address:
        assert address == first.url(FIRST)
        assert client.call("getWebhookInfo")["url"] == ""
    assert client.call("getWebhookInfo")["url"] == first.url(FIRST, f"{LOGIN}@")
    assert f"The webhook is set: {first.url(FIRST)}" in said
    assert json.loads(shown[2])["url"] == first.url(FIRST, "<secret>@")
    client.call("deleteWebhook")


def test_another_login_is_refused_and_named(
    first: Way, sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.TELEGRAM_WEBHOOK_URL = first.url(FIRST, "teller:the-former-one@")
    sandbox.put_people(101)
    said = run("setwebhook", "--wait", "10")
    assert "401 Unauthorized\nThe product, or what stands in front, asks for a user" in said
    findings = doctor()
    for check in ("refusal", "acceptance"):
        [found] = findings[check]
        assert found.startswith("failure: Wrong response from the webhook: 401 Unauthorized. The")
    settings.TELEGRAM_WEBHOOK_URL = first.url(FIRST, f"{LOGIN}@")
    findings = doctor()
    assert findings["webhook"] == ["failure: Telegram has another login than TELEGRAM_WEBHOOK_URL."]
    assert "the-former-one" not in f"{said}{findings}{run('webhookinfo')}"
    client.call("deleteWebhook", {"drop_pending_updates": True})


def test_the_login_is_asked_for_beside_the_secret(way: Way) -> None:
    secret, login = {HEADER: SECRETS[FIRST]}, {"Authorization": f"Basic {ENCODED}"}
    body = {"probe": "x"}
    for wrong in ({}, {"Authorization": f"Basic {ENCODED[:-4]}"}, {"Authorization": "Basic ä"}):
        refused = way.post(FIRST, body, **secret, **wrong)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == 'Basic realm="webhook"'
    assert way.post(FIRST, body, **login).status_code == 403
    assert way.post(FIRST, body, **login, **secret).json() == body


def test_one_installation_refuses_the_secret_of_the_other(way: Way) -> None:
    login = {"Authorization": f"Basic {ENCODED}"}
    update = bot.message(1, "/start")
    before = way.first.updates(), way.second.updates()
    assert way.post(FIRST, update, **login, **{HEADER: SECRETS[SECOND]}).status_code == 403
    assert way.post(SECOND, update, FRIEND, **{HEADER: SECRETS[FIRST]}).status_code == 403
    assert (way.first.updates(), way.second.updates()) == before
    assert way.post(SECOND, update, FRIEND, **{HEADER: SECRETS[SECOND]}).status_code == 200
    assert (way.first.updates(), way.second.updates()) == (before[0], before[1] + 1)
    assert way.post("/third/telegram/webhook/", update).status_code == 404
    assert way.post("/admin/", update).status_code == 404


@pytest.mark.parametrize("forged", ["", "149.154.160.1", FRIEND, f"1.1.1.1, {FRIEND}", "::1"])
def test_no_forged_header_makes_anybody_telegram(way: Way, forged: str) -> None:
    names = ("X-Forwarded-For", "X-Real-IP", "Forwarded") if forged else ()
    headers = {HEADER: SECRETS[SECOND], **dict.fromkeys(names, forged)}
    refused = way.post(SECOND, {"probe": "x"}, **headers)
    assert (refused.status_code, refused.json()) == (403, {"detail": ELSEWHERE})
    # Whatever the caller writes, it is by his address that he is let in.
    assert way.post(SECOND, {"probe": "x"}, FRIEND, **headers).json() == {"probe": "x"}


def test_the_doctor_says_that_it_is_not_of_the_subnets(
    way: Way, sandbox: Sandbox, settings: LazySettings
) -> None:
    settings.TELEGRAM_WEBHOOK_URL = way.url(SECOND)
    settings.TELEGRAM_WEBHOOK_SECRET = SECRETS[SECOND]
    settings.TELEGRAM_CERTIFICATE = way.certificate
    settings.TRUSTED_PROXIES = 1
    findings = doctor()
    assert findings["refusal"] == [
        "ok: This machine is refused as one outside of TELEGRAM_SUBNETS."
    ]
    assert findings["acceptance"] == [
        "warning: It cannot be tried from here: web lets in TELEGRAM_SUBNETS alone."
    ]
    settings.TRUSTED_PROXIES = 0
    assert doctor()["acceptance"] == [
        "failure: TELEGRAM_SUBNETS let nobody in: web takes the proxy in front for the caller."
    ]


def test_what_browsers_are_told_comes_once(way: Way) -> None:
    page = requests.get(
        f"https://{HOST}:{way.pages}/admin/login/", verify=way.certificate, timeout=SECONDS
    )
    assert page.status_code == 200
    names = [name.lower() for name in page.raw.headers]
    for name in (
        "strict-transport-security", "x-content-type-options", "x-frame-options",
        "content-security-policy", "referrer-policy", "server",
    ):  # fmt: skip
        assert names.count(name) == 1, name
    assert page.headers["Server"] == "nginx"
    style = requests.get(
        f"https://{HOST}:{way.pages}/static/admin/css/base.css",
        verify=way.certificate,
        timeout=SECONDS,
    )
    assert style.headers["Content-Type"].startswith("text/css")


def test_many_refusals_are_one_line_and_no_log_has_the_login(way: Way) -> None:
    refused, forbidden = f"refused: {HOST} is in none of", "Forbidden: /telegram/webhook/"
    before = way.written()
    for _time in range(5):
        way.post(SECOND, {"probe": "x"}, **{HEADER: SECRETS[SECOND]})
        way.post(FIRST, {"probe": "x"}, **{HEADER: "wrong", "Authorization": f"Basic {ENCODED}"})
    written = way.written()
    # Of each installation, unless a minute is over.
    assert 1 <= written.count(refused) <= before.count(refused) + 2
    assert 1 <= written.count(forbidden) <= before.count(forbidden) + 4
    assert f"{HOST} [" in written
    for seen in (written, running()):
        assert "gunicorn" in seen
        assert not words(seen)
        assert not any(secret in seen for secret in SECRETS.values())
