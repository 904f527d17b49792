"""How long a step takes, how often it asks the database, and how the database goes about it."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from benchmarks.results import aligned

ROUNDS = 7
# Milliseconds. What takes longer is measured fewer times.
SLOW = 700.0
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
class Measured:
    """Times in milliseconds; `statements` with their own, the slowest first."""

    step: Step
    times: Sequence[float]
    statements: Sequence[tuple[float, str]]

    @property
    def best(self) -> float:
        """What the machine's other work adds is not ours."""
        return min(self.times)

    @property
    def in_database(self) -> float:
        return sum(spent for spent, _sql in self.statements)

    @property
    def missed(self) -> bool:
        reached = self.in_database if self.step.database else self.best
        return self.step.aim is not None and reached > self.step.aim


def measure(step: Step) -> Measured:
    """Whatever the step changes is undone, so that each round finds the same."""
    _undone(step.run)
    statements = _captured(step.run)
    times: list[float] = []
    while len(times) < ROUNDS and not (times and times[-1] > SLOW):
        times.append(_undone(step.run))
    return Measured(step, times, statements)


def _undone(run: Callable[[], object]) -> float:
    with transaction.atomic():
        begun = time.perf_counter()
        run()
        spent = time.perf_counter() - begun
        transaction.set_rollback(True)
    return spent * 1000


def _captured(run: Callable[[], object]) -> list[tuple[float, str]]:
    with CaptureQueriesContext(connection) as captured:
        _undone(run)
    own = [query for query in captured if not _is_framing(query["sql"])]
    return sorted(((float(query["time"]) * 1000, query["sql"]) for query in own), reverse=True)


def _is_framing(sql: str) -> bool:
    """The savepoints are the measurement's own."""
    return sql.split(" ", 1)[0] in {"BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT"}


def table(measured: Sequence[Measured]) -> str:
    lines = [("", "ms", "best", "database", "queries", "aim", "")]
    for one in measured:
        of = " database" if one.step.database else ""
        aim = "" if one.step.aim is None else f"≤ {one.step.aim:g}{of}"
        lines.append(
            (
                one.step.name,
                f"{median(one.times):.1f}",
                f"{one.best:.1f}",
                f"{one.in_database:.0f}",
                str(len(one.statements)),
                aim,
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
