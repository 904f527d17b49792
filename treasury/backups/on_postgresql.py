"""PostgreSQL: by its own `pg_dump`, `pg_restore` and `psql`."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from treasury.backups.refusal import Refused

# Of what a program has to say.
_WORDS = 500
# Whoever works with what is to be replaced is not waited for.
_EMPTY = b"SET lock_timeout = '10s';\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
# The dump leaves the names without their schema unknown. A moment in ISO 8601 needs no quoting.
_HOLD = """
DELETE FROM public.treasury_hold;
INSERT INTO public.treasury_hold (since, backed_up_at) VALUES (now(), '{moment}');
COMMIT;
"""


def check_tools_of_backup() -> None:
    _check_tools("pg_dump")


def check_tools_of_restore() -> None:
    _check_tools("pg_restore", "psql")


def _check_tools(*names: str) -> None:
    """Raises `Refused` where one is missing, or older than the server."""
    connection.ensure_connection()
    server = connection.connection.server_version // 10_000
    for name in names:
        path = shutil.which(name)
        if path is None:
            raise Refused(
                f"{name} is not on PATH: install PostgreSQL's client programs, version {server} "
                f"or newer (Debian: postgresql-client-{server})."
            )
        version = _version(path)
        if version < server:
            raise Refused(
                f"{name} is of version {version} and the server of {server}: install "
                f"postgresql-client-{server} or newer, and put it first on PATH."
            )


def _version(path: str) -> int:
    command = [path, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(found[1]) if found else 0


@contextmanager
def one_moment() -> Iterator[str]:
    """What is read and dumped in here is of one moment; writers do not wait for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # It waits as long as the documents take.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        yield snapshot


@contextmanager
def dump(snapshot: str) -> Iterator[IO[bytes]]:
    with _output(*_connecting("pg_dump", "--format=custom", f"--snapshot={snapshot}")) as stream:
        yield stream


def check_dump(path: Path) -> None:
    """Raises `Refused` for one of a newer release, for instance."""
    with _output(["pg_restore", "--list", str(path)]) as stream:
        stream.read()


def load(path: Path, *, replace: bool, moment: datetime) -> None:
    """In one transaction, with the mark that the installation is a copy: all of it, or nothing."""
    script = ["pg_restore", "--file=-", "--no-owner", "--no-privileges", "--no-comments", str(path)]
    strict = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    with _input(*_connecting("psql", *strict)) as target:
        target.write(b"BEGIN;\n" + (_EMPTY if replace else b""))
        with _output(script) as stream:
            shutil.copyfileobj(stream, target)
        # Only after the whole of it.
        target.write(_HOLD.format(moment=moment.isoformat()).encode())


def _connecting(program: str, *options: str) -> tuple[list[str], dict[str, str]]:
    """Command and environment; the password is in the latter, which nobody else sees."""
    settings = connection.settings_dict
    # As Django calls psql; the others take the same.
    command, environment = DatabaseClient.settings_to_cmd_args_env(settings, list(options))
    return [program, *command[1:]], {**os.environ, **(environment or {})}


@contextmanager
def _output(command: list[str], environment: dict[str, str] | None = None) -> Iterator[IO[bytes]]:
    with TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  # of ours
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
            env=environment,
        )  # fmt: skip
        stream: Any = process.stdout
        try:
            yield stream
        except BaseException:
            process.kill()
            raise
        finally:
            stream.close()
            process.wait()
        _check(command[0], process.returncode, errors)


@contextmanager
def _input(command: list[str], environment: dict[str, str]) -> Iterator[IO[bytes]]:
    with TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  # of ours
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors,
            env=environment,
        )  # fmt: skip
        stream: Any = process.stdin
        try:
            yield stream
            stream.close()
        except BrokenPipeError:
            """It has ended before all was written, and says why."""
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                stream.close()
            process.wait()
        _check(command[0], process.returncode, errors)


def _check(program: str, code: int, errors: IO[bytes]) -> None:
    if code:
        errors.seek(0)
        said = errors.read(_WORDS).decode(errors="replace").strip()
        raise Refused(f"{program} has failed, and nothing was changed: {said}")
