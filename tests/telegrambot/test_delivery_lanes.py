"""One worker at a time for a chat, at Telegram's pace, and none is needed to clean up after."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
import redis
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.utils import timezone

from config import settings as configured
from telegrambot.delivery import sending
from telegrambot.delivery.lane import Lane
from telegrambot.models import Chat, SentMessage
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import lanes
from tests.telegrambot.lanes import Meanwhile, deliver
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest

State = SentMessage.State

# Threads must see what the test has written, so it is committed.
in_threads = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


@pytest.fixture
def real_pace(telegram: Sandbox, settings: LazySettings) -> None:
    """Telegram's limits in the sandbox, and the product's own settings below them."""
    limits = {"overall_per_second": 30, "group_per_minute": 20}
    limits |= {"private_per_second": 1, "private_burst": 3}
    telegram.post("/control/settings", limits=limits)
    settings.TELEGRAM_PACE = configured.TELEGRAM_PACE


def at_once(work: Callable[[Any], Any], items: list[Any], workers: int) -> list[Any]:
    """What the workers' threads give for the items."""

    def closing(item: Any) -> Any:
        try:
            return work(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(closing, items))


def leave_sending(message: SentMessage, lease_seconds: float) -> None:
    """As a worker leaves it that was killed during the call, so long before its lease ends."""
    SentMessage.objects.filter(pk=message.pk).update(
        state=State.SENDING, attempts=1, shown_hash="", wanted=message.shown + 1
    )
    Chat.objects.filter(pk=message.chat_id).update(
        lease_token="killed", lease_until=timezone.now() + timedelta(seconds=lease_seconds)
    )


def test_a_chat_has_one_worker(card: SentMessage) -> None:
    assert Lane.take(card.chat_id)
    assert Lane.take(card.chat_id) is None


def test_a_released_chat_is_free(card: SentMessage) -> None:
    lane = Lane.take(card.chat_id)
    assert lane
    lane.release()
    assert Lane.take(card.chat_id)


def test_a_worker_that_lost_its_lease_touches_nothing(card: SentMessage) -> None:
    late = Lane.take(card.chat_id)
    assert late
    assert late.hold()
    Chat.objects.update(lease_until=timezone.now())
    now = Lane.take(card.chat_id)
    assert now
    assert not late.hold()
    late.pause(100)
    late.release()
    assert Chat.objects.get(pk=card.chat_id).not_before is None
    assert now.hold()


def test_an_upload_whose_lease_is_lost_before_the_call_was_never_tried(
    telegram: Sandbox, request_: PaymentRequest
) -> None:
    announcement = lanes.announcement(request_)
    lane = Lane.take(announcement.chat_id)
    assert lane
    Chat.objects.filter(pk=announcement.chat_id).update(lease_token="another")
    sending.work_for(lane)
    message = lanes.fresh(announcement)
    assert (message.state, message.attempts, message.lost) == (State.PENDING, 0, 0)
    assert telegram.calls("sendDocument") == []


def test_a_large_upload_holds_the_lease_for_longer(card: SentMessage) -> None:
    lane = Lane.take(card.chat_id)
    assert lane
    lane.hold(uploading=50_000_000)
    until = Chat.objects.get(pk=card.chat_id).lease_until
    assert until
    assert until > timezone.now() + timedelta(minutes=3)


def test_a_chat_is_free_after_the_work(card: SentMessage) -> None:
    chat = lanes.delivered(card).chat
    assert (chat.lease_token, chat.lease_until) == ("", None)


