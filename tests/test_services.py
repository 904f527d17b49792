"""What the suite says and does when a service is missing, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# Nothing listens at port 1.
NOWHERE = {
    "database": "postgres://u:secret@127.0.0.1:1/x",
    "redis": "redis://:secret@127.0.0.1:1/8",
}
PROGRAM = f"""
import os, redis
from tests import services
print(services.prepare(**{NOWHERE}))
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"])
redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
"""


def prepare(**env: str) -> "subprocess.CompletedProcess[str]":
    hidden = {"DATABASE_URL", "REDIS_URL", "SERVICES", "CI", "PYTEST_XDIST_WORKER"}
    inherited = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT, env=inherited | env, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_without_services_sqlite_and_an_embedded_redis_take_their_place() -> None:
    result = prepare()
    assert result.returncode == 0, result.stderr
    said, urls = result.stdout.splitlines()
    assert said == "SQLite (no PostgreSQL at 127.0.0.1:1); embedded Redis (none at 127.0.0.1:1)"
    assert urls.startswith("sqlite:///var/test.sqlite3 redis://127.0.0.1:")
    assert urls.endswith("/0")


def test_a_parallel_worker_has_a_redis_database_of_its_own() -> None:
    assert prepare(PYTEST_XDIST_WORKER="gw3").stdout.rstrip().endswith("/3")


@pytest.mark.parametrize(
    "env",
    [{}, {"CI": "true"}, {"DATABASE_URL": NOWHERE["database"], "REDIS_URL": NOWHERE["redis"]}],
)
def test_a_run_can_ask_for_no_services_whatever_the_environment_says(env: dict[str, str]) -> None:
    result = prepare(SERVICES="none", **env)
    assert result.returncode == 0, result.stderr
    said, urls = result.stdout.splitlines()
    assert said == "SQLite, as SERVICES=none says; embedded Redis, as SERVICES=none says"
    assert urls.startswith("sqlite:///var/test.sqlite3 redis://127.0.0.1:")
    assert NOWHERE["redis"] not in urls


def test_nobody_asks_for_other_services_by_a_slip_of_the_pen() -> None:
    assert "UsageError: SERVICES may be none" in prepare(SERVICES="non").stderr


@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({"CI": "true"}, "PostgreSQL at 127.0.0.1:1"),
        ({"CI": "true", "DATABASE_URL": "sqlite://:memory:"}, "Redis at 127.0.0.1:1"),
        ({"DATABASE_URL": NOWHERE["database"]}, "PostgreSQL at 127.0.0.1:1"),
        ({"REDIS_URL": NOWHERE["redis"]}, "Redis at 127.0.0.1:1"),
    ],
)
def test_a_service_that_ci_or_somebody_asks_for_must_answer(
    env: dict[str, str], missing: str
) -> None:
    result = prepare(**env)
    assert result.returncode != 0
    assert f"UsageError: {missing}" in result.stderr
