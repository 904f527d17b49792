"""How many updates a second: closed loop, compared with two bare INSERTs round by round."""

from collections.abc import Iterator

from benchmarks import posting
from benchmarks.bench import Bench
from benchmarks.results import Row, at_least
from benchmarks.updates import Json, chatter, press, press_of_stranger

WARM_UP = 300


def run(bench: Bench) -> Iterator[Row]:
    tasks = bench.company.tasks(bench.size.rounds * bench.size.presses)
    for service in (bench.services.baseline, bench.services.bare):
        posting.flood(service, _chatter(bench, WARM_UP))
    bench.flood(_chatter(bench, WARM_UP))
    baseline, bare, unchanged, strange, pressed, repeated = [], [], [], [], [], []
    for number in range(bench.size.rounds):
        start = number * bench.size.presses
        presses = [press(task) for task in tasks[start : start + bench.size.presses]]
        strangers = [press_of_stranger(tasks[0]) for _ in range(bench.size.updates)]
        inserts = _chatter(bench, bench.size.updates)
        baseline.append(posting.flood(bench.services.baseline, inserts).rate)
        bare.append(posting.flood(bench.services.bare, _chatter(bench, bench.size.updates)).rate)
        unchanged.append(bench.flood(_chatter(bench, bench.size.updates)).rate)
        strange.append(bench.flood_of_strangers(strangers).rate)
        pressed.append(bench.flood(presses).rate)
        repeated.append(bench.flood(presses).rate)
    yield Row("baseline, one INSERT", "/s", baseline)
    yield Row("the same as others would write it", "/s", bare)
    yield Row("update that changes nothing", "/s", unchanged)
    yield Row("  of the baseline", "", _ratios(unchanged, baseline), at_least(0.7))
    yield Row("press of a stranger", "/s", strange)
    yield Row("  of what others would write", "", _ratios(strange, bare), at_least(0.6))
    yield Row("approving press", "/s", pressed)
    yield Row("  of the baseline", "", _ratios(pressed, baseline), at_least(0.13))
    yield Row("the same press, sent again", "/s", repeated)


def _chatter(bench: Bench, number: int) -> list[Json]:
    offices = bench.company.offices
    return [chatter(offices[index % len(offices)].groups[0]) for index in range(number)]


def _ratios(ours: list[float], baseline: list[float]) -> list[float]:
    return [own / base for own, base in zip(ours, baseline, strict=True)]
