"""Resident memory after all the work before."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.results import Row, at_most
from benchmarks.updates import chatter, press

UPDATES = 500
PRESSES = 30


def run(bench: Bench) -> Iterator[Row]:
    bench.open_channel()
    bench.flood([chatter(bench.company.offices[0].groups[0]) for _ in range(UPDATES)])
    bench.flood([press(task) for task in bench.company.tasks(PRESSES)])
    bench.settle()
    yield Row("web process, resident", "MB", [max(bench.services.web.memory())], at_most(110))
    yield Row("worker, resident", "MB", [max(bench.services.worker.memory())], at_most(130))
