"""One installation as it is deployed, and the troubles that it has gone through."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.harness import new_database, new_file
from tests.proxies import Http

from .deployed import Deployed
from .troubles import Troubles

FOLDER = Path(__file__).parent


# Before xdist's own hook, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for all of it, when `--dist loadgroup` spreads the suite over several."""
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker(pytest.mark.xdist_group("deployment"))


@pytest.fixture(scope="package")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = os.environ["DATABASE_URL"]
    if server.startswith("sqlite"):
        yield new_file(tmp_path_factory.mktemp("database"))
        return
    with new_database(server, "deployment") as address:
        yield address


@pytest.fixture(scope="package")
def deployed(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    installation = Deployed(folder, database, Http(folder))
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="package")
def troubles(deployed: Deployed) -> Troubles:
    return Troubles(deployed)
