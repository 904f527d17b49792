"""Where people sign in: real processes of the product, stand-ins for Telegram and Google."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.harness import ROOT, Installation

from .newcomers import Reception
from .visit import FLAGS, Visit


@pytest.fixture(scope="package")
def reception(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reception]:
    folder = tmp_path_factory.mktemp("sign-in")
    database = f"sqlite:///{folder / 'db.sqlite3'}"
    installation = Installation(folder, database, embedded_redis=True)
    try:
        installation.start()
        installation.start_google()
        installation.run("telegram", "commands")
        yield Reception(installation)
        assert installation.leaks() == []
    finally:
        installation.stop()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """Closed with the module: while it lives, its event loop is in the way of Django's tests."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


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
