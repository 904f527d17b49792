"""From a press to the first edit of the card that was pressed, everything running."""

from collections.abc import Iterator

from benchmarks.bench import Bench, wait_for
from benchmarks.company import telegram_id
from benchmarks.results import Row, at_most, percentile
from benchmarks.stand_in import StandIn
from benchmarks.updates import press
from telegrambot.models import SentMessage
from treasury.models import ApprovalTask

RATE = 3
EDIT_SECONDS = 30.0


def run(bench: Bench) -> Iterator[Row]:
    stand_in = bench.open_channel()
    offices = bench.company.offices
    requests = [
        bench.company.submitted(offices[number % len(offices)], documents=1)
        for number in range(bench.size.edits)
    ]
    bench.settle()
    tasks = [request.tasks.filter(stage=request.stage)[0] for request in requests]
    cards = [card_of(task) for task in tasks]
    before = stand_in.last_number()
    result = bench.trickle(
        [press(task, card) for task, (_chat, card) in zip(tasks, cards, strict=True)], RATE
    )
    wait_for(lambda: cards_edited(stand_in, before, cards), EDIT_SECONDS)
    edited = first_edits(stand_in, before)
    waits = [
        (edited[card] - posted) * 1000 for card, posted in zip(cards, result.posted_at, strict=True)
    ]
    yield Row(f"press to edit, {RATE}/s: p50", "ms", [percentile(waits, 50)], at_most(60))
    yield Row(f"press to edit, {RATE}/s: p95", "ms", [percentile(waits, 95)], at_most(150))
    bench.settle()


def cards_edited(stand_in: StandIn, since: int, cards: list[tuple[int, int]]) -> bool:
    return set(cards) <= first_edits(stand_in, since).keys()


def card_of(task: ApprovalTask) -> tuple[int, int]:
    """Chat and message."""
    message = SentMessage.objects.get(task=task, chat__telegram_id=telegram_id(task.employee))
    return message.chat.telegram_id, message.message_ids[0]


def first_edits(stand_in: StandIn, since: int) -> dict[tuple[int, int], float]:
    """Chat and message → when its first edit arrived."""
    edited: dict[tuple[int, int], float] = {}
    for call in stand_in.calls(since):
        if call.method.startswith("edit"):
            edited.setdefault((call.chat_id, call.message_id), call.at)
    return edited
