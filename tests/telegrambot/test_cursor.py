"""The channel's own memory of how far it has read the journal."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from telegrambot.models import Bookmark, SentMessage, Watermark
from telegrambot.projection import cursor, news
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from treasury.models import Event, PaymentRequest
from treasury.services import requests


@pytest.fixture
def nothing_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every entry is old enough for the watermark, however young it is."""
    monkeypatch.setattr(cursor, "SETTLED", -timedelta(days=1))


def comment(company: Company, request: PaymentRequest, text: str) -> None:
    fresh = PaymentRequest.objects.get(pk=request.pk)
    requests.change(request=fresh, actor=company.anna, channel=ADMIN, fields={"comment": text})


@contextmanager
def written_slowly(company: Company, request: PaymentRequest) -> Iterator[Callable[[], None]]:
    """An entry of the request has its id, and is not committed before it is told to be."""
    written, go_on = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic():
                comment(company, request, "Срочно")
                written.set()
                go_on.wait(timeout=30)
        finally:
            connection.close()

    def commit() -> None:
        go_on.set()
        writer.join(timeout=30)

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(timeout=30)
    yield commit
    commit()


def advance_while(act: Callable[[], Any]) -> None:
    """Move the watermark up, and do something just before its new place is looked for."""
    happened: list[Any] = []

    def meanwhile(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not happened and "MAX(" in sql and Event._meta.db_table in sql:
            happened.append(act())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meanwhile):
        cursor.advance()
    assert happened


@contextmanager
def long_ago() -> Iterator[None]:
    """What is written there is told of at once, and settled by now."""
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        yield
        bot.project()


def watermark() -> int:
    return Watermark.objects.get().event


def ids(events: QuerySet[Event]) -> list[int]:
    return list(events.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_is_committed_late_is_no_less_news(company: Company) -> None:
    """Its id is lower than what has been consumed by then."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets nobody write beside another")
    late, early = company.draft(), company.draft()
    bot.project()
    with written_slowly(company, late) as commit:
        comment(company, early, "Не срочно")
        assert news.pending(10) == [early.pk]
        bot.project()
        cursor.advance()
        commit()

    assert late.events.latest("sequence").pk < early.events.latest("sequence").pk
    assert news.pending(10) == [late.pk]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_consume_once(company: Company) -> None:
    request = company.submitted()
    bot.project()
    comment(company, request, "Срочно")
    before = dict(SentMessage.objects.values_list("pk", "wanted"))
    bot.in_threads(4, lambda _number: news.project(request.pk))
    after = dict(SentMessage.objects.values_list("pk", "wanted"))
    assert before
    assert after == {pk: wanted + 1 for pk, wanted in before.items()}


def test_only_what_came_since_is_consumed(company: Company) -> None:
    request = company.submitted()
    assert ids(cursor.unread()) == ids(request.events.all())
    bot.project()
    assert not cursor.unread().exists()
    comment(company, request, "Срочно")
    assert [event.pk for event in cursor.unread_of(request)] == [
        request.events.latest("sequence").pk
    ]


def test_the_watermark_stays_below_what_is_young(company: Company) -> None:
    company.submitted()
    bot.project()
    cursor.advance()
    assert not Watermark.objects.exists()


def test_what_is_written_while_the_watermark_moves_on_a_quiet_day_stays_news(
    company: Company,
) -> None:
    with long_ago():
        request = company.submitted()
    last = request.events.latest("id").pk
    advance_while(lambda: comment(company, request, "Срочно"))
    assert watermark() == last
    assert news.pending(10) == [request.pk]


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_while_the_watermark_moves_on_a_busy_day_stays_news(
    company: Company,
) -> None:
    """Its id is lower than that of the first that is seen to be news."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite lets nobody write beside another")
    with long_ago():
        late, early = company.draft(), company.submitted()
    last = early.events.latest("id").pk
    with written_slowly(company, late) as commit:
        comment(company, early, "Не срочно")
        advance_while(commit)
    assert watermark() == last
    assert set(news.pending(10)) == {late.pk, early.pk}


@pytest.mark.usefixtures("nothing_is_new")
def test_the_watermark_passes_what_is_consumed_and_stops_below_what_is_not(
    company: Company,
) -> None:
    consumed, waiting, later = company.submitted(), company.submitted(), company.submitted()
    for request in (consumed, later):
        news.project(request.pk)
    cursor.advance()
    assert watermark() == consumed.events.latest("id").pk
    assert news.pending(10) == [waiting.pk]

    news.project(waiting.pk)
    cursor.advance()
    assert watermark() == later.events.latest("id").pk
    assert Watermark.objects.count() == 1
    comment(company, consumed, "Срочно")
    assert news.pending(10) == [consumed.pk]
    cursor.advance()
    assert watermark() == later.events.latest("id").pk


@pytest.mark.usefixtures("nothing_is_new")
def test_a_request_that_is_stuck_holds_nothing_up_and_is_not_forgotten(company: Company) -> None:
    stuck, sound = company.submitted(), company.submitted()
    news.project(sound.pk)
    cursor.stumble(stuck.pk, ValueError("odd"))
    cursor.advance()
    assert watermark() == sound.events.latest("id").pk
    assert news.pending(10) == []

    Bookmark.objects.retry()
    assert news.pending(10) == [stuck.pk]
    bot.project()
    assert not Bookmark.objects.stuck().exists()
    assert stuck.messages.exists()


def test_a_failure_beside_anothers_success_is_none(company: Company) -> None:
    request = company.submitted()
    bot.project()
    cursor.stumble(request.pk, ValueError("odd"))
    assert not Bookmark.objects.stuck().exists()


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (10, 300), (10**6, 300)]
)
def test_it_is_left_alone_for_longer_each_time(attempts: int, seconds: int) -> None:
    assert cursor.pause(attempts) == timedelta(seconds=seconds)
