"""The databases of the suite: copies of one that is migrated once for the code as it is.

To migrate takes seconds, and to copy tenths of one: each worker has a copy and each installation,
and whoever comes after a test that has committed finds it as new.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from tests.snapshot import Snapshot

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
# What decides how a migrated database looks: migrations use the rooms' own code.
ROOMS = ("config", "oauth", "telegrambot", "treasury")

# Of roles that the suite makes.
PASSWORD = "of-a-role-of-the-tests"


class Databases(ABC):
    """Of one engine; those of this suite begin with the prefix."""

    _prefix: str

    def name_for(self, whom: str) -> str:
        return self._prefix + whom

    def copy(self, name: str) -> None:
        """Of the migrated one, in place of what had this name."""
        self.drop(name)
        self._duplicate(self._migrated(), name)

    @abstractmethod
    def address(self, name: str) -> str:
        """For DATABASE_URL."""

    @abstractmethod
    def drop(self, name: str) -> None: ...

    def snapshot(self, name: str) -> Snapshot | None:
        """None where another copy is as cheap."""
        return None

    @abstractmethod
    def _names(self, prefix: str) -> list[str]:
        """Of those that begin so."""

    @abstractmethod
    def _duplicate(self, name: str, other: str) -> None: ...

    @abstractmethod
    def _rename(self, name: str, other: str) -> None: ...

    @abstractmethod
    def create(self, name: str) -> None:
        """An empty one, in place of what had this name."""

    def _migrated(self) -> str:
        prefix = f"{self._prefix}migrated_"
        wanted = prefix + _state_of_the_code()
        with _one_at_a_time():
            names = self._names(prefix)
            if wanted not in names:
                for of_earlier_code in names:
                    self.drop(of_earlier_code)
                self._make(wanted)
        return wanted

    def _make(self, name: str) -> None:
        unfinished = f"{self._prefix}unfinished"
        self.create(unfinished)
        self.migrate(unfinished)
        self._rename(unfinished, name)

    def migrate(self, name: str, **given: str) -> None:
        """As an administrator does, with these variables besides."""
        given |= {
            "DATABASE_URL": self.address(name),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"],
            cwd=ROOT, env={**os.environ, **given}, check=True,
        )  # fmt: skip


class OnServer(Databases):
    """PostgreSQL, where `url` has a database."""

    def __init__(self, url: str) -> None:
        self._server, _separator, own = url.rpartition("/")
        self._prefix = f"{own}_tests_"

    def address(self, name: str) -> str:
        return f"{self._server}/{name}"

    def drop(self, name: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def snapshot(self, name: str) -> Snapshot:
        return Snapshot(self.address(name))

    def make_role(self, name: str, attributes: str = "") -> None:
        """In place of what had this name; it knows the password `PASSWORD`."""
        self.drop_role(name)
        with self._cursor() as cursor:
            cursor.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{PASSWORD}' {attributes}")

    def drop_role(self, name: str) -> None:
        """Whatever it was given went with the databases."""
        with self._cursor() as cursor:
            cursor.execute(f'DROP ROLE IF EXISTS "{name}"')

    def address_for(self, role: str, name: str) -> str:
        """Of a database, for this role."""
        parts = urlsplit(self.address(name))
        place = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{role}:{PASSWORD}@{place}").geturl()

    def _names(self, prefix: str) -> list[str]:
        with self._cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            return [name for (name,) in cursor if name.startswith(prefix)]

    def _duplicate(self, name: str, other: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{other}" TEMPLATE "{name}"')
            # It need not outlive the machine's power.
            cursor.execute(f'ALTER DATABASE "{other}" SET synchronous_commit = off')

    def _rename(self, name: str, other: str) -> None:
        with self._cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" RENAME TO "{other}"')

    def create(self, name: str) -> None:
        self.drop(name)
        with self._cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        with closing(psycopg2.connect(self.address("postgres"))) as connection:
            connection.autocommit = True
            yield connection.cursor()


class InFiles(Databases):
    """SQLite; the names are paths."""

    _prefix = f"{VAR}/tests_"

    def address(self, name: str) -> str:
        return f"sqlite:///{name}"

    def drop(self, name: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)

    def _names(self, prefix: str) -> list[str]:
        return [str(path) for path in VAR.iterdir() if str(path).startswith(prefix)]

    def _duplicate(self, name: str, other: str) -> None:
        shutil.copyfile(name, other)

    def _rename(self, name: str, other: str) -> None:
        Path(name).rename(other)

    def create(self, name: str) -> None:
        """Whoever opens it makes it."""
        self.drop(name)


def of(url: str) -> Databases:
    """Where this address of DATABASE_URL leads."""
    return InFiles() if url.startswith("sqlite") else OnServer(url)


class Own:
    """Of one process of the suite; `number` tells each of its databases from the next."""

    def __init__(self, url: str, whose: str) -> None:
        self._databases = of(url)
        self.name = self._databases.name_for(whose)
        self.number = 0
        self._snapshot: Snapshot | None = None

    def renew(self) -> None:
        """Take back what was committed, or begin with another copy."""
        if self._snapshot and self._snapshot.restore():
            return
        self._databases.copy(self.name)
        self._snapshot = self._databases.snapshot(self.name)
        self.number += 1

    def drop(self) -> None:
        self._databases.drop(self.name)


def _state_of_the_code() -> str:
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Of all workers of this checkout."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "migrating.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
