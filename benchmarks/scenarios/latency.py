"""How long Telegram waits for the answer: open loop, 30 updates a second."""

from collections.abc import Iterator

from benchmarks import posting
from benchmarks.bench import Bench
from benchmarks.load import Result
from benchmarks.results import Aim, Row, at_most, percentile
from benchmarks.updates import Json, chatter, press

RATE = 30


def run(bench: Bench) -> Iterator[Row]:
    number = RATE * bench.size.trickle_seconds
    presses = [press(task) for task in bench.company.tasks(bench.size.rounds * number)]
    baseline, unchanged, pressed = [], [], []
    for start in range(0, len(presses), number):
        inserts = _chatter(bench, number)
        baseline.append(posting.trickle(bench.services.baseline, inserts, RATE))
        unchanged.append(bench.trickle(_chatter(bench, number), RATE))
        pressed.append(bench.trickle(presses[start : start + number], RATE))
    yield from _rows("baseline, one INSERT", baseline)
    yield from _rows("update that changes nothing", unchanged)
    yield from _rows("approving press", pressed, at_most(13), at_most(40))


def _rows(
    name: str, rounds: list[Result], median: Aim | None = None, tail: Aim | None = None
) -> Iterator[Row]:
    for percent, aim in ((50, median), (99, tail)):
        values = [percentile(one.latencies, percent) * 1000 for one in rounds]
        yield Row(f"{name}, {RATE}/s: p{percent}", "ms", values, aim)


def _chatter(bench: Bench, number: int) -> list[Json]:
    offices = bench.company.offices
    return [chatter(offices[index % len(offices)].groups[0]) for index in range(number)]
