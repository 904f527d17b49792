"""No secret of a sign-in in any log line, whoever writes it."""

import io
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.db import connection
from django.test import Client

from config.logs import SecretsFilter, formatter, without_secrets
from oauth import linking
from tests.company import Company
from treasury.models import Employee

from .conftest import (
    NEWCOMER,
    Google,
    code_on,
    come_back,
    link_for,
    new_browser,
    text_of,
    ticket_in,
    to_google,
)

ROOT = Path(__file__).resolve().parents[2]
SECRET = "RCu5fVAZnXo-uF3UYdE7GkJfO1Dq_xBbLmTqYz0aBcD"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger says, down to DEBUG, written as in production."""
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(formatter())
    handler.addFilter(SecretsFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield output
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_whole_sign_in_leaves_no_secret_in_the_log(
    log: io.StringIO, google: Google, newcomer: Employee
) -> None:
    browser = new_browser()
    path = link_for(NEWCOMER)
    ticket = ticket_in(browser.get(path))
    browser.post(f"{path}missing/")
    form = {"link": ticket, "username": newcomer.email, "password": "wrong-but-private"}
    browser.post("/oauth/password/", form)
    callback = google.choose(to_google(browser, link=ticket), google.knows(newcomer.email))
    code = code_on(come_back(browser, callback))
    come_back(browser, callback)
    come_back(new_browser(), callback)
    linking.finish(telegram_id=NEWCOMER, code=code)
    said = log.getvalue()
    assert "sign-in refused: SignInLost" in said
    parameters = dict(part.split("=") for part in callback.partition("?")[2].split("&"))
    secrets = {
        path.split("/")[-2], ticket, code, code.replace("-", ""), "wrong-but-private",
        parameters["state"], parameters["code"], "google-secret-of-the-tests",
    }  # fmt: skip
    assert [secret for secret in secrets if secret in said] == []


def test_a_page_that_breaks_does_not_tell_the_secret(log: io.StringIO, company: Company) -> None:
    """The address of the page is the secret, and Django logs it with the traceback."""
    browser = Client(raise_request_exception=False, headers={"accept-language": "en"})
    path = link_for(NEWCOMER)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE oauth_usertoken RENAME TO out_of_reach")
    page = browser.get(path)
    assert page.status_code == 500
    assert "Internal Server Error: /oauth/link/<secret>/" in log.getvalue()
    assert path.split("/")[-2] not in log.getvalue() + text_of(page)


def test_gunicorn_s_access_log_masks_addresses_and_referers(tmp_path: Path) -> None:
    """In a process of its own, started as the image starts it, by its own configuration."""
    log = tmp_path / "log"
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--bind=127.0.0.1:0",
        "--access-logfile=-", "--no-control-socket",
    ]  # fmt: skip
    env = os.environ | {
        "DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        address = _address_in(log)
        referer = f"{address}/oauth/complete/google/?state={SECRET}&code={SECRET}"
        for path in (f"/oauth/link/{SECRET}/", f"/oauth/complete/google/?code={SECRET}"):
            requests.get(address + path, headers={"Referer": referer}, timeout=10)
    finally:
        process.terminate()
        process.wait(20)
    said = log.read_text()
    assert "GET /oauth/link/<secret>/ HTTP/1.1" in said
    assert "/oauth/complete/google/?state=<secret>&code=<secret>" in said
    assert SECRET not in said


def _address_in(log: Path) -> str:
    deadline = time.monotonic() + 30
    while "Listening at: " not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    return log.read_text().split("Listening at: ")[1].split()[0]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"Not Found: /oauth/link/{SECRET}/", "Not Found: /oauth/link/<secret>/"),
        (f"GET /oauth/password/MQ/c8-{SECRET}/", "GET /oauth/password/MQ/<secret>/"),
        (f"GET /x/?state={SECRET}&next=/a", "GET /x/?state=<secret>&next=/a"),
        (f'"/x/?a=1&code={SECRET}"', '"/x/?a=1&code=<secret>"'),
        (f"?access_token={SECRET}&id_token={SECRET}", "?access_token=<secret>&id_token=<secret>"),
        ("failed: code=invalid_claim stage=begin", "failed: code=invalid_claim stage=begin"),
    ],
)  # fmt: skip
def test_secrets_in_addresses_are_masked(text: str, masked: str) -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "%s", (text,), None)
    SecretsFilter().filter(record)
    assert record.getMessage() == masked


def test_a_report_of_an_error_is_masked_all_through() -> None:
    event = {
        "request": {
            "url": f"https://x/oauth/link/{SECRET}/",
            "query_string": f"state={SECRET}&code={SECRET}",
        },
        "breadcrumbs": [{"message": f"GET /oauth/link/{SECRET}/"}],
        "level": "error",
        "timestamp": 7,
    }
    report = without_secrets(event)
    assert SECRET not in str(report)
    assert report["request"]["url"] == "https://x/oauth/link/<secret>/"
    assert (report["level"], report["timestamp"]) == ("error", 7)
