"""SQLite: by its online backup, which copies a file that others write to."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.db import connection
from django.utils import timezone

from treasury.backups.refusal import Refused


def check_tools_of_backup() -> None:
    """Python has all of it."""


def check_tools_of_restore() -> None:
    """Python has all of it."""


@contextmanager
def one_moment() -> Iterator[str]:
    """What is read and dumped in here is of one moment; writers do not wait for it."""
    with connection.cursor() as cursor:
        # By `atomic` it would be the one that may write.
        cursor.execute("BEGIN DEFERRED")
        try:
            # Of the moment in which something is first read.
            cursor.execute("SELECT count(*) FROM sqlite_master")
            yield ""
        finally:
            cursor.execute("ROLLBACK")


@contextmanager
def dump(snapshot: str) -> Iterator[IO[bytes]]:
    """It lies beside the database, and has no name any more when it is read: whatever happens, it
    does not stay."""
    folder = Path(connection.settings_dict["NAME"]).resolve().parent
    with ExitStack() as stack:
        with TemporaryDirectory(prefix=".backup-", dir=folder) as scratch:
            path = Path(scratch, "copy")
            with _in_words(), closing(sqlite3.connect(path)) as copy:
                connection.connection.backup(copy)
            stream = stack.enter_context(path.open("rb"))
        yield stream


def check_dump(path: Path) -> None:
    with _in_words(), closing(sqlite3.connect(path)) as database:
        database.execute("SELECT count(*) FROM treasury_hold")


def load(path: Path, *, replace: bool, moment: datetime) -> None:
    """In one step, with the mark that the installation is a copy: all of it, or nothing."""
    adapt = connection.ops.adapt_datetimefield_value
    with _in_words(), closing(sqlite3.connect(path)) as database:
        with database:
            database.execute("DELETE FROM treasury_hold")
            database.execute(
                "INSERT INTO treasury_hold (since, backed_up_at) VALUES (?, ?)",
                [adapt(timezone.now()), adapt(moment)],
            )
        connection.ensure_connection()
        database.backup(connection.connection)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise Refused(f"SQLite has failed, and nothing was changed: {error}.") from error
