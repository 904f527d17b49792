"""The secrets that tests meet, and the log lines that must hold none of them."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from urllib.parse import unquote

import pytest
from django.http import HttpRequest, HttpResponseBase

from tests.services import FIXED

# Of the configuration, and those that the fixed casts log in with.
KNOWN = frozenset(
    {
        FIXED["SECRET_KEY"],
        FIXED["TELEGRAM_BOT_TOKEN"],
        FIXED["TELEGRAM_WEBHOOK_SECRET"],
        FIXED["GOOGLE_CLIENT_SECRET"],
        "secret-of-the-tests",
        "secret-of-the-accountants",
        "password-of-the-demo",
    }
)
LINK = re.compile(r"/oauth/(?:link|password/[\w-]+)/([\w-]{20,})")
PARAMETER = re.compile(r"[?&](?:code|state|nonce|code_challenge|link)=([^&\s\"'<>#]{16,})")
CODE = re.compile(r"\b([A-Z2-7]{4})-([A-Z2-7]{4})\b")
# Shorter passwords and cookies are words that a line may hold for another reason.
SHORTEST = 8


def secrets_in(text: str) -> set[str]:
    """Links, codes and what goes to and fro with Google, in an address, a page or a message."""
    values = [*LINK.findall(text), *PARAMETER.findall(text)]
    codes = [(f"{first}-{second}", first + second) for first, second in CODE.findall(text)]
    return {*values, *map(unquote, values), *(form for code in codes for form in code)}


def leaks(lines: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """The lines in which a secret stands."""
    return [line for line in lines if any(secret in line for secret in secrets)]


class Watch:
    """What has been logged in this process, as the product's own handler writes it."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self._written = StringIO()

    def listen(self) -> None:
        """Beside the product's handlers, with their filters and their formatter."""
        for name in (None, "django.server"):
            logger = logging.getLogger(name)
            console = next(handler for handler in logger.handlers if handler.filters)
            handler = logging.StreamHandler(self._written)
            handler.filters, handler.formatter = console.filters, console.formatter
            logger.addHandler(handler)

    def begin(self) -> None:
        self.secrets = set(KNOWN)
        self._written.seek(0)
        self._written.truncate()

    def leaks(self) -> list[str]:
        return leaks(self._written.getvalue().splitlines(), self.secrets)


watch = Watch()


@pytest.fixture(scope="session", autouse=True)
def _watched_logs() -> None:
    watch.listen()


@pytest.fixture(autouse=True)
def _no_secret_is_logged() -> Iterator[None]:
    """Whatever a test is about: no line that the product has logged holds a secret it met."""
    watch.begin()
    yield
    assert watch.leaks() == []


def witness(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """A middleware that notes the secrets of every request and response."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # Afterwards: to parse the body here would take it from the view.
        typed = getattr(request, "_post", {})
        words = [typed[name] for name in typed if "password" in name]
        words += [cookie.value for cookie in response.cookies.values()]
        watch.secrets |= {word for word in words if len(word) >= SHORTEST}
        page = getattr(response, "content", b"")  # a stream has none
        for text in (
            request.get_full_path(),
            response.get("Location", ""),
            page.decode(errors="replace"),
        ):
            watch.secrets |= secrets_in(text)
        return response

    return middleware
