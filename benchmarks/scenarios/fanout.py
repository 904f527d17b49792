"""One event that concerns 300 chats: how fast they all know, and whether Telegram could mind."""

from collections.abc import Iterator
from itertools import pairwise

from benchmarks.bench import Bench
from benchmarks.results import Row, at_least, at_most
from benchmarks.scenarios.edits import card_of
from benchmarks.stand_in import Call, most_in_a_group, most_within
from benchmarks.updates import press


def run(bench: Bench) -> Iterator[Row]:
    stand_in = bench.open_channel()
    start = stand_in.last_number()
    request = bench.company.submitted(bench.company.crowd, documents=1)
    bench.settle()
    announced = stand_in.calls(start)
    task = request.tasks.earliest("id")
    bench.trickle([press(task, card_of(task)[1])], 1)
    bench.settle()
    edited = stand_in.calls(announced[-1].number)
    yield from _rows("300 new messages", announced)
    yield from _rows("300 edits", edited)
    everything = stand_in.calls()
    yield Row(
        "most calls in any second of the run", "",
        [most_within((call.at for call in everything), 1.0)], at_most(30),
    )  # fmt: skip
    yield Row("most calls in any minute of a group", "", [most_in_a_group(everything)], at_most(20))
    refused = sum(not call.accepted for call in everything)
    yield Row("calls that were refused", "", [refused], at_most(0))


def _rows(name: str, calls: list[Call]) -> Iterator[Row]:
    moments = sorted(call.at for call in calls)
    yield Row(f"{name}: calls", "", [len(calls)], at_least(300))
    rate = (len(moments) - 1) / (moments[-1] - moments[0])
    yield Row(f"{name}: messages a second", "/s", [rate], at_least(26))
    longest = max(later - earlier for earlier, later in pairwise(moments))
    yield Row(f"{name}: longest pause", "ms", [longest * 1000])
