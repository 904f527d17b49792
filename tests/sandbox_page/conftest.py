"""A sandbox of its own, a browser that looks at its page, and a bot made of plain HTTP calls."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
TOKEN = "7000001:AAsandbox-page-token-for-tests-0001"
ALICE, BOB, GROUP = 111, 222, -1000000000500
PATIENCE_MS = 15_000
BROWSER_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # It draws by itself: another process for that would only pass everything on.
    "--in-process-gpu",
]  # fmt: skip
FOLDER = Path(__file__).parent


# Before xdist's own hook, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The sandbox and the browser are started once when one process has all of it."""
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker(pytest.mark.xdist_group("sandbox_page"))


class Bot:
    """The product's side: raw Bot API calls and long polling."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._offset = 0

    def call(self, method: str, **params: Any) -> Any:
        return self._request(method, json=params)

    def upload(self, method: str, files: dict[str, tuple[str, bytes]], **params: Any) -> Any:
        return self._request(method, data=params, files=files)

    def _request(self, method: str, **body: Any) -> Any:
        response = requests.post(f"{self._base}/bot{TOKEN}/{method}", timeout=15, **body)
        answer = response.json()
        assert answer["ok"], answer
        return answer["result"]

    def send(self, chat_id: int, text: str, **params: Any) -> int:
        return int(self.call("sendMessage", chat_id=chat_id, text=text, **params)["message_id"])

    def next_update(self, kind: str) -> dict[str, Any]:
        """The next update of ``kind``; others before it are passed over."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for update in self.call("getUpdates", offset=self._offset, timeout=2):
                self._offset = update["update_id"] + 1
                if kind in update:
                    return dict(update[kind])
        raise AssertionError(f"no {kind} came")


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found.group()
    raise AssertionError("the sandbox did not start")


def act(address: str, body: Any = None) -> None:
    requests.post(address, json=body or {}, timeout=5).raise_for_status()


def _populate(base: str) -> None:
    people = [
        {"id": ALICE, "first_name": "Alice", "username": "alice"},
        {"id": BOB, "first_name": "Bob", "username": "bob"},
    ]
    group = {"id": GROUP, "title": "Payments", "type": "supergroup", "members": [ALICE, BOB]}
    pace = ("overall_per_second", "private_per_second", "private_burst", "group_per_minute")
    limits = dict.fromkeys(pace, 1000)
    act(f"{base}/control/people", people)
    act(f"{base}/control/groups", group)
    act(f"{base}/control/settings", {"limits": limits})


def start_bot(base: str, person_id: int) -> None:
    act(f"{base}/client/people/{person_id}/start")


@contextmanager
def running_sandbox(port: int = 0) -> Iterator[str]:
    """The address of a sandbox with Alice, Bob and a group of both; port 0 is any free one."""
    command = [sys.executable, "-u", "-m", "sandbox", "--local", "--token", TOKEN, "--port"]
    with subprocess.Popen(
        [*command, str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            base = _address(process)
            _populate(base)
            yield base
        finally:
            process.terminate()


@pytest.fixture(scope="package")
def sandbox() -> Iterator[str]:
    with running_sandbox() as base:
        yield base


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Closed with the package: while it lives, its event loop is in the way of Django's tests."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=BROWSER_FLAGS)
        yield running
        running.close()


@pytest.fixture
def bot(sandbox: str) -> Bot:
    """The bot, with Alice and Bob having started it and no messages anywhere."""
    for person in (ALICE, BOB):
        start_bot(sandbox, person)
    act(f"{sandbox}/control/reset")
    return Bot(sandbox)


OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def desktop(sandbox: str, browser: Browser) -> BrowserContext:
    """Shared, so that the scripts are fetched once."""
    return browser.new_context(base_url=sandbox, locale="en-US", reduced_motion="reduce")


@pytest.fixture
def open_page(sandbox: str, browser: Browser, desktop: BrowserContext) -> Iterator[OpenPage]:
    """Open the page at an address; nothing may go wrong in its scripts or break its CSP.

    With options of a browser context it gets a context of its own.
    """
    complaints: list[str] = []
    pages: list[Page] = []

    def complain(line: ConsoleMessage) -> None:
        if "Security Policy" in line.text:
            complaints.append(line.text)

    def opener(address: str, **options: Any) -> Page:
        context = browser.new_context(base_url=sandbox, **options) if options else desktop
        page = context.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", complain)
        page.goto(address)
        page.wait_for_selector("body[data-online=yes]")
        return page

    yield opener
    for page in pages:
        page.close()
    assert complaints == []


@pytest.fixture
def newcomer(sandbox: str, bot: Bot) -> int:
    """Somebody who has never written to the bot."""
    act(f"{sandbox}/control/people", {"id": 333, "first_name": "Charlie"})
    return 333
