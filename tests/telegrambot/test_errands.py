"""The page about the line to Telegram: what administrators have a worker do, and what it tells."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from telegrambot import certificates, errands, tasks, webhook
from telegrambot.delivery import abilities, client
from telegrambot.models import Alert, Errand, SentMessage
from telegrambot.projection import news
from tests.admin.conftest import browse, text_of
from tests.company import Company
from tests.telegrambot.phone import Line
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Employee

PAGE = "/admin/telegrambot/errand/"
HOST = "treasury.example.com"


@pytest.fixture(autouse=True)
def server(sandbox: Sandbox) -> Iterator[None]:
    """Of it nothing is known, and webhooks may be set often."""
    abilities.forget()
    sandbox.post("/control/settings", webhook={"set_interval": 0})
    yield
    sandbox.post("/control/settings", webhook={"set_interval": 1})
    abilities.forget()


@pytest.fixture
def administrator(company: Company, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(webhook, "TRIED_WITHIN", 0)
    Employee.objects.update(language="en")
    return browse(company.gleb, "Администратор")


def asks(person: Client, act: str, **fields: object) -> str:
    """What the page says then."""
    return text_of(person.post(f"{PAGE}ask/{act}/", fields, follow=True))


def work() -> None:
    for key in errands.to_do():
        tasks.carry_out(key)


def pem(host: str = HOST, days: int = 30) -> bytes:
    return certificates.make(host, days).certificate_pem


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("webhook.pem", content)


def test_it_is_set_looked_at_and_deleted(
    administrator: Client, company: Company, settings: LazySettings
) -> None:
    assert "Telegram was not asked yet" in text_of(administrator.get(PAGE))

    assert "This field is required" in asks(administrator, "set")
    assert not Errand.objects.exists()
    said = asks(administrator, "set", sure="on")
    assert "A worker does it now" in said
    assert "waits for a worker since" in said
    assert f'http-equiv="refresh" content="3; url={PAGE}"' in said
    assert client.call("getWebhookInfo")["url"] == ""
    work()
    assert client.call("getWebhookInfo")["url"] == webhook.url()
    page = text_of(administrator.get(PAGE))
    assert "Waiting updates" in page
    assert f"The webhook is set: {webhook.url()}" in page
    assert 'http-equiv="refresh"' not in page
    done = Errand.objects.get()
    one = text_of(administrator.get(f"{PAGE}{done.pk}/change/"))
    assert f"The webhook is set: {webhook.url()}" in one
    assert str(company.gleb) in one

    assert "This field is required" in asks(administrator, "delete")
    assert client.call("getWebhookInfo")["url"] == webhook.url()
    asks(administrator, "delete", sure="on")
    work()
    assert client.call("getWebhookInfo")["url"] == ""
    assert settings.TELEGRAM_WEBHOOK_SECRET not in text_of(administrator.get(PAGE))


def test_what_the_doctor_finds_stands_there_with_its_remedy(administrator: Client) -> None:
    asks(administrator, "examine")
    work()
    page = text_of(administrator.get(PAGE))
    assert "Token" in page
    assert "Address of the webhook" in page
    assert "badge-failed" in page
    assert "→ " in page


def test_a_refusal_of_telegrams_is_explained(administrator: Client, sandbox: Sandbox) -> None:
    Employee.objects.update(language="ru")
    said = "Bad Request: bad webhook: IP address 10.0.0.1 is reserved"
    sandbox.fail("error", method="setWebhook", error_code=400, description=said)
    asks(administrator, "set", sure="on")
    work()
    [found] = Errand.objects.get().findings
    assert (found["level"], said in found["said"]) == ("failure", True)
    assert "PUBLIC_URL" in found["remedy"]
    assert set(found["remedy"]) & set("абвгд")
    page = text_of(administrator.get(PAGE))
    assert said in page
    assert found["remedy"] in page


def test_a_certificate_goes_to_telegram_and_to_the_commands_until_it_is_taken_back(
    administrator: Client, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = f"https://{HOST}"
    asks(administrator, "set", sure="on", certificate=file(pem()))
    work()
    assert webhook.has_own_certificate()
    page = text_of(administrator.get(PAGE))
    assert f"CN={HOST}" in page
    assert "days left: 29" in page
    # Another time it is given again.
    asks(administrator, "set", sure="on")
    assert webhook.has_own_certificate()
    work()
    asks(administrator, "set", sure="on", without="on")
    assert not webhook.has_own_certificate()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: b"nothing", "no certificate as PEM"),
        (lambda: certificates.make(HOST, 30).key_pem + pem(), "private key"),
        (lambda: pem(days=0), "has expired"),
        (lambda: pem("other.example.com"), f"not for {HOST}"),
    ],
    ids=["no certificate", "a key", "expired", "of another"],
)
def test_what_is_no_certificate_for_it_is_refused_and_not_kept(
    administrator: Client, settings: LazySettings, content: Callable[[], bytes], reason: str
) -> None:
    settings.PUBLIC_URL = f"https://{HOST}"
    assert reason in asks(administrator, "set", sure="on", certificate=file(content()))
    assert not Errand.objects.exists()


def test_nothing_is_kept_of_a_file_but_its_certificates(
    administrator: Client, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = f"https://{HOST}"
    whole = pem() + pem("authority.example.com")
    noted = "Сертификат веб-сервера\n".encode("cp1251") + whole + b"\xff"
    asks(administrator, "set", sure="on", certificate=file(noted))
    assert Errand.objects.get().certificate == whole.decode()


def test_the_settings_of_the_server_have_the_last_word(
    administrator: Client, settings: LazySettings, tmp_path: Path
) -> None:
    path = tmp_path / "webhook.pem"
    path.write_bytes(pem("served.example.com"))
    settings.TELEGRAM_CERTIFICATE = str(path)
    page = text_of(administrator.get(PAGE))
    assert "CN=served.example.com" in page
    assert 'type="file"' not in page
    assert "none is taken here" in page
    asks(administrator, "set", sure="on", certificate=file(pem()))
    assert Errand.objects.get().certificate == ""
    path.write_bytes(certificates.make(HOST, 30).key_pem)
    assert "TELEGRAM_CERTIFICATE holds a private key" in text_of(administrator.get(PAGE))


def test_a_refused_form_leads_nowhere_when_the_page_is_shown_anew(administrator: Client) -> None:
    asks(administrator, "examine")
    page = asks(administrator, "delete")
    assert "This field is required" in page
    assert f'content="3; url={PAGE}"' in page


def test_that_no_worker_is_at_work_is_said(administrator: Client) -> None:
    advice = "See that worker and beat run"
    assert advice not in asks(administrator, "set", sure="on")
    Errand.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
    assert advice in text_of(administrator.get(PAGE))


def test_the_last_troubles_stand_there_explained(administrator: Client) -> None:
    text = "Wrong response from the webhook: 404 Not Found"
    Alert.objects.create(subject=Alert.Subject.WEBHOOK, text=text)
    first = text_of(administrator.get("/admin/"))
    assert f'href="{PAGE}"><strong>0</strong>' in first
    assert "Telegram cannot reach the webhook" in first
    page = text_of(administrator.get(PAGE))
    assert f"{text}<p" in page
    assert "The address leads to something else than this product" in page


def test_what_waits_tells_for_how_long(administrator: Client, company: Company) -> None:
    news.project(company.submitted().pk)
    SentMessage.objects.update(behind_since=timezone.now() - timedelta(hours=3, minutes=5))
    assert "the oldest for 3\xa0hours" in text_of(administrator.get(PAGE))


def test_the_page_asks_the_database_as_often_however_much_there_is(
    administrator: Client, company: Company
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert administrator.get(PAGE).status_code == 200
        return len(queries)

    for _time in range(2):
        asks(administrator, "delete", sure="on")
        work()
    Alert.objects.create(subject=Alert.Subject.WEBHOOK, text="404 Not Found")
    before = asked()
    for _time in range(3):
        asks(administrator, "delete", sure="on")
        work()
    for _time in range(3):
        Alert.objects.create(subject=Alert.Subject.LAG, ended_at=timezone.now())
        news.project(company.submitted().pk)
    assert asked() == before


def test_one_thing_at_a_time(administrator: Client, sandbox: Sandbox) -> None:
    asks(administrator, "set", sure="on")
    assert "One thing at a time" in asks(administrator, "set", sure="on")
    [key] = errands.to_do()
    tasks.carry_out(key)
    tasks.carry_out(key)
    assert len(sandbox.calls("setWebhook")) == 1


def test_what_a_killed_worker_has_begun_is_taken_up_again(administrator: Client) -> None:
    asks(administrator, "set", sure="on")
    Errand.objects.update(begun_at=timezone.now())
    assert errands.to_do() == []
    Errand.objects.update(begun_at=timezone.now() - errands.LEASE - timedelta(seconds=1))
    work()
    assert client.call("getWebhookInfo")["url"] == webhook.url()


def test_what_nobody_has_foreseen_ends_it(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks(administrator, "set", sure="on")
    monkeypatch.setattr(webhook, "establish", None)
    with translation.override("en"):
        work()
    assert Errand.objects.get().is_open is None
    assert "failed" in text_of(administrator.get(PAGE))


@pytest.mark.parametrize("role", ["Аудитор", "Бухгалтер"])
def test_only_administrators_ask(company: Company, role: str) -> None:
    person = browse(company.anna, role)
    for act in ("examine", "set", "delete"):
        assert person.post(f"{PAGE}ask/{act}/", {"sure": "on"}).status_code == 403
    assert person.get(PAGE).status_code == (200 if role == "Аудитор" else 403)
    assert not Errand.objects.exists()


def test_nothing_is_asked_for_by_looking(administrator: Client) -> None:
    for act in ("examine", "set", "delete"):
        assert administrator.get(f"{PAGE}ask/{act}/").status_code == 405
    assert administrator.post(f"{PAGE}ask/other/").status_code == 403
    assert not Errand.objects.exists()


def test_a_sweep_takes_it_up(line: Line, administrator: Client) -> None:
    asks(administrator, "set", sure="on")
    tasks.sweep()
    assert client.call("getWebhookInfo")["url"] == webhook.url()


def test_what_waits_for_too_long_is_done_no_more(administrator: Client, sandbox: Sandbox) -> None:
    asks(administrator, "delete", sure="on")
    Errand.objects.update(asked_at=timezone.now() - errands.LAPSE - timedelta(seconds=1))
    work()
    assert sandbox.calls("deleteWebhook") == []
    assert "No worker took it up" in text_of(administrator.get(PAGE))
