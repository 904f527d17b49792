"""What an error report carries out of the house: read where Sentry would read it."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.logs import without_secrets

ROOT = Path(__file__).resolve().parents[2]
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = "TheWebhookSecret_4711"
TOKEN = "987654321:AAtest-0123456789abcdefghijklmnopq"
PROXY = "socks5h://treasury:Passw0rd@10.0.0.7:1080"
HOOK = "https://teller:Passw0rd@treasury.example.com/telegram/webhook/"

# Said by somebody to the bot.
WORDS = "Тайна переговоров"

# An update comes while the database has no tables, and something of ours quotes the settings.
UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 1, "date": 1, "text": WORDS,
        "from": {"id": 7, "is_bot": False, "first_name": WORDS},
        "chat": {"id": 7, "type": "private", "first_name": WORDS},
    },
}  # fmt: skip
FAILURES = f"""
import logging
import sentry_sdk
from config.wsgi import application
from django.conf import settings
from django.test import Client
from telegrambot.redaction import authorization
Client(raise_request_exception=False).post(
    "/telegram/webhook/", {UPDATE}, content_type="application/json",
    headers={{
        "host": "127.0.0.1",
        "{HEADER}": settings.TELEGRAM_WEBHOOK_SECRET,
        "Authorization": authorization(),
    }},
)
logging.getLogger("ours").error("no way by %s", settings.TELEGRAM_PROXY_URL)
sentry_sdk.flush(30)
"""


class Sentry(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.reports: list[str] = []


class Receiver(BaseHTTPRequestHandler):
    server: Sentry

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Encoding"] == "gzip"
        self.server.reports.append(gzip.decompress(body).decode())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: Any) -> None:
        """Quietly."""


@pytest.fixture
def sentry() -> Iterator[Sentry]:
    with Sentry() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_no_secret_of_the_channel_is_in_an_error_report(sentry: Sentry, tmp_path: Path) -> None:
    secrets = {
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_PROXY_URL": PROXY,
        "TELEGRAM_WEBHOOK_URL": HOOK,
    }
    env = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
        "REDIS_URL": "",
        "SENTRY_DSN": f"http://key@127.0.0.1:{sentry.server_port}/1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    subprocess.run(
        [sys.executable, "-c", FAILURES], cwd=ROOT, env=os.environ | secrets | env,
        check=True, timeout=60,
    )  # fmt: skip

    sent = "\n".join(sentry.reports)
    # Both failures have been told, and the first with its request.
    assert "/telegram/webhook/" in sent
    assert "the database is not available" in sent
    assert "no way by <secret>" in sent
    assert HEADER.lower() not in sent.lower()
    for words in (WORDS, json.dumps(WORDS)[1:-1]):
        assert words not in sent
    for secret in (*secrets.values(), "Passw0rd", "dGVsbGVyOlBhc3N3MHJk"):
        assert secret not in sent


def test_not_even_a_secret_of_yesterday_is_in_an_error_report() -> None:
    headers = {
        "Host": "treasury.example.com",
        HEADER: "TheSecretBefore",
        "Authorization": "Basic x",
    }
    report = without_secrets({"request": {"headers": headers}})
    assert report == {"request": {"headers": {"Host": "treasury.example.com"}}}
