"""An update that the database never takes ends as poison; a database that is away loses nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from telegrambot import tasks
from telegrambot.incoming import inbox, polling
from telegrambot.models import Update
from telegrambot.outage import UNAVAILABLE
from tests.company import Company
from tests.ports import free_port
from tests.telegrambot import bot
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Decision, PaymentRequest

JOURNAL = "treasury_event"
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def press(company: Company) -> bot.Json:
    """Boris approves."""
    task = company.task(company.submitted(), company.boris)
    return bot.press(company.telegram_id(company.boris), f"approve:{task.pk}")


@pytest.fixture
def refusing(press: bot.Json) -> None:
    """Each entry of the journal ends in an OperationalError, as a query that takes too long does,
    or a damaged table."""
    refuse(JOURNAL)


def refuse(table: str) -> None:
    name = f"poison_{table}"
    trigger = f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW"
    fails = "BEGIN DELETE FROM nowhere; END"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                "RAISE EXCEPTION 'canceled' USING ERRCODE = 'query_canceled'; END$$"
            )
            cursor.execute(f"{trigger} EXECUTE FUNCTION {name}()")
        else:
            cursor.execute(f"{trigger} {fails}")


def accept() -> None:
    on_table = f" ON {JOURNAL}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER poison_{JOURNAL}{on_table}")


def statuses(update: bot.Json, times: int) -> list[int]:
    return [bot.post(update).status_code for _ in range(times)]


def test_what_the_database_refuses_each_time_becomes_poison_and_blocks_its_chat_no_longer(
    press: bot.Json, refusing: None
) -> None:
    assert statuses(press, inbox.REFUSALS) == [503] * (inbox.REFUSALS - 1) + [200]
    failed = Update.objects.poisoned().get()
    assert failed.error.startswith("OperationalError")
    assert failed.payload["callback_query"]["data"] == press["callback_query"]["data"]
    assert not Decision.objects.exists()

    assert statuses(press, 2) == [200, 200]
    accept()
    assert inbox.retry(failed.pk)
    assert Decision.objects.count() == 1


def test_each_update_is_counted_for_itself(
    company: Company, press: bot.Json, refusing: None
) -> None:
    statuses(press, inbox.REFUSALS - 1)
    other = {**press, "update_id": press["update_id"] + 1}
    assert statuses(other, 1) == [503]
    assert bot.post(bot.message(company.telegram_id(company.boris), "/help")).status_code == 200


def test_without_redis_each_process_counts_for_itself(
    press: bot.Json, refusing: None, settings: LazySettings
) -> None:
    settings.CACHES = LOCAL
    cache.clear()
    assert statuses(press, inbox.REFUSALS)[-1] == 200


def test_without_an_answer_of_the_cache_telegram_is_asked_to_come_again(
    press: bot.Json, refusing: None, settings: LazySettings
) -> None:
    redis = settings.CACHES["default"]
    settings.CACHES = {"default": {**redis, "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}}
    assert statuses(press, inbox.REFUSALS + 1) == [503] * (inbox.REFUSALS + 1)
    accept()
    assert statuses(press, 1) == [200]
    assert Decision.objects.count() == 1


def test_polling_goes_on_behind_it(
    telegram: Sandbox, company: Company, press: bot.Json, refusing: None
) -> None:
    offset = polling.poll_once(0, hold=0)
    boris = company.telegram_id(company.boris)
    chat, number = f"/client/people/{boris}/chats/{boris}", PaymentRequest.objects.get().number
    telegram.post(f"{chat}/messages", text=number)
    refuse("telegrambot_sentmessage")
    for _ in range(inbox.REFUSALS - 1):
        with pytest.raises(UNAVAILABLE):
            polling.poll_once(offset, hold=0)
    assert polling.poll_once(offset, hold=0) == offset + 1
    assert Update.objects.poisoned().count() == 1


def test_the_sweep_tries_it_again_and_still_does_all_its_other_work(
    company: Company, press: bot.Json, refusing: None
) -> None:
    statuses(press, inbox.REFUSALS)
    Update.objects.update(received_at=timezone.now() - timedelta(seconds=11))
    tasks.sweep()
    assert Update.objects.poisoned().get().attempts == 2
    # What was submitted before is projected.
    assert bot.chat_of(company, company.boris).exists()


@contextmanager
def away() -> Iterator[None]:
    """No server answers; the file is locked by another process."""
    if connection.vendor == "postgresql":
        with mock.patch.dict(connection.settings_dict, HOST="127.0.0.1", PORT=str(free_port())):
            connection.close()
            yield
        return
    rival = connection.copy()
    with connection.cursor() as ours, rival.cursor() as theirs:
        ours.execute("PRAGMA busy_timeout = 1")
        theirs.execute("BEGIN IMMEDIATE")
    yield
    rival.close()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_loses_nothing_however_long(press: bot.Json) -> None:
    with away():
        assert statuses(press, inbox.REFUSALS + 3) == [503] * (inbox.REFUSALS + 3)
        with pytest.raises(UNAVAILABLE):
            inbox.receive(press)
    assert statuses(press, 1) == [200]
    assert Decision.objects.count() == 1
    assert not Update.objects.poisoned().exists()
