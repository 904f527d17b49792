"""In the morning three hundred people are told what waits: how long does a press wait meanwhile?"""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from benchmarks.bench import Bench, wait_for
from benchmarks.company import telegram_id
from benchmarks.results import Row, at_least, at_most, percentile
from benchmarks.scenarios.edits import EDIT_SECONDS, card_of, cards_edited, first_edits
from benchmarks.stand_in import most_within
from benchmarks.updates import press
from telegrambot import doorbell
from telegrambot.kinds import digest
from telegrambot.models import Chat, SentMessage
from telegrambot.projection import news

# Presses a second, so that the last comes when the digests are nearly told.
RATE = 3
# Requests of each office, and of those who are told.
EACH, WAITING = 3, 2


def run(bench: Bench) -> Iterator[Row]:
    stand_in = bench.open_channel()
    offices = bench.company.offices * EACH
    requests = [bench.company.submitted(office) for office in offices]
    for _number in range(WAITING):
        bench.company.submitted(bench.company.morning)
    bench.settle()
    tasks = [request.tasks.filter(stage=request.stage).earliest("id") for request in requests]
    cards = [card_of(task) for task in tasks]
    before = stand_in.last_number()
    told = _begin(bench, timezone.localtime())
    presses = [press(task, card) for task, (_chat, card) in zip(tasks, cards, strict=True)]
    result = bench.trickle(presses, RATE)
    wait_for(lambda: cards_edited(stand_in, before, cards), EDIT_SECONDS)
    bench.settle()
    edited = first_edits(stand_in, before)
    waits = [(edited[card] - at) * 1000 for card, at in zip(cards, result.posted_at, strict=True)]
    for percent, aim in ((50, None), (95, at_most(1000))):
        value = percentile(waits, percent)
        yield Row(f"press to edit during 300 digests: p{percent}", "ms", [value], aim)
    calls = [call for call in stand_in.calls(before) if call.chat_id in told]
    moments = sorted(call.at for call in calls if call.method == "sendMessage")
    yield Row("digests: calls", "", [len(moments)], at_least(len(told)))
    rate = (len(moments) - 1) / (moments[-1] - moments[0])
    yield Row("digests: messages a second", "/s", [rate], at_least(20))
    yield Row("digests: most calls in any second", "", [
        most_within((call.at for call in stand_in.calls(before)), 1.0)
    ], at_most(30))  # fmt: skip


def _begin(bench: Bench, now: datetime) -> set[int]:
    """As the scheduler does, whatever day it is; the chats that are told."""
    people = bench.company.morning.department.budget_holders.all()
    told = {telegram_id(person) for person in people}
    SentMessage.objects.filter(kind=digest.NAME).delete()
    news.add(digest.row(chat, now.date()) for chat in Chat.objects.filter(telegram_id__in=told))
    doorbell.ring()
    return told
