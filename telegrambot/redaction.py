"""What may be kept, shown or sent on: everything but this installation's secrets, and people's
telephone numbers."""

import re

from django.conf import settings

# What a call of Telegram's proves itself by: https://core.telegram.org/bots/api#setwebhook
HEADER = "X-Telegram-Bot-Api-Secret-Token"
# As they are stored: PostgreSQL tells of the whole row that breaks a rule.
_PHONE = re.compile(r"(?<![\w+])\+\d{7,15}(?!\d)", re.ASCII)


def without_secrets(text: str) -> str:
    secrets = (
        settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_WEBHOOK_SECRET, settings.TELEGRAM_PROXY_URL,
        settings.STORAGE_URL,
    )  # fmt: skip
    for secret in filter(None, secrets):
        text = text.replace(secret, "<secret>")
    return _PHONE.sub("<phone>", text)


def redacted(error: Exception) -> str:
    """Its text; an address in it may hold the token or the proxy's password."""
    return without_secrets(str(error))
