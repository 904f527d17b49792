"""What every test may ask for; the services themselves are chosen in `tests.services`."""

import gc
import os
from collections.abc import Generator, Iterator

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from tests import databases, services
from tests.settings import CHOSEN

pytest_plugins = ["tests.backups", "tests.clamd", "tests.company", "tests.leaks"]


def pytest_report_header() -> str:
    return f"services: {CHOSEN}; browser: {services.find_chromium() or 'none'}"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded here stays until the end: to look for garbage in it is in vain."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: at the end one worker would be left alone with them."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the browser for the tests of pages."""
    return services.needed(services.find_chromium(), "Chromium", "chromium-headless-shell")


@pytest.fixture(scope="session")
def own_database() -> databases.Own:
    return databases.Own(os.environ["DATABASE_URL"], os.environ.get("PYTEST_XDIST_WORKER", "alone"))


@pytest.fixture(scope="session")
def django_db_setup(
    own_database: databases.Own, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A copy of the migrated database; as new after each test that has committed.

    Django would empty every table instead, which the seals refuse, and leave nothing of what the
    migrations have filled in.
    """

    def renew(_test_case: object = None) -> None:
        connections.close_all()
        own_database.renew()

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", renew)
        patch.setitem(settings.DATABASES["default"], "NAME", own_database.name)
        patch.setitem(connections["default"].settings_dict, "NAME", own_database.name)
        renew()
        yield
        connections.close_all()
        own_database.drop()
