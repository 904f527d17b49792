"""Three hundred chats are being told something: how long does somebody wait in another office?"""

from collections.abc import Iterator

from benchmarks.bench import Bench, wait_for
from benchmarks.company import telegram_id
from benchmarks.results import Row, at_most, percentile
from benchmarks.scenarios.edits import EDIT_SECONDS, card_of, cards_edited, first_edits
from benchmarks.stand_in import StandIn
from benchmarks.updates import command, press
from treasury.models import ApprovalTask

# Updates a second, of which every other is a press: as many as the fan-out has seconds.
RATE = 2


def run(bench: Bench) -> Iterator[Row]:
    stand_in = bench.open_channel()
    requests = [bench.company.submitted(office, documents=1) for office in bench.company.offices]
    bench.settle()
    both = [list(request.tasks.filter(stage=request.stage).order_by("id")) for request in requests]
    pressing, asking = [tasks[0] for tasks in both], [tasks[1] for tasks in both]
    cards = [card_of(task) for task in pressing]
    chats = [telegram_id(task.employee) for task in asking]
    before = stand_in.last_number()
    bench.company.submitted(bench.company.crowd, documents=1)
    result = bench.trickle(list(_updates(pressing, cards, chats)), RATE)
    wait_for(lambda: cards_edited(stand_in, before, cards), EDIT_SECONDS)
    wait_for(lambda: set(chats) <= _first_sent(stand_in, before).keys(), EDIT_SECONDS)
    edited, answered = first_edits(stand_in, before), _first_sent(stand_in, before)
    presses = [
        (edited[card] - at) * 1000 for card, at in zip(cards, result.posted_at[::2], strict=True)
    ]
    pages = [
        (answered[chat] - at) * 1000 for chat, at in zip(chats, result.posted_at[1::2], strict=True)
    ]
    for name, waits in (("press to edit", presses), ("/pending to its answer", pages)):
        for percent, aim in ((50, None), (95, at_most(1000))):
            value = percentile(waits, percent)
            yield Row(f"{name} during a fan-out to 300: p{percent}", "ms", [value], aim)
    bench.settle()


def _updates(
    pressing: list[ApprovalTask], cards: list[tuple[int, int]], chats: list[int]
) -> Iterator[dict[str, object]]:
    for task, (_chat, message), chat in zip(pressing, cards, chats, strict=True):
        yield press(task, message)
        yield command(chat, "/pending")


def _first_sent(stand_in: StandIn, since: int) -> dict[int, float]:
    """Chat → when the first new message arrived there."""
    sent: dict[int, float] = {}
    for call in stand_in.calls(since):
        if call.method == "sendMessage":
            sent.setdefault(call.chat_id, call.at)
    return sent
