"""Pictures of pages, and what must hold on every one of them.

They are JPEG: as PNG each would take Chromium nearly twice the time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page

from .visit import DESK, PHONE, STATUS

# The desk last: there the next button is pressed.
WIDTHS = {"phone": PHONE, "desk": DESK}

# What the page itself can be asked: a list of complaints.
INSPECT = """
(lists) => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true })
    && !element.closest(".select2-container, .visually-hidden");
  const all = (query) => [...document.querySelectorAll(query)].filter(seen);
  const said = [];
  const headings = all("h1").length;
  if (headings !== 1) said.push(`${headings} headings of the first rank`);
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) said.push("the page scrolls sideways");
  for (const field of all("input, select, textarea, button")) {
    const named = field.labels?.length || field.getAttribute("aria-label")
      || field.getAttribute("aria-labelledby") || field.title || field.innerText?.trim()
      || (["submit", "button"].includes(field.type) && field.value);
    if (!named) said.push(`no name: ${field.outerHTML.slice(0, 90)}`);
  }
  for (const cell of all("#result_list td, #result_list th")) {
    const cut = getComputedStyle(cell).textOverflow !== "ellipsis"
      && ![...cell.children].some((line) => getComputedStyle(line).textOverflow === "ellipsis");
    const edge = Math.min(width, cell.closest(".results").getBoundingClientRect().right);
    if (cell.getBoundingClientRect().right > edge + 1
        || cut && cell.scrollWidth > cell.clientWidth + 1) {
      said.push(`cut: ${cell.className} ${cell.innerText.slice(0, 40)}`);
    }
  }
  return said;
}
"""
ENGLISH = """
() => {
  const page = document.body.cloneNode(true);
  for (const part of page.querySelectorAll("pre, script, option")) part.remove();
  return page.textContent.match(/\\b[A-Z][a-z]+( [a-z]{2,}){2,}/g) || [];
}
"""


class Gallery:
    """One browser, any number of people; what was wrong is kept by the name of the picture."""

    def __init__(self, browser: Browser, url: str, folder: Path) -> None:
        self.wrong: dict[str, list[str]] = {}
        self._browser = browser
        self._url = url
        self._folder = folder
        self._complaints: list[str] = []
        self._tabs: list[Page] = []

    def tab(self, client: Client | None = None) -> Page:
        """A tab in Russian: this person's, or a stranger's."""
        context = self._browser.new_context(
            base_url=self._url, locale="ru", viewport=DESK, reduced_motion="reduce"
        )
        if client is not None:
            name = settings.SESSION_COOKIE_NAME
            cookie = client.cookies[name].value
            context.add_cookies([{"name": name, "value": cookie, "url": self._url}])
        tab = context.new_page()
        tab.on("console", self._hear)
        tab.on("pageerror", lambda error: self._complaints.append(str(error)))
        self._tabs.append(tab)
        return tab

    def hang(self, tab: Page, name: str, url: str = "", *, focus: bool = False) -> None:
        """Take pictures, of the address or of what is there, and note what is wrong with it."""
        if url:
            tab.goto(url)
        found = self._foreign(tab)
        if focus and not tab.evaluate("document.activeElement.matches('input, select, textarea')"):
            found.append("no field has the focus")
        for place, viewport in WIDTHS.items():
            tab.set_viewport_size(viewport)
            found += [f"{place}: {wrong}" for wrong in tab.evaluate(INSPECT)]
            tab.screenshot(path=self._folder / place / f"{name}.jpeg", full_page=True)
        found += self._complaints
        self._complaints.clear()
        if found:
            self.wrong[name] = found

    def press(self, tab: Page, button: str, name: str, *, focus: bool = False) -> None:
        """What the page that answers a button looks like."""
        with tab.expect_navigation():
            tab.click(button)
        self.hang(tab, name, focus=focus)

    def walk(self, tab: Page, pages: Iterable[tuple[str, str]], **expected: Any) -> None:
        for name, url in pages:
            self.hang(tab, name, url, **expected)

    def close(self) -> None:
        for tab in self._tabs:
            tab.context.close()

    def _foreign(self, tab: Page) -> list[str]:
        return [f"not in Russian: {text}" for text in tab.evaluate(ENGLISH)]

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(STATUS):
            self._complaints.append(said.text)
