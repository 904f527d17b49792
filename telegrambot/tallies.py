"""How often things have happened and how long they took: counted in each process, and added up in
the database now and then, so that one answer tells of all processes and machines.

What a killed process has not added yet is lost: these are figures to watch, and no book-keeping.
"""

import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

from django.db import Error as DatabaseError
from django.db import connection, transaction
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import Metric

from telegrambot.models import Tally

logger = logging.getLogger(__name__)

REGISTRY = CollectorRegistry()
UPDATES = Counter(
    "treasury_updates", "Updates that came, by what became of them", ["kind", "result"],
    registry=REGISTRY,
)  # fmt: skip
UPDATE_SECONDS = Histogram(
    "treasury_update_seconds", "How long it took to take an update in, with all that it does",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10), registry=REGISTRY,
)  # fmt: skip
CALLS = Counter(
    "treasury_calls", "Calls of the Bot API, by what came of them", ["method", "result"],
    registry=REGISTRY,
)  # fmt: skip
CALL_SECONDS = Histogram(
    "treasury_call_seconds", "How long Telegram took to answer, with uploads",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60), registry=REGISTRY,
)  # fmt: skip
PAUSES = Counter(
    "treasury_pauses", "Calls that Telegram has asked to make later, by chat", ["chat"],
    registry=REGISTRY,
)  # fmt: skip
# Seconds between two times that a process adds what it has counted.
PAUSE = 10.0
# Of its samples when each was first counted, which is another time in each process.
_NOT_TOLD = "_created"

_Key = tuple[str, str]
_lock = threading.Lock()
_added: dict[_Key, float] = {}


def add() -> None:
    """Add what this process has counted since the last time."""
    with _lock:
        counted = dict(_counted())
        grown = {key: value - _added.get(key, 0.0) for key, value in counted.items()}
        rows = [(*key, more) for key, more in grown.items() if more]
        if rows:
            _write(rows)
            _added.update(counted)


def keep_adding() -> threading.Thread:
    """Once in a process that serves: until it ends."""
    thread = threading.Thread(target=_go_on_adding, name="tallies", daemon=True)
    thread.start()
    return thread


def at_the_end() -> None:
    """The last of what a process has counted."""
    try:
        add()
    except DatabaseError:
        logger.warning("the last figures were lost", exc_info=True)


def families() -> Iterator[Metric]:
    """All that was ever added, of all processes."""
    kept: dict[str, list[tuple[dict[str, str], float]]] = {}
    for tally in Tally.objects.order_by("pk"):
        kept.setdefault(tally.name, []).append((json.loads(tally.labels), tally.value))
    for family in REGISTRY.collect():
        told = Metric(family.name, family.documentation, family.type)
        for name in _names(family):
            for labels, value in kept.get(name, ()):
                told.add_sample(name, labels, value)
        yield told


def _names(family: Metric) -> tuple[str, ...]:
    if family.type == "histogram":
        return f"{family.name}_bucket", f"{family.name}_count", f"{family.name}_sum"
    return (f"{family.name}_total",)


def _counted() -> Iterator[tuple[_Key, float]]:
    for family in REGISTRY.collect():
        for sample in family.samples:
            if not sample.name.endswith(_NOT_TOLD):
                yield (sample.name, json.dumps(sample.labels, sort_keys=True)), sample.value


def _write(rows: list[tuple[Any, ...]]) -> None:
    """In one order, so that two processes do not wait for each other."""
    table = connection.ops.quote_name(Tally._meta.db_table)
    add_to = (
        f"INSERT INTO {table} (name, labels, value) VALUES (%s, %s, %s) "  # noqa: S608
        f"ON CONFLICT (name, labels) DO UPDATE SET value = {table}.value + excluded.value"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(add_to, sorted(rows))


def _go_on_adding() -> None:
    waiting = threading.Event()
    while not waiting.wait(PAUSE):
        try:
            add()
        except DatabaseError:
            # Nothing is lost: the next time adds it too.
            logger.warning("the figures wait for the database", exc_info=True)
        finally:
            connection.close()
