"""A person's browser, Google's stand-in, and what the rest of the product hears of accounts."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from oauth import linking, signals
from oauth.models import UserToken
from tests.company import Company
from tests.ports import free_port
from tests.sandbox.harness import until
from treasury.models import Employee

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 10
# A Telegram account that is nobody's yet.
NEWCOMER = 7001


@dataclass(frozen=True)
class Google:
    """The stand-in over HTTP, at an address of its own."""

    url: str

    def knows(self, email: str, **claims: Any) -> str:
        """Make an account and return its `sub`; without claims to the contrary it is verified."""
        sub = f"sub-of-{email}"
        body = {"email": email, "email_verified": True, "hd": email.rpartition("@")[2], **claims}
        answer = requests.put(f"{self.url}/users/{sub}", json=body, timeout=DEADLINE)
        answer.raise_for_status()
        return sub

    def choose(self, address: str, sub: str) -> str:
        """The person chooses an account on Google's page: where Google sends the browser then."""
        return self._press(address, {"sub": sub})

    def deny(self, address: str) -> str:
        return self._press(address, {"action": "deny"})

    def _press(self, address: str, form: dict[str, str]) -> str:
        assert address.startswith(self.url)
        answer = requests.post(address, data=form, allow_redirects=False, timeout=DEADLINE)
        assert answer.status_code == 302
        return str(answer.headers["Location"])


@pytest.fixture(scope="session")
def google_server() -> Iterator[str]:
    """For the whole run, because social-auth remembers the addresses and keys of a provider."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "sandbox.google", f"--port={port}"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    until(lambda: _answers(url), "Google's stand-in", 6 * DEADLINE)
    yield url
    process.terminate()
    process.wait(DEADLINE)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=DEADLINE).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def google(google_server: str, settings: Any) -> Google:
    settings.SOCIAL_AUTH_GOOGLE_OIDC_ENDPOINT = google_server
    return Google(google_server)


@pytest.fixture
def browser() -> Client:
    return new_browser()


@pytest.fixture
def newcomer(company: Company) -> Employee:
    """Boris works here and is not linked to any Telegram account."""
    UserToken.objects.filter(employee=company.boris).delete()
    return company.boris


@dataclass
class Heard:
    """What the channel was told, as (signal, facts without the sender)."""

    news: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def of(self, name: str) -> list[dict[str, Any]]:
        return [facts for said, facts in self.news if said == name]


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    receivers = {}
    for name in ("linked", "unlinked", "refused"):

        def receive(sender: Any, signal: Any, name: str = name, **facts: Any) -> None:
            heard.news.append((name, facts))

        receivers[name] = receive
        getattr(signals, name).connect(receive)
    yield heard
    for name, receive in receivers.items():
        getattr(signals, name).disconnect(receive)


def new_browser() -> Client:
    return Client(headers={"accept-language": "en"})


def link_for(telegram_id: int, name: str = "Борис Орлов (@boris)") -> str:
    """The path of the page to which the bot's button leads."""
    return urlsplit(linking.begin(telegram_id=telegram_id, telegram_name=name)).path


def open_link(browser: Client, telegram_id: int) -> str:
    """Open the page behind the bot's button and return what its forms carry."""
    return ticket_in(browser.get(link_for(telegram_id)))


def ticket_in(page: Any) -> str:
    found = re.search(r'name="link" value="([^"]+)"', text_of(page))
    assert found
    return found[1]


def to_google(browser: Client, **form: str) -> str:
    """Press the Google button: the address on which Google asks which account it shall be."""
    answer = browser.post("/oauth/login/google/", form)
    assert answer.status_code == 302
    return str(answer["Location"])


def come_back(browser: Client, callback: str) -> Any:
    """Follow Google's redirect in this browser, and ours after it."""
    parts = urlsplit(callback)
    return browser.get(f"{parts.path}?{parts.query}", follow=True)


def sign_in(browser: Client, google: Google, sub: str, **form: str) -> Any:
    """The page on which a sign-in with Google ends."""
    return come_back(browser, google.choose(to_google(browser, **form), sub))


def code_on(page: Any) -> str:
    found = re.search(r'<p class="code">([A-Z2-7]{4}-[A-Z2-7]{4})</p>', text_of(page))
    assert found, text_of(page)
    return found[1]


def text_of(page: Any) -> str:
    return str(page.content.decode())
