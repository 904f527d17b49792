"""The webhook as Telegram is told of it: set, looked at, and set aside while updates are fetched.

Every setWebhook replaces all parameters, so all of them are always passed.
https://core.telegram.org/bots/api#setwebhook
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.delivery import client
from telegrambot.delivery.upload import File
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.models import Errand
from telegrambot.redaction import without_secrets

MAX_CONNECTIONS = 40
# Telegram answers before it has looked at our certificate: what it finds is told later.
LOOK_EVERY = 1.0
# Seconds in which it has tried a new webhook.
TRIED_WITHIN = 5.0

# What getWebhookInfo tells, in words; whatever else it may tell comes by its own name.
_TITLES = {
    "url": gettext_lazy("Address"),
    "has_custom_certificate": gettext_lazy("Certificate of one's own"),
    "pending_update_count": gettext_lazy("Waiting updates"),
    "ip_address": gettext_lazy("IP address"),
    "last_error_date": gettext_lazy("Last error"),
    "last_error_message": gettext_lazy("It said"),
    "last_synchronization_error_date": gettext_lazy("Last trouble within Telegram"),
    "max_connections": gettext_lazy("Connections at most"),
    "allowed_updates": gettext_lazy("Updates asked for"),
}


class Unusable(Exception):
    """The settings do not allow it; the text says why."""


def url() -> str:
    """As it may be shown: without the login."""
    parts = urlsplit(whole_url())
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def whole_url() -> str:
    """As Telegram alone is told it, and tells it."""
    below = f"{settings.PUBLIC_URL}{reverse('telegram-webhook')}"
    return settings.TELEGRAM_WEBHOOK_URL or below


def establish(seconds: float) -> str:
    """Have Telegram send updates here; what it complains of within so many seconds.

    Raises `Unusable`, or a `client.TelegramError`.
    """
    params, files = parameters(), certificate()
    before = _complaint()
    client.call_patiently("setWebhook", params, files)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(LOOK_EVERY, left))
        # What stood there before is that of a webhook that was the same.
        if (complaint := _complaint()) != before and complaint[1]:
            return complaint[1]
    return ""


@contextmanager
def set_aside() -> Iterator[str]:
    """Without a webhook, and what waits for it is kept; in the end it is set as it was.

    Gives its address, if there was one. Raises `Unusable` for one that could not be set again, or
    a `client.TelegramError`.
    """
    info = client.call("getWebhookInfo")
    if not info.get("url"):
        yield ""
        return
    if info["url"] != whole_url() or info["has_custom_certificate"] != has_own_certificate():
        raise Unusable(
            _(
                "The webhook of %(url)s was not set by these settings, so that it could not be set "
                "again: run `manage.py telegram deletewebhook` first."
            )
            % {"url": without_secrets(info["url"])}
        )
    kept = {
        "max_connections": info.get("max_connections"),
        # None are told when they are what everybody gets.
        "allowed_updates": info.get("allowed_updates", []),
    }
    params, files = parameters() | kept, certificate()
    client.call_patiently("deleteWebhook")
    try:
        yield url()
    finally:
        # Somebody may have set another meanwhile.
        if not client.call("getWebhookInfo").get("url"):
            client.call_patiently("setWebhook", params, files)


def parameters() -> dict[str, Any]:
    """Raises `Unusable`."""
    if not settings.TELEGRAM_WEBHOOK_SECRET:
        raise Unusable(_("Set TELEGRAM_WEBHOOK_SECRET: without it the webhook refuses everything."))
    return {
        "url": whole_url(),
        "secret_token": settings.TELEGRAM_WEBHOOK_SECRET,
        "max_connections": MAX_CONNECTIONS,
        "allowed_updates": list(ALLOWED_UPDATES),
    }


def certificate() -> Mapping[str, File]:
    """Raises `Unusable`."""
    pem = own_certificate()
    return {"certificate": File.of("webhook.pem", pem)} if pem else {}


def own_certificate() -> bytes:
    """The PEM that Telegram is to be given: of `TELEGRAM_CERTIFICATE`, else what was uploaded in
    the back office; empty where it is given none. Raises `Unusable`."""
    if not settings.TELEGRAM_CERTIFICATE:
        return _uploaded().encode()
    try:
        content = Path(settings.TELEGRAM_CERTIFICATE).read_bytes()
    except OSError as exc:
        raise Unusable(f"TELEGRAM_CERTIFICATE: {exc}") from exc
    if b"PRIVATE KEY" in content:
        raise Unusable(
            _("TELEGRAM_CERTIFICATE holds a private key: that is nobody else's business.")
        )
    return content


def has_own_certificate() -> bool:
    """Whether it is to be given one, usable or not."""
    return bool(settings.TELEGRAM_CERTIFICATE or _uploaded())


def in_words(info: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What Telegram tells of it, each with its title."""
    return [(str(_TITLES.get(name, name)), _in_words(name, value)) for name, value in info.items()]


def when(stamp: int) -> str:
    return f"{timezone.localtime(datetime.fromtimestamp(stamp, UTC)):%d.%m.%Y %H:%M:%S}"


def _in_words(name: str, value: Any) -> str:
    if name.endswith("_date"):
        return when(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value) or _("not set")


def _uploaded() -> str:
    newest = Errand.objects.filter(act=Errand.Act.SET).values_list("certificate", flat=True)
    return newest.first() or ""


def _complaint() -> tuple[int, str]:
    """When Telegram last failed, and why."""
    info = client.call("getWebhookInfo")
    return info.get("last_error_date", 0), info.get("last_error_message", "")
