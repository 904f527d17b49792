"""Without Redis there is one worker for a database, however its address is spelt."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.children import Child
from tests import databases, services

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ["DATABASE_URL"]
WORK = (sys.executable, "manage.py", "telegram", "work")
SECONDS = 60.0
# The same machine by another name.
HOSTS = {"@127.0.0.1": "@localhost", "@localhost": "@127.0.0.1"}
Spellings = tuple[str, str]


@pytest.fixture
def in_a_file(tmp_path: Path) -> Spellings:
    """By its folder, and by a link to that."""
    folder, link = tmp_path / "data", tmp_path / "current"
    folder.mkdir()
    link.symlink_to(folder)
    ours = databases.InFiles()
    ours.copy(str(folder / "db.sqlite3"))
    return ours.address(str(folder / "db.sqlite3")), ours.address(str(link / "db.sqlite3"))


@pytest.fixture
def on_a_server() -> Iterator[Spellings]:
    if SERVER.startswith("sqlite"):
        pytest.skip("there is no server")
    ours = databases.OnServer(SERVER)
    name = ours.name_for(f"alone_{os.environ.get('PYTEST_XDIST_WORKER', '')}")
    ours.copy(name)
    address = ours.address(name)
    [host] = [host for host in HOSTS if host in address]
    yield address, address.replace(host, HOSTS[host])
    ours.drop(name)


@pytest.fixture(params=["in_a_file", "on_a_server"])
def spellings(request: pytest.FixtureRequest) -> Spellings:
    found: Spellings = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def worker(spellings: Spellings, tmp_path: Path) -> Iterator[Child]:
    """Already at work for the database, by the first spelling."""
    child = Child("worker", WORK, tmp_path / "worker.log", environment(spellings[0]), ROOT)
    try:
        child.wait_until(lambda: child.has_said(" ready."), SECONDS)
        yield child
    finally:
        child.kill()


def environment(address: str) -> dict[str, str]:
    return {
        **os.environ, **services.FIXED, "DATABASE_URL": address, "REDIS_URL": "",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }  # fmt: skip


def test_a_second_worker_is_refused(spellings: Spellings, worker: Child) -> None:
    second = subprocess.run(
        WORK, cwd=ROOT, env=environment(spellings[1]), capture_output=True, text=True,
        timeout=SECONDS,
    )  # fmt: skip
    assert "Another worker is running" in second.stderr
    assert second.returncode == 1
    assert worker.is_alive


def test_the_doctor_knows_whether_it_is_at_work(spellings: Spellings, worker: Child) -> None:
    command = (sys.executable, "manage.py", "telegram", "doctor", "--json")

    def level() -> str:
        done = subprocess.run(
            command, cwd=ROOT, env=environment(spellings[1]), capture_output=True, text=True,
            timeout=SECONDS,
        )  # fmt: skip
        [found] = [
            found for found in json.loads(done.stdout)["findings"] if found["check"] == "worker"
        ]
        return str(found["level"])

    assert level() == "ok"
    # To look takes nothing from it.
    assert worker.is_alive
    worker.kill()
    assert level() == "failure"
