"""Web and worker are restarted in turn under thirty presses a second, behind nginx: who waits?"""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle

from benchmarks import posting
from benchmarks.bench import Bench, wait_for
from benchmarks.company import open_office
from benchmarks.load import Result
from benchmarks.results import Row, at_least, at_most, percentile
from benchmarks.scenarios.edits import card_of, cards_edited
from benchmarks.services import WEBS, nginx_path
from benchmarks.stand_in import StandIn
from benchmarks.updates import press
from telegrambot.models import Chat
from treasury.models import ApprovalTask

RATE = 30
# So long at the least that each is restarted.
SECONDS = 25
# Each with one who presses, so that nobody's chat has more than Telegram lets it.
OFFICES = 60
# Two calls a press, of which Telegram takes fewer a second than there are presses.
EDIT_SECONDS = 180.0


def run(bench: Bench) -> Iterator[Row]:
    if nginx_path() is None:
        print("nginx is missing: nothing is restarted behind it", file=sys.stderr)
        return
    stand_in = bench.open_channel()
    # How the pace is kept is shown elsewhere.
    with stand_in.without_limits():
        tasks = _open_tasks(bench, stand_in)
        cards = [card_of(task) for task in tasks]
        updates = [press(task, card) for task, (_chat, card) in zip(tasks, cards, strict=True)]
        bench.note(updates)
        before, service = stand_in.last_number(), bench.services.front
        with ThreadPoolExecutor(1) as pool:
            presses = pool.submit(posting.offered, service, updates, RATE)
            restarts = _restart_in_turn(bench, presses)
        wait_for(lambda: cards_edited(stand_in, before, cards), EDIT_SECONDS)
        bench.settle()
    yield from _rows(presses.result(), restarts)


def _open_tasks(bench: Bench, stand_in: StandIn) -> list[ApprovalTask]:
    """As many as are pressed; their cards stand in the chats."""
    known = set(Chat.objects.values_list("telegram_id", flat=True))
    offices = [open_office(holders=1, groups=0) for _ in range(OFFICES)]
    newcomers = Chat.objects.exclude(telegram_id__in=known)
    stand_in.greet(list(newcomers.values_list("telegram_id", flat=True)))
    number = RATE * max(SECONDS, bench.size.rounds * bench.size.trickle_seconds)
    requests = [bench.company.submitted(offices[index % OFFICES]) for index in range(number)]
    bench.settle()
    return [request.tasks.get(stage=request.stage) for request in requests]


def _restart_in_turn(bench: Bench, presses: "Future[Result]") -> dict[str, int]:
    """One after the other, until all is pressed; how often each was."""
    names = (*WEBS, "worker")
    done = dict.fromkeys(names, 0)
    for name in cycle(names):
        if presses.done():
            return done
        bench.services.restart(name)
        done[name] += 1
    return done


def _rows(result: Result, restarts: dict[str, int]) -> Iterator[Row]:
    waits = [latency * 1000 for latency in result.latencies]
    name = f"press during restarts, {RATE}/s"
    yield Row(f"{name}: p50", "ms", [percentile(waits, 50)])
    yield Row(f"{name}: p99", "ms", [percentile(waits, 99)], at_most(1000))
    yield Row(f"{name}: longest", "ms", [max(waits)])
    yield Row(f"{name}: answers other than 200", "", [len(result.refused)], at_most(0))
    for what, count in restarts.items():
        yield Row(f"restarts of {what} meanwhile", "", [count], at_least(1))