def test_a_killed_workers_chat_waits_for_its_lease(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    leave_sending(card, lease_seconds=30)
    assert deliver(card.chat_id) is None
    assert telegram.calls("sendMessage") == []


def test_a_killed_workers_first_message_is_sent_after_a_pause(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    leave_sending(card, lease_seconds=-1)
    message = lanes.delivered(card)
    assert message.state == State.PENDING
    assert message.not_before
    assert message.not_before > timezone.now() + timedelta(seconds=25)
    assert telegram.calls("sendMessage") == []

    assert lanes.delivered(lanes.due_again(card)).state == State.SENT
    assert len(telegram.messages(boris)) == 1


def test_a_killed_workers_edit_is_repeated(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    lanes.delivered(card)
    comment = lanes.change(company, request_)
    leave_sending(lanes.fresh(card), lease_seconds=-1)
    assert lanes.delivered(card).state == State.SENT
    message = lanes.delivered(lanes.due_again(card))
    (seen,) = telegram.messages(boris)
    assert comment in seen["text"]
    assert message.shown == message.wanted


def test_a_message_that_kills_its_workers_is_left_to_somebody_who_looks(card: SentMessage) -> None:
    leave_sending(card, lease_seconds=-1)
    lanes.delivered(card)
    leave_sending(lanes.due_again(card), lease_seconds=-1)
    message = lanes.delivered(card)
    assert (message.state, message.is_behind) == (State.UNKNOWN, False)


def test_an_edit_that_kills_its_workers_fails_in_the_end(card: SentMessage) -> None:
    leave_sending(card, lease_seconds=-1)
    SentMessage.objects.filter(pk=card.pk).update(form="text", message_ids=[7], attempts=12)
    assert lanes.delivered(card).state == State.FAILED


def test_a_change_during_the_call_is_shown_after_it(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    meanwhile = Meanwhile(State.SENT, lambda: lanes.change(company, request_, "Уже не то"))
    with connection.execute_wrapper(meanwhile):
        message = lanes.delivered(card)
    assert meanwhile.happened
    (seen,) = telegram.messages(boris)
    assert seen["edits"] == 1
    assert "Уже не то" in seen["text"]
    assert "Уже не то" not in seen["history"][0]["text"]
    assert message.shown == message.wanted


def test_a_change_before_the_call_is_shown_by_it(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    """It comes while the message, rendered already, waits for its turn."""
    meanwhile = Meanwhile(State.SENDING, lambda: lanes.change(company, request_, "Уже не то"))
    with connection.execute_wrapper(meanwhile):
        message = lanes.delivered(card)
    assert meanwhile.happened
    (seen,) = telegram.messages(boris)
    assert seen["edits"] == 0
    assert "Уже не то" in seen["text"]
    assert (message.shown, message.attempts) == (message.wanted, 0)


def test_work_that_comes_while_the_lease_is_given_back_is_done(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    def change_and_be_turned_away() -> None:
        lanes.change(company, request_, "В последний миг")
        assert deliver(card.chat_id) is None

    given_back = Meanwhile("", change_and_be_turned_away)
    lanes.delivered(card)
    lanes.change(company, request_)
    with connection.execute_wrapper(given_back):
        lanes.delivered(card)
    assert given_back.happened
    (seen,) = telegram.messages(boris)
    assert "В последний миг" in seen["text"]


def test_a_database_in_trouble_is_not_the_messages_fault(card: SentMessage) -> None:
    def lose(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if sql.startswith("SELECT") and "treasury_paymentrequest" in sql:
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *args)

    with connection.execute_wrapper(lose), pytest.raises(OperationalError):
        deliver(card.chat_id)
    message = lanes.fresh(card)
    assert message.state == State.PENDING
    assert message.chat.lease_until is None


@in_threads
def test_workers_of_one_chat_never_interleave(
    telegram: Sandbox, company: Company, boris: int
) -> None:
    numbers = [lanes.submit(company).number for _ in range(4)]
    chat = Chat.objects.get(telegram_id=boris)
    telegram.post("/control/settings", latency_ms=30)
    at_once(deliver, [chat.pk] * 6, workers=6)
    telegram.post("/control/settings", latency_ms=0)
    seen = telegram.messages(boris)
    assert len(seen) == 4
    assert all(number in item["text"] for number, item in zip(numbers, seen, strict=True))
    calls = telegram.calls("sendMessage", chat_id=boris)
    assert all(second["at"] - first["at"] >= 0.03 for first, second in pairwise(calls))


@in_threads
def test_no_change_is_lost_between_two_workers(telegram: Sandbox, company: Company) -> None:
    """Each asks for a change and then works; who comes last must find the other's, or be found."""
    card = lanes.delivered(lanes.card(company, lanes.submit(company)))

    def want_and_deliver(_turn: int) -> None:
        SentMessage.objects.filter(pk=card.pk).refresh()
        deliver(card.chat_id)

    for _ in range(30):
        at_once(want_and_deliver, [1, 2, 3], workers=3)
        message = lanes.fresh(card)
        assert message.shown == message.wanted


def test_a_chat_with_much_to_say_is_left_in_time(
    telegram: Sandbox, company: Company, boris: int, settings: LazySettings
) -> None:
    settings.TELEGRAM_PACE = settings.TELEGRAM_PACE | {"private": (1, 60.0, 3)}
    for _ in range(4):
        lanes.submit(company)
    chat = Chat.objects.get(telegram_id=boris)
    wait = deliver(chat.pk)
    assert wait is not None
    assert 30 < wait <= 60
    assert len(telegram.messages(boris)) == 3
    chat.refresh_from_db()
    assert chat.not_before
    assert chat.not_before > timezone.now()
    assert chat.lease_until is None
    assert deliver(chat.pk) is None


def test_a_short_wait_is_slept_through(
    telegram: Sandbox, company: Company, boris: int, settings: LazySettings
) -> None:
    settings.TELEGRAM_PACE = settings.TELEGRAM_PACE | {"private": (1, 0.3, 1)}
    for _ in range(3):
        lanes.submit(company)
    chat = Chat.objects.get(telegram_id=boris)
    assert deliver(chat.pk) is None
    first, _second, last = [call["at"] for call in telegram.calls("sendMessage", chat_id=boris)]
    # What lies between a turn and its call differs by some milliseconds.
    assert last - first >= 0.5


@pytest.mark.usefixtures("real_pace")
def test_an_album_waits_for_its_turn_in_the_group(telegram: Sandbox, company: Company) -> None:
    request = lanes.submit(company, documents=8)
    chat = lanes.announcement(request).chat_id
    assert deliver(chat) is None
    assert len(telegram.messages(GROUP_CHAT)) == 1
    album = SentMessage.objects.get(chat=chat, kind="documents")
    assert lanes.in_seconds(album.not_before) > 10


@in_threads
@pytest.mark.usefixtures("real_pace")
def test_single_messages_go_while_an_album_waits_for_its_turn_but_not_for_ever(
    telegram: Sandbox, company: Company
) -> None:
    request = lanes.submit(company, documents=8)
    chat = lanes.announcement(request).chat_id
    deliver(chat)
    lanes.change(company, request)
    deliver(chat)
    assert telegram.calls("editMessageCaption", chat_id=GROUP_CHAT)

    album = SentMessage.objects.get(chat=chat, kind="documents")
    waited = timezone.now() - timedelta(seconds=sending.POLITE)
    SentMessage.objects.filter(pk=album.pk).update(not_before=None, behind_since=waited)
    wait = deliver(chat)
    assert wait is not None
    assert wait > 10


@in_threads
@pytest.mark.usefixtures("real_pace")
def test_many_chats_keep_the_common_pace(
    telegram: Sandbox, company: Company, settings: LazySettings
) -> None:
    ids = [-1002000000000 - number for number in range(45)]
    for chat_id in ids:
        telegram.put_group(chat_id, company.telegram_id(company.boris))
        company.further_group(chat_id)
    lanes.submit(company)
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    chats = list(Chat.objects.filter(telegram_id__in=ids).values_list("pk", flat=True))
    at_once(deliver, chats, workers=4)

    calls = telegram.calls("sendDocument")
    assert len(calls) == len(ids)
    assert all(call["ok"] for call in calls)
    times = [call["at"] for call in calls]
    assert all(later - first >= 1 for first, later in zip(times, times[30:], strict=False))
