"""Settings of the way to Telegram that cannot work, or that tell strangers the token."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

# Both have the proxy look up the names: where Telegram is blocked its name often is too.
SCHEMES = {"http", "socks5h"}


def check_proxy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return list(_problems()) if settings.TELEGRAM_PROXY_URL else []


def _problems() -> Iterator[CheckMessage]:
    try:
        proxy = urlsplit(settings.TELEGRAM_PROXY_URL)
        is_known = _is_known(proxy)
    except ValueError:
        is_known = False
    if not is_known:
        yield Error(
            "TELEGRAM_PROXY_URL is not the address of a proxy.",
            hint="http://user:password@host:port, or socks5h:// instead; in the password @ / : % "
            "are written %40 %2F %3A %25, and for http:// it has no Cyrillic letters.",
            id="telegrambot.E001",
        )
    elif proxy.scheme == "http" and urlsplit(settings.TELEGRAM_API_URL).scheme == "http":
        yield Warning(
            "TELEGRAM_API_URL is not https://: the proxy reads the token, and may log it.",
            hint="Reach a Bot API server of one's own without a proxy, or by https://.",
            id="telegrambot.W001",
        )


def _is_known(proxy: SplitResult) -> bool:
    """Raises ValueError for a port that is none."""
    is_whole = bool(proxy.hostname and proxy.port) and proxy[2:] in {("", "", ""), ("/", "", "")}
    return is_whole and proxy.scheme in SCHEMES and _can_be_sent(proxy)


def _can_be_sent(proxy: SplitResult) -> bool:
    """What stands in a header is of these letters alone."""
    login = unquote(f"{proxy.username}{proxy.password}")
    return proxy.scheme != "http" or max(map(ord, login)) < 256
