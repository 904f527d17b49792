"""The back office of this process, or a whole installation, in one browser for all who look."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.firm import Firm
from tests.acceptance.harness import ROOT, Installation, new_file
from tests.admin.conftest import media

from .newcomers import Reception
from .visit import FLAGS, Visit

__all__ = ["media"]

FOLDER = Path(__file__).parent


# Before xdist's own hook, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The installation and the browser are started once only when one process has all who need
    them; those who look at the back office can do so at the same time, in a browser of theirs."""
    for item in items:
        if item.path.parent == FOLDER:
            shared = "installation" in getattr(item, "fixturenames", ())
            item.add_marker(pytest.mark.xdist_group("installation" if shared else "back_office"))


@pytest.fixture(scope="package")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Real processes of the product, stand-ins for Telegram and Google; for all that need one."""
    folder = tmp_path_factory.mktemp("installation")
    installation = Installation(folder, new_file(folder), small=True)
    try:
        installation.start()
        installation.start_google()
        installation.run("telegram", "commands")
        yield installation
        assert installation.leaks() == []
    finally:
        installation.stop()


@pytest.fixture
def reception(installation: Installation) -> Reception:
    return Reception(installation)


@pytest.fixture
def firm(installation: Installation) -> Iterator[Firm]:
    founded = Firm(installation, language="ru")
    yield founded
    founded.close()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Closed with the package: while it lives, its event loop is in the way of Django's tests."""
    # Its database may be gone when the next test without a browser goes on with it.
    connections.close_all()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # The driver runs a loop in this thread, where Django would refuse the database.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()
        # Beside the loop Django has kept a connection apart, which nothing else would close.
        connections.close_all()


@pytest.fixture
def office(transactional_db: None, browser: Browser) -> Iterator[None]:
    """Nobody looks at a page any more when the database is made anew."""
    others = set(threading.enumerate())
    yield
    for context in browser.contexts:
        context.close()
    _wait_for_the_server_to_let_go(others)


def _wait_for_the_server_to_let_go(others: set[threading.Thread]) -> None:
    """Each thread of the test server holds a connection that the database's end would meet; the
    others are of servers that earlier tests in this process had."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        threads = set(threading.enumerate()) - others
        if not any("process_request_thread" in thread.name for thread in threads):
            return
        time.sleep(0.02)
    raise AssertionError("the test server still answers someone")


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console has to object: broken scripts, the policy offended."""
    return []


@pytest.fixture
def visit(
    browser: Browser, reception: Reception, request: pytest.FixtureRequest
) -> Iterator[Visit]:
    """Its pictures are kept by the names of the file and the test."""
    story = f"{request.path.stem}/{request.node.name}".replace("test_", "")
    visit = Visit(browser, reception.installation, ROOT / "artifacts" / story, "en")
    yield visit
    visit.close()
    assert visit.complaints == []
