"""What the tests of whole stories share: tabs in which nothing may go wrong, pictures of them."""

import re
from pathlib import Path

from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
    expect,
)

from tests.acceptance.firm import Firm
from tests.acceptance.harness import Installation

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # It draws by itself: another process for that would only pass everything on.
    "--in-process-gpu",
]  # fmt: skip
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1400, height=900)
# A refusal has a status of its own, which the console reports.
STATUS = "Failed to load resource: the server responded with a status of 4"
# Of a chat, which may have to wait for the pace of Telegram.
PATIENCE_MS = 30_000
# Whatever of a message does not fit into it, but for tables, which scroll by themselves, and for
# what ends in an ellipsis: a message that is answered stands above in full.
CUT = """
(message) => [message, ...message.querySelectorAll(":not(.rich-table, .rich-table *, svg *)")]
  .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0
    && getComputedStyle(part).display !== "inline"
    && getComputedStyle(part).textOverflow !== "ellipsis")
  .map((part) => `${part.className} ${part.textContent.slice(0, 60)}`)
"""


class Visit:
    def __init__(
        self, browser: Browser, installation: Installation, pictures: Path, locale: str
    ) -> None:
        self.complaints: list[str] = []
        self._browser = browser
        self._installation = installation
        self._folder = pictures
        self._locale = locale
        self._pictures = 0
        self._contexts: list[BrowserContext] = []

    def open(self, address: str, viewport: ViewportSize) -> Page:
        """A tab of a browser of its own: another person's, another machine's."""
        phone = viewport == PHONE
        context = self._browser.new_context(
            locale=self._locale,
            viewport=viewport,
            is_mobile=phone,
            has_touch=phone,
            reduced_motion="reduce",
        )
        self._contexts.append(context)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._hear)
        context.on("request", self._notice)
        tab = context.new_page()
        tab.goto(address)
        return tab

    def chat(self, firm: Firm, person: str, key: int | None = None) -> Page:
        """A person's own chat with the bot on his phone, or another one."""
        own = firm.telegram_ids[person]
        return self.open(f"{self._installation.sandbox_url}/?people={own}&chat={key or own}", PHONE)

    def show(self, tab: Page, name: str, *words: str) -> Locator:
        """A picture of the newest message with all these words, from its end up."""
        message = tab.locator(".message")
        for each in words:
            message = message.filter(has_text=each)
        return self.show_last(tab, name, message)

    def show_last(self, tab: Page, name: str, messages: Locator) -> Locator:
        """… of the newest of these messages."""
        newest = messages.last
        expect(newest).to_be_visible(timeout=PATIENCE_MS)
        newest.evaluate("message => message.scrollIntoView({ block: 'end' })")
        assert newest.evaluate(CUT) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        # What a press was answered would lie over the buttons for some seconds more.
        tab.locator(".toast").evaluate_all("toasts => toasts.forEach((toast) => toast.remove())")
        self.picture(tab, name)
        return newest

    def picture(self, tab: Page, name: str) -> None:
        self._pictures += 1
        # Of a tab behind another one Chromium sometimes takes no picture.
        tab.bring_to_front()
        tab.wait_for_load_state()
        tab.screenshot(path=self._folder / f"{self._pictures:02}-{name}.jpeg")

    def close(self) -> None:
        for context in self._contexts:
            cookies = {cookie.get("value", "") for cookie in context.cookies()}
            self._installation.secrets |= {value for value in cookies if len(value) > 8}
            context.close()

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(STATUS):
            self.complaints.append(said.text)

    def _notice(self, request: Request) -> None:
        self._installation.notice(request.url)


def go(tab: Page, title: str) -> None:
    """From one chat of the sandbox's page to another."""
    tab.locator("[data-action=back]").click()
    # What was last said there may have the title of another in it.
    tab.get_by_role("button", name=re.compile(f"^{re.escape(title)}")).click()


def write(tab: Page, text: str) -> None:
    """In the chat that is open there."""
    tab.locator("textarea[name=text]").fill(text)
    tab.locator("textarea[name=text]").press("Enter")


def opened(
    browser: Browser,
    client: Client,
    address: str,
    viewport: ViewportSize,
    complaints: list[str],
    locale: str = "en",
) -> Page:
    context: BrowserContext = browser.new_context(
        base_url=address, locale=locale, viewport=viewport
    )
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
    tab = context.new_page()
    tab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    return tab
