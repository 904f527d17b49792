"""What every test may ask for; the services themselves are chosen in `tests.services`."""

import pytest

from tests import services
from tests.settings import CHOSEN

pytest_plugins = ["tests.company", "tests.leaks"]


def pytest_report_header() -> str:
    return f"services: {CHOSEN}; browser: {services.find_chromium() or 'none'}"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser for the tests of pages."""
    path = services.find_chromium()
    if path:
        return path
    reason = "Chromium is missing: install it (Debian: apt-get install chromium-headless-shell)."
    if services.in_ci():
        pytest.fail(reason)
    pytest.skip(reason)
