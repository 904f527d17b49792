"""What has happened is counted in each process, and told for all of them together."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from telegrambot import tallies
from telegrambot.delivery import client
from telegrambot.incoming import handlers
from telegrambot.models import Tally
from tests.company import Company
from tests.telegrambot import bot
from tests.telegrambot.sandbox import Sandbox

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def told() -> Figures:
    tallies.add()
    text = Client().get("/metrics").content.decode()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


class Since:
    """What has been counted since the test began; this process has counted before."""

    def __init__(self) -> None:
        self._before = told()

    def __call__(self, name: str, **labels: str) -> float:
        key = f"treasury_{name}", frozenset(labels.items())
        return told().get(key, 0) - self._before.get(key, 0)


@pytest.fixture
def since(db: None) -> Since:
    return Since()


def test_updates_are_counted_by_what_became_of_them(
    company: Company, since: Since, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = bot.message(company.telegram_id(company.boris), "/help")
    bot.post(said)
    bot.post(said)
    bot.post({"update_id": 7, "no_kind_of_ours": {}})

    def fails(incoming: object) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(handlers, "handle", fails)
    bot.post(bot.message(company.telegram_id(company.boris), "/help"))
    for kind, result in (
        ("message", "handled"), ("message", "repeated"), ("other", "handled"),
        ("message", "failed"),
    ):  # fmt: skip
        assert since("updates_total", kind=kind, result=result) == 1
    assert since("update_seconds_count") == 4
    assert since("update_seconds_bucket", le="+Inf") == 4
    assert 0 < since("update_seconds_sum") < 60


def test_calls_are_counted_by_what_came_of_them_and_pauses_by_chat(
    telegram: Sandbox, company: Company, since: Since
) -> None:
    chat = company.telegram_id(company.boris)
    client.call("getMe")
    telegram.fail("retry_after", chat_id=chat, seconds=1)
    with pytest.raises(client.RetryAfter):
        client.call("sendMessage", {"chat_id": chat, "text": "x"})
    assert since("calls_total", method="getMe", result="ok") == 1
    assert since("calls_total", method="sendMessage", result="RetryAfter") == 1
    assert since("pauses_total", chat=str(chat)) == 1
    assert since("call_seconds_count") == 2


def test_each_is_added_once_and_to_what_others_have_counted(since: Since) -> None:
    Tally.objects.create(name="treasury_pauses_total", labels='{"chat": "-5"}', value=40)
    tallies.PAUSES.labels("-5").inc(2)
    tallies.add()
    tallies.add()
    assert since("pauses_total", chat="-5") == 42
    tallies.PAUSES.labels("-5").inc()
    assert since("pauses_total", chat="-5") == 43


def test_while_the_database_is_away_nothing_is_lost(since: Since) -> None:
    tallies.PAUSES.labels("-5").inc()

    def away(*args: object) -> None:
        raise DatabaseError("away")

    with connection.execute_wrapper(away):
        with pytest.raises(DatabaseError):
            tallies.add()
        tallies.at_the_end()
    assert since("pauses_total", chat="-5") == 1


@pytest.mark.django_db(transaction=True)
def test_processes_that_add_at_once_lose_nothing() -> None:
    tallies.PAUSES.labels("-5").inc()
    tallies.add()
    rows = [("treasury_pauses_total", '{"chat": "-5"}', 1.0)]

    def write(_number: int) -> None:
        for _time in range(5):
            tallies._write(rows)

    bot.in_threads(4, write)
    assert Tally.objects.get(labels='{"chat": "-5"}').value == 21
