"""How long a step takes, how often it asks the database, and how the database goes about it."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from benchmarks.results import aligned

ROUNDS = 5
# Milliseconds. What takes longer is measured once.
SLOW = 1000.0
# The statements that are explained, of the steps above their aim and of all.
PLANS_ABOVE, PLANS = 8, 3


@dataclass(frozen=True)
class Step:
    """`aim` in milliseconds: of the whole, or `database` only; None is there to compare."""

    name: str
    run: Callable[[], object]
    aim: float | None
    database: bool = False


@dataclass(frozen=True)
class Spent:
    """Milliseconds: by the clock, and of processors, ours and the database's."""

    clock: float
    busy: float


@dataclass(frozen=True)
class Measured:
    """`statements` with their own times in milliseconds, the slowest first."""

    step: Step
    rounds: Sequence[Spent]
    statements: Sequence[tuple[float, str]]
    in_database: float

    @property
    def clock(self) -> float:
        return median(spent.clock for spent in self.rounds)

    @property
    def busy(self) -> float:
        return median(spent.busy for spent in self.rounds)

    @property
    def missed(self) -> bool:
        """The clock would also count what else the machine does."""
        reached = self.in_database if self.step.database else min(self.busy, self.clock)
        return self.step.aim is not None and reached > self.step.aim


def measure(step: Step) -> Measured:
    """Whatever the step changes is undone, so that each round finds the same."""
    with connection.cursor() as cursor:
        # What helpers do would be seen by nobody, and is work as well.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        database = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    _undone(step.run)
    statements = _captured(step.run)
    rounds: list[Spent] = []
    in_database = []
    while len(rounds) < ROUNDS and not (rounds and rounds[-1].clock > SLOW):
        clock, own, theirs = time.perf_counter(), time.process_time(), _busy(database)
        _undone(step.run)
        in_database.append(_busy(database) - theirs)
        busy = (time.process_time() - own) * 1000 + in_database[-1]
        rounds.append(Spent((time.perf_counter() - clock) * 1000, busy))
    return Measured(step, rounds, statements, median(in_database))


def _busy(process: Path) -> float:
    """Milliseconds for which a process had a processor. https://docs.kernel.org/scheduler/"""
    return int(process.read_text().split()[0]) / 1e6


def _undone(run: Callable[[], object]) -> None:
    with transaction.atomic():
        run()
        transaction.set_rollback(True)


def _captured(run: Callable[[], object]) -> list[tuple[float, str]]:
    with CaptureQueriesContext(connection) as captured:
        _undone(run)
    own = [query for query in captured if not _is_framing(query["sql"])]
    return sorted(((float(query["time"]) * 1000, query["sql"]) for query in own), reverse=True)


def _is_framing(sql: str) -> bool:
    """The savepoints are the measurement's own."""
    return sql.split(" ", 1)[0] in {"BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT"}


def table(measured: Sequence[Measured]) -> str:
    lines = [("", "ms", "by the clock", "of the database", "queries", "aim", "")]
    for one in measured:
        of = " of the database" if one.step.database else ""
        lines.append(
            (
                one.step.name,
                f"{one.busy:.1f}",
                f"{one.clock:.0f}",
                f"{one.in_database:.1f}",
                str(len(one.statements)),
                "" if one.step.aim is None else f"≤ {one.step.aim:g}{of}",
                "MISSED" if one.missed else "",
            )
        )
    return aligned(lines)


def plans(measured: Sequence[Measured]) -> Iterable[str]:
    """The slowest statements with their plans: of what is above its aim, and of all."""
    above = [one for one in measured if one.missed]
    for one in [*_slowest(above)[:PLANS_ABOVE], *_slowest(measured)[:PLANS]]:
        spent, sql = one.statements[0]
        yield f"{one.step.name}: {spent:.0f} ms\n{sql[:2000]}\n{_plan(sql)}"


def _slowest(measured: Iterable[Measured]) -> list[Measured]:
    asking = [one for one in measured if one.statements]
    return sorted(asking, key=lambda one: one.statements[0], reverse=True)


def _plan(sql: str) -> str:
    if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
        return ""
    with transaction.atomic(), connection.cursor() as cursor:
        # Already with its values: nothing is left to fill in.
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}")
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        transaction.set_rollback(True)
    return "\n".join(f"  {line}" for (line,) in rows)
