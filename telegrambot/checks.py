"""Settings of the way to Telegram that cannot work, or that tell strangers the token."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from telegrambot.delivery import client


def check_proxy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return list(_problems()) if settings.TELEGRAM_PROXY_URL else []


def _problems() -> Iterator[CheckMessage]:
    url = settings.TELEGRAM_PROXY_URL
    if not client.is_proxy(url):
        yield Error(
            "TELEGRAM_PROXY_URL is not the address of a proxy.",
            hint="http://user:password@host:port, or socks5h:// instead; in the password @ / : % "
            "are written %40 %2F %3A %25, and for http:// it has no Cyrillic letters.",
            id="telegrambot.E001",
        )
    elif url.startswith("http:") and urlsplit(settings.TELEGRAM_API_URL).scheme == "http":
        yield Warning(
            "TELEGRAM_API_URL is not https://: the proxy reads the token, and may log it.",
            hint="Reach a Bot API server of one's own without a proxy, or by https://.",
            id="telegrambot.W001",
        )
