"""What may be kept, shown or sent on: everything but this installation's secrets, and people's
telephone numbers."""

import re
from base64 import b64encode
from urllib.parse import urlsplit

from django.conf import settings

# What a call of Telegram's proves itself by: https://core.telegram.org/bots/api#setwebhook
HEADER = "X-Telegram-Bot-Api-Secret-Token"
# As they are stored: PostgreSQL tells of the whole row that breaks a rule.
_PHONE = re.compile(r"(?<![\w+])\+\d{7,15}(?!\d)", re.ASCII)
# Of an address, also of one that no setting has any more.
_LOGIN = re.compile(r"(?<=://)[^/?#\s]+@")


def authorization() -> str:
    """The header by which Telegram proves itself too, if the webhook's address has a login: that is
    sent as it is written there, see WebhookActor.cpp of tdlib/telegram-bot-api."""
    login = _login()
    return f"Basic {_encoded(login)}" if login else ""


def without_secrets(text: str) -> str:
    secrets = (
        settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_WEBHOOK_SECRET, settings.TELEGRAM_PROXY_URL,
        settings.STORAGE_URL, _login(), _encoded(_login()),
    )  # fmt: skip
    for secret in filter(None, secrets):
        text = text.replace(secret, "<secret>")
    return _PHONE.sub("<phone>", _LOGIN.sub("<secret>@", text))


def redacted(error: Exception) -> str:
    """Its text; an address in it may hold the token or the proxy's password."""
    return without_secrets(str(error))


def _login() -> str:
    address: str = settings.TELEGRAM_WEBHOOK_URL
    return urlsplit(address).netloc.rpartition("@")[0]


def _encoded(login: str) -> str:
    return b64encode(login.encode()).decode()
