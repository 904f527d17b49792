"""Two installations: on PostgreSQL with Redis, and a small one, on SQLite with a single worker."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from .calamities import Struck, strike
from .firm import Firm
from .harness import Installation, new_database_of_another, new_file

SERVER = os.environ["DATABASE_URL"]
FOLDER = Path(__file__).parent
BACKENDS = ["sqlite"] if SERVER.startswith("sqlite") else ["postgresql", "sqlite"]

Installations = dict[str, Installation]


# Before xdist's own hook, which reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for all of it, when `--dist loadgroup` spreads the suite over several."""
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker(pytest.mark.xdist_group("acceptance"))


@pytest.fixture(scope="package")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installations]:
    """Both run at the same time, so that one can be asked while the other one waits; and no longer
    than they are asked, for workers look for work all the time."""
    with ExitStack() as opened:
        running = {
            backend: _prepare(backend, tmp_path_factory.mktemp(backend), opened)
            for backend in BACKENDS
        }
        try:
            at_once(running, Installation.start)
            yield running
        finally:
            at_once(running, Installation.stop)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def installation(backend: str, installations: Installations) -> Installation:
    return installations[backend]


@pytest.fixture
def firm(installation: Installation) -> Iterator[Firm]:
    founded = Firm(installation)
    yield founded
    founded.close()


@pytest.fixture(scope="package")
def calamities(installations: Installations) -> Iterator[dict[str, Struck]]:
    """Everything that can break has broken: the first tests look at how work goes on meanwhile,
    the last ones at how it ended, so that nobody has to sit and wait for it."""
    struck = at_once(installations, strike)
    yield struck
    at_once(struck, Struck.close)


@pytest.fixture
def struck(backend: str, calamities: dict[str, Struck]) -> Struck:
    return calamities[backend]


T = TypeVar("T")
R = TypeVar("R")


def at_once(things: dict[str, T], act: Callable[[T], R]) -> dict[str, R]:
    with ThreadPoolExecutor() as pool:
        return dict(zip(things, pool.map(act, things.values()), strict=True))


def _prepare(backend: str, folder: Path, opened: ExitStack) -> Installation:
    if backend == "sqlite":
        return Installation(folder, new_file(folder), small=True)
    return Installation(folder, opened.enter_context(new_database_of_another(SERVER)), small=False)
