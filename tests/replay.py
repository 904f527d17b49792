"""What a fixture has written into the database, written once more without its models.

Nearly every test begins with the same few dozen rows, and to make them takes longer than many a
test does.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from datetime import time
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db import connection

T = TypeVar("T")
Row = tuple[Any, ...]
Statement = tuple[str, Sequence[Any]]


class Replay(Generic[T]):
    """`make` writes into a database as the migrations have left it; what it gives can be pickled.

    For tests whose transaction is rolled back: only the keys that the database gives out next stay
    as `make` has left them.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._database = 0
        self._statements: list[Statement] = []
        self._made = b""

    def __call__(self, database: int) -> T:
        """In another `database` than before, `make` is called again."""
        if database != self._database:
            self._record()
            self._database = database
        else:
            with connection.cursor() as cursor:
                for statement in self._statements:
                    cursor.execute(*statement)
        made: T = pickle.loads(self._made)  # noqa: S301
        return made

    def _record(self) -> None:
        tables = [_Table(model._meta) for model in apps.get_models(include_auto_created=True)]
        self._made = pickle.dumps(self._make())
        self._statements = [each for table in tables for each in table.changes()]


def _for_driver(value: Any) -> Any:
    """That of SQLite gives times, and takes none."""
    return str(value) if isinstance(value, time) else value


class _Table:
    """Remembers its rows."""

    def __init__(self, options: Any) -> None:
        self._name = connection.ops.quote_name(options.db_table)
        self._key = connection.ops.quote_name(options.pk.column)
        self._columns = [field.column for field in options.concrete_fields]
        self._place = self._columns.index(options.pk.column)
        self._before = self._read()

    def changes(self) -> Iterator[Statement]:
        """From what it remembers to what is in it now."""
        now = self._read()
        if gone := [key for key, row in self._before.items() if now.get(key) != row]:
            places = ", ".join(["%s"] * len(gone))
            yield f"DELETE FROM {self._name} WHERE {self._key} IN ({places})", gone  # noqa: S608
        if new := [row for key, row in now.items() if self._before.get(key) != row]:
            columns = ", ".join(map(connection.ops.quote_name, self._columns))
            row = f"({', '.join(['%s'] * len(self._columns))})"
            rows = ", ".join([row] * len(new))
            values = [_for_driver(value) for each in new for value in each]
            yield f"INSERT INTO {self._name} ({columns}) VALUES {rows}", values  # noqa: S608

    def _read(self) -> dict[Any, Row]:
        columns = ", ".join(map(connection.ops.quote_name, self._columns))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM {self._name}")  # noqa: S608
            return {row[self._place]: row for row in cursor.fetchall()}
