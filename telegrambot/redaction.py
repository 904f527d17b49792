"""What may be kept or shown of an error: everything but this installation's secrets."""

from django.conf import settings


def redacted(error: Exception) -> str:
    """Its text; an address in it may hold the token or the proxy's password."""
    text = str(error)
    secrets = (
        settings.TELEGRAM_BOT_TOKEN, settings.TELEGRAM_WEBHOOK_SECRET, settings.TELEGRAM_PROXY_URL,
    )  # fmt: skip
    for secret in filter(None, secrets):
        text = text.replace(secret, "<secret>")
    return text
