"""What a database of PostgreSQL was like, to take back what a test has committed.

That is a few rows as a rule, and to copy everything anew costs a hundred times as much.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import BytesIO
from typing import Any

import psycopg2
from psycopg2.errors import InsufficientPrivilege

# What a migration, or a test that goes on like one, can change.
CATALOGS = (
    "pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_depend", "pg_extension",
    "pg_index", "pg_namespace", "pg_proc", "pg_rewrite", "pg_trigger", "pg_type",
)  # fmt: skip
# Whoever changes a row writes a newer transaction into it.
STRUCTURE = " UNION ALL ".join(
    f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}"  # noqa: S608
    for name in CATALOGS
)
TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""
# As DROP DATABASE … WITH (FORCE) does: nobody may hold or commit anything any more.
ALONE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# The seals would refuse what follows.
NO_TRIGGERS = "SET session_replication_role = replica"


class Snapshot:
    """Of all rows and of how the tables are made.

    The keys that are given out next are not in it: they stay after a test that is rolled back, too.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        with self._cursor() as cursor:
            self._structure = _structure(cursor)
            cursor.execute(TABLES)
            self._rows = {table: _rows(cursor, table) for (table,) in cursor.fetchall()}

    def restore(self) -> bool:
        """Whether it could be done: not with other tables, nor by a user with few rights."""
        with self._cursor() as cursor:
            try:
                cursor.execute(ALONE)
                cursor.execute(NO_TRIGGERS)
            except InsufficientPrivilege:
                return False
            if _structure(cursor) != self._structure:
                return False
            for table, rows in self._rows.items():
                if _rows(cursor, table) != rows:
                    cursor.execute(f"DELETE FROM {table}")  # noqa: S608
                    cursor.copy_expert(f"COPY {table} FROM STDIN", BytesIO(rows))
        return True

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """In one transaction."""
        with closing(psycopg2.connect(self._address)) as connection, connection:
            yield connection.cursor()


def _structure(cursor: Any) -> list[tuple[str, int, int]]:
    cursor.execute(STRUCTURE)
    found: list[tuple[str, int, int]] = cursor.fetchall()
    return found


def _rows(cursor: Any, table: str) -> bytes:
    """Without what the database computes itself."""
    written = BytesIO()
    cursor.copy_expert(f"COPY {table} TO STDOUT", written)
    return written.getvalue()
