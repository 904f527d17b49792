"""How long people wait for what their chats must show, as machines are told."""

import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telegrambot.delivery import chats
from telegrambot.delivery.lane import Lane
from telegrambot.delivery.sending import work_for
from telegrambot.models import Chat, SentMessage
from tests.company import Company
from tests.config.test_health import metrics, readiness
from tests.telegrambot import lanes
from tests.telegrambot.lanes import Meanwhile
from tests.telegrambot.sandbox import Sandbox

LONG_AGO = timedelta(minutes=6)


def wait(messages: QuerySet[SentMessage], how_long: timedelta = LONG_AGO) -> None:
    """As time passes in which nobody delivers them."""
    messages.update(behind_since=timezone.now() - how_long)


@pytest.fixture
def card(company: Company) -> SentMessage:
    """Of Boris, and all other messages have waited for a minute."""
    request = lanes.submit(company)
    wait(SentMessage.objects.all(), timedelta(minutes=1))
    return lanes.card(company, request)


def test_not_ready_while_a_message_waits_too_long(card: SentMessage) -> None:
    assert readiness()[0] == 200
    wait(SentMessage.objects.filter(pk=card.pk))
    status, checks = readiness()
    assert status == 503
    assert checks["lag"] == "360 s behind"


def test_what_is_too_long_is_a_setting(card: SentMessage, settings: LazySettings) -> None:
    settings.LAG_LIMIT = 50
    assert readiness()[0] == 503


@pytest.mark.parametrize(
    "state", [state for state in Chat.State.values if state != Chat.State.ACTIVE]
)
def test_what_a_closed_chat_is_not_shown_is_no_lag(card: SentMessage, state: str) -> None:
    wait(SentMessage.objects.filter(chat=card.chat))
    Chat.objects.filter(pk=card.chat_id).update(state=state)
    assert readiness()[0] == 200
    # Nor is it one the moment that it opens.
    chats.revive(Chat.objects.get(pk=card.chat_id))
    assert readiness()[0] == 200


@pytest.mark.parametrize("state", ["failed", "unknown", "gone"])
def test_what_was_given_up_or_deleted_is_no_lag(card: SentMessage, state: str) -> None:
    wait(SentMessage.objects.filter(pk=card.pk))
    SentMessage.objects.filter(pk=card.pk).update(state=state)
    assert readiness()[0] == 200


def test_a_pause_that_telegram_wants_is_no_lag_and_what_follows_it_counts_from_its_end(
    card: SentMessage,
) -> None:
    wait(SentMessage.objects.filter(chat=card.chat), timedelta(hours=5))
    for until, status in ((timedelta(hours=1), 200), (-timedelta(minutes=1), 200),
                          (-LONG_AGO, 503)):  # fmt: skip
        end = timezone.now() + until
        Chat.objects.filter(pk=card.chat_id).update(not_before=end, asked_until=end)
        assert readiness()[0] == status


def test_a_refusal_of_telegrams_is_no_lag(telegram: Sandbox, card: SentMessage) -> None:
    telegram.fail("retry_after", seconds=600)
    wait(SentMessage.objects.filter(chat=card.chat), timedelta(hours=5))
    lanes.deliver(card.chat_id)
    assert telegram.calls("sendMessage")
    assert readiness()[0] == 200


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_network_that_is_away_is_lag_however_often_it_was_tried(
    telegram: Sandbox, card: SentMessage, fault: str
) -> None:
    wait(SentMessage.objects.filter(chat=card.chat), timedelta(hours=5))
    for _again in range(2):
        telegram.fail(fault)
        lanes.deliver(card.chat_id)
        assert readiness()[0] == 503


def test_what_changes_again_and_again_waits_since_the_first_change_that_is_not_shown(
    telegram: Sandbox, company: Company, card: SentMessage
) -> None:
    assert card.request
    lanes.deliver(card.chat_id)
    wait(SentMessage.objects.filter(pk=card.pk), timedelta(hours=5))
    lanes.change(company, card.request)
    assert readiness()[0] == 200
    wait(SentMessage.objects.filter(pk=card.pk))
    lanes.change(company, card.request)
    assert readiness()[0] == 503
    lanes.deliver(card.chat_id)
    status, checks = readiness()
    assert status == 200
    assert re.fullmatch(r"\d s ago", checks["delivered"])


def test_what_changes_during_a_call_waits_since_that_call(
    telegram: Sandbox, company: Company, card: SentMessage
) -> None:
    request = card.request
    assert request
    wait(SentMessage.objects.filter(pk=card.pk), timedelta(hours=5))
    meanwhile = Meanwhile(SentMessage.State.SENT, lambda: lanes.change(company, request))
    with connection.execute_wrapper(meanwhile):
        lane = Lane.take(card.chat_id)
        assert lane
        work_for(lane)
    assert lanes.fresh(card).is_behind
    assert readiness()[0] == 200


def test_a_message_that_was_given_up_and_is_tried_again_has_not_waited_since(
    company: Company, card: SentMessage
) -> None:
    given_up = SentMessage.objects.filter(pk=card.pk)
    for again in (SentMessage.objects.retry, SentMessage.objects.refresh):
        wait(given_up, timedelta(hours=5))
        given_up.update(state="failed")
        again()
        assert given_up.get().is_behind
        assert readiness()[0] == 200


def test_metrics_tell_how_long_people_wait_by_urgency(
    telegram: Sandbox, company: Company, card: SentMessage
) -> None:
    blocked = Chat.objects.get(telegram_id=company.telegram_id(company.vera))
    Chat.objects.filter(pk=blocked.pk).update(state="blocked")
    wait(SentMessage.objects.filter(pk=card.pk))
    told = SentMessage.objects.create(chat=card.chat, kind="notice", text="…", urgency=0)
    wait(SentMessage.objects.filter(pk=told.pk), timedelta(seconds=30))
    found = metrics()
    assert "treasury_last_delivery_seconds" not in found
    for urgency, count, seconds in (
        ("answer", 1, 30), ("pressed", 0, 0), ("card", 1, 360), ("change", 0, 0),
    ):  # fmt: skip
        assert found[f'treasury_messages_waiting{{urgency="{urgency}"}}'] == count
        oldest = found[f'treasury_messages_oldest_seconds{{urgency="{urgency}"}}']
        assert oldest == pytest.approx(seconds, abs=5)
    assert 'treasury_messages_waiting{urgency="notice"}' in found

    lanes.deliver(card.chat_id)
    found = metrics()
    assert found['treasury_messages_waiting{urgency="card"}'] == 0
    assert found["treasury_last_delivery_seconds"] < 5


def test_however_many_wait_one_query_asks_for_their_age(company: Company) -> None:
    with CaptureQueriesContext(connection) as few:
        readiness()
    for _ in range(3):
        lanes.submit(company)
    with CaptureQueriesContext(connection) as many:
        readiness()
    assert len(many) == len(few)
