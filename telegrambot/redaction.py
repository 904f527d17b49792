"""What may be kept, shown or sent on: everything but this installation's secrets."""

from django.conf import settings

# What a call of Telegram's proves itself by: https://core.telegram.org/bots/api#setwebhook
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def without_secrets(text: str) -> str:
    secrets = (
        settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_WEBHOOK_SECRET, settings.TELEGRAM_PROXY_URL,
    )  # fmt: skip
    for secret in filter(None, secrets):
        text = text.replace(secret, "<secret>")
    return text


def redacted(error: Exception) -> str:
    """Its text; an address in it may hold the token or the proxy's password."""
    return without_secrets(str(error))
