"""People who sign in: their Telegram, their browser, their account at Google."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.acceptance.harness import DOMAIN, Installation, Json

from .visit import PHONE, Visit

PASSWORD = "secret-of-the-tests"
PATIENCE_MS = 15_000

# Beyond those of all firms.
_numbers = count(900_001)


@dataclass(frozen=True)
class Newcomer:
    """Somebody who has Telegram and perhaps works here; the bot does not know him yet."""

    name: str
    telegram_id: int
    email: str
    employee: int | None


class Reception:
    """Where the newcomers come to."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def stranger(self, name: str = "Zoe Stranger") -> Newcomer:
        return self._enter(name, works_here=False)

    def newcomer(self, name: str = "Kirill Novikov", **fields: Any) -> Newcomer:
        """A new employee, who has an account at Google too."""
        person = self._enter(name, works_here=True, **fields)
        self.add_account(person.email)
        return person

    def add_account(self, email: str, *, verified: bool = True) -> str:
        """An account at Google; its key there."""
        key = f"{email}-{'' if verified else 'not-'}verified"
        domain = email.rpartition("@")[2]
        claims = {"email": email, "name": email, "email_verified": verified, "hd": domain}
        self.installation.add_google_account(key, **claims)
        return key

    def account(self, person: Newcomer) -> Json:
        facts: Json = self.installation.clerk.account(employee=person.employee)
        return facts

    def holders(self, person: Newcomer) -> list[int]:
        """To whom the Telegram account belongs or has belonged."""
        found: list[int] = self.installation.clerk.holders(telegram_id=person.telegram_id)
        return found

    def chat(self, visit: Visit, person: Newcomer) -> Page:
        """His chat with the bot, on his phone."""
        key = person.telegram_id
        return visit.open(f"{self.installation.sandbox_url}/?people={key}&chat={key}", PHONE)

    def _enter(self, name: str, *, works_here: bool, **fields: Any) -> Newcomer:
        number = next(_numbers)
        first, last = name.split()
        person = {"id": number, "first_name": first, "last_name": last, "language_code": "en"}
        self.installation.post("/control/people", person)
        email = f"{last.lower()}.{number}@{DOMAIN}"
        pk = None
        if works_here:
            new = {"name": name, "email": email, "password": PASSWORD, **fields}
            pk = self.installation.clerk.hire(**new)
        return Newcomer(name, number, email, pk)


def last_word(chat: Page) -> Locator:
    """The bot's newest message."""
    return chat.locator(".message.peer").last


def hears(chat: Page, text: str) -> None:
    expect(last_word(chat)).to_contain_text(text, timeout=PATIENCE_MS)


def ask_to_sign_in(chat: Page) -> None:
    """Start the bot and choose /login from its commands; the way to sign in is offered."""
    chat.locator("[data-action=start]").tap()
    hears(chat, "/login")
    login(chat)


def login(chat: Page) -> None:
    # Behind another tab of its window Chromium draws seldom, and a tap waits to be drawn.
    chat.bring_to_front()
    said = chat.locator(".message.peer").count()
    chat.locator("[data-action=commands]").tap()
    chat.locator("[data-command=login]").tap()
    expect(chat.locator(".message.peer")).to_have_count(said + 1, timeout=PATIENCE_MS)
    expect(way(chat)).to_be_visible()


def way(chat: Page) -> Locator:
    return last_word(chat).get_by_role("button", name="Sign in")


def follow(chat: Page) -> Page:
    """Press it; the page that the phone's browser opens."""
    with chat.context.expect_page() as opened:
        way(chat).tap()
    return opened.value


def to_google(page: Page) -> None:
    page.get_by_role("button", name="Sign in with Google").click()
    expect(page.get_by_role("heading", name="Choose an account")).to_be_visible()


def choose(page: Page, key: str) -> None:
    page.locator(f"button[name=sub][value='{key}']").click()


def sign_in_by_google(page: Page, person: Newcomer) -> None:
    to_google(page)
    choose(page, f"{person.email}-verified")


def sign_in_by_password(page: Page, person: Newcomer) -> None:
    page.fill("input[name=username]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in by password").click()


def code_on(page: Page) -> str:
    shown = page.locator(".code")
    expect(shown).to_be_visible()
    return shown.inner_text()


def bring_back(page: Page, person: Newcomer) -> None:
    """Follow the page's link to the bot, as this person."""
    page.get_by_role("link", name="Open the chat with the bot").click()
    page.select_option("select[name=who]", str(person.telegram_id))
    page.locator("dialog.link button[value=ok]").click()


def write(chat: Page, text: str) -> None:
    chat.fill("textarea[name=text]", text)
    chat.press("textarea[name=text]", "Enter")
