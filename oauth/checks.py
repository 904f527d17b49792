"""Settings of the sign-in that cannot work, found before anybody tries."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def check_sign_in(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return list(_problems())


def _problems() -> Iterator[CheckMessage]:
    named, secret = bool(settings.GOOGLE_CLIENT_ID), bool(settings.GOOGLE_CLIENT_SECRET)
    if named != secret:
        missing = "GOOGLE_CLIENT_SECRET" if named else "GOOGLE_CLIENT_ID"
        yield Error(
            f"Sign-in with Google is half configured: {missing} is not set.",
            hint="Set both, or none to sign in by password only.",
            id="oauth.E001",
        )
    endpoint = urlsplit(settings.GOOGLE_OIDC_ENDPOINT)
    if endpoint.scheme != "https" and endpoint.hostname not in LOOPBACK:
        yield Error(
            "GOOGLE_OIDC_ENDPOINT is not https://: anybody on the way could sign in as anyone.",
            hint="Leave it out; only the demo's stand-in needs it, on a loopback address.",
            id="oauth.E002",
        )
    public = urlsplit(settings.PUBLIC_URL)
    if public.scheme != "https" and public.hostname not in LOOPBACK:
        yield Error(
            "PUBLIC_URL is not https://: anybody on the way could read passwords and sessions.",
            hint="Put a TLS proxy in front and set its https:// address; only a loopback address "
            "may go without.",
            id="oauth.E003",
        )
    if "@" in public.netloc:
        yield Error(
            "PUBLIC_URL holds a login, which every link would show.",
            hint="Put it into TELEGRAM_WEBHOOK_URL, which Telegram alone is told.",
            id="oauth.E004",
        )
    if settings.GOOGLE_HOSTED_DOMAIN and not named:
        yield Warning(
            "GOOGLE_HOSTED_DOMAIN has no effect without GOOGLE_CLIENT_ID.",
            hint="Set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET as well.",
            id="oauth.W001",
        )
