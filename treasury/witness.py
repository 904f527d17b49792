"""The ends of the journals, for a witness outside of the database.

A key protects the past from whoever has the database alone; a head that was printed and put away
protects it from whoever has the key too.
"""

import hashlib
import time
from dataclasses import dataclass

from django.db import connection
from django.db.models import Max

from treasury.models import AccountEvent, Event, RouteEvent
from treasury.models.journal import Link

_JOURNALS: dict[str, type[Link]] = {
    "requests": Event, "accounts": AccountEvent, "routes": RouteEvent,
}  # fmt: skip

# Transactions that write to a table, by the names that no other ever gets.
_WRITERS = """
SELECT virtualtransaction FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE datname = current_database() AND relation = %s::regclass AND mode = 'RowExclusiveLock'
AND pid IS DISTINCT FROM pg_backend_pid()
"""
_PAUSE = 0.05


@dataclass(frozen=True)
class Head:
    """`until` is the last entry (its pk) that `digest` takes in: SHA-256 in hex of their hashes."""

    journal: str
    until: int
    digest: str

    def __str__(self) -> str:
        return f"{self.journal} {self.until} {self.digest}"

    @classmethod
    def read(cls, line: str) -> "Head":
        """Raises `ValueError` for a line that `str` did not make."""
        journal, until, digest = line.split()
        if journal not in _JOURNALS:
            raise ValueError(f"no journal of ours: {journal}")
        return cls(journal, int(until), digest)


def heads() -> list[Head]:
    return [_head(journal, _last(model)) for journal, model in _JOURNALS.items()]


def seen() -> list[Head]:
    """Of what the transaction that reads sees. What is written meanwhile may get an earlier place,
    so that they are heads of this very copy, and none that a journal goes on from."""
    return [_head(journal, _newest(model)) for journal, model in _JOURNALS.items()]


def holds(head: Head) -> bool:
    """Whether everything up to the head is as it was."""
    return _head(head.journal, head.until) == head


def _last(model: type[Link]) -> int:
    """The pk of the newest entry, before which none will come any more."""
    newest = _newest(model)
    if connection.vendor == "postgresql":
        _wait_for_writers(model._meta.db_table)
    return newest


def _wait_for_writers(table: str) -> None:
    """Those that are being written have their keys already. To lock the table would stop whoever
    comes meanwhile, and is for its owner alone."""
    with connection.cursor() as cursor:
        cursor.execute(_WRITERS, [table])
        earlier = writing = set(cursor.fetchall())
        while earlier & writing:
            time.sleep(_PAUSE)
            cursor.execute(_WRITERS, [table])
            writing = set(cursor.fetchall())


def _newest(model: type[Link]) -> int:
    newest: int | None = model._default_manager.aggregate(last=Max("pk"))["last"]
    return newest or 0


def _head(journal: str, until: int) -> Head:
    rows = _JOURNALS[journal]._default_manager.filter(pk__lte=until).order_by("pk")
    digest = hashlib.sha256()
    for key, proof in rows.values_list("pk", "hash").iterator(chunk_size=10_000):
        digest.update(f"{key} {proof}\n".encode())
    return Head(journal, until, digest.hexdigest())
