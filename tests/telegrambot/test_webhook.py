"""The webhook and the inbox: who is let in, what is kept, and what a repeat does."""

import json
import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from telegrambot.delivery.answers import LARGEST_UPDATE
from telegrambot.incoming import inbox
from telegrambot.models import Chat, Update
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import Decision, Event
from treasury.workflow import Action

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("secret", ["", "wrong", "webhook-secret-of-the-test"])
def test_a_wrong_secret_is_refused_and_nothing_is_kept(secret: str) -> None:
    assert bot.post(bot.message(1, "/start"), secret=secret).status_code == 403
    assert not Update.objects.exists()


@pytest.mark.parametrize("secret", ["", "anything"])
def test_without_a_secret_of_its_own_the_webhook_refuses_everything(
    settings: LazySettings, secret: str
) -> None:
    settings.TELEGRAM_WEBHOOK_SECRET = ""
    assert bot.post(bot.message(1, "/start"), secret=secret).status_code == 403
    assert Client().post(bot.URL, {}, content_type="application/json").status_code == 403
    assert not Update.objects.exists()


def test_only_post_is_answered(settings: LazySettings) -> None:
    headers = {bot.HEADER: settings.TELEGRAM_WEBHOOK_SECRET}
    assert Client().get(bot.URL, headers=headers).status_code == 405


def test_the_largest_update_is_taken_in() -> None:
    """A rich message in reply to another: JSON writes each of its characters in twelve bytes, and
    has its markup besides."""
    markup = [{"type": "bold", "offset": 4 * n, "length": 2} for n in range(8192)]
    rich: bot.Json = {"text": "😀" * 32_768, "entities": markup}
    said = bot.message(1, **rich, reply_to_message={"message_id": 1, **rich})
    assert len(json.dumps(said)) > 1024 * 1024
    assert bot.post(said).status_code == 200
    assert Update.objects.count() == 1


def test_what_is_too_large_for_an_update_does_not_come_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It would hold up what follows."""
    response = bot.post(b'{"update_id": 1}'.ljust(LARGEST_UPDATE + 1))
    assert (response.status_code, response.content) == (200, b"{}")
    assert "too large for an update" in caplog.text
    assert not Update.objects.exists()


def test_a_probe_is_answered_with_its_word_and_leaves_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = bot.post({"probe": "a word of one's own"})
    assert response.status_code == 200
    assert json.loads(response.content) == {"probe": "a word of one's own"}
    assert not caplog.records
    assert not Update.objects.exists()


@pytest.mark.parametrize(
    "body", [{"probe": "x" * 65}, {"probe": 1}, {"probe": "x", "method": "sendMessage"}]
)
def test_what_is_no_probe_is_answered_as_no_update(body: dict[str, Any]) -> None:
    assert bot.post(body).content == b"{}"


def test_a_probe_needs_the_secret() -> None:
    assert bot.post({"probe": "x"}, secret="wrong").status_code == 403


def test_an_update_that_looks_like_a_probe_is_one() -> None:
    bot.post({**bot.message(1, "/start"), "probe": "x"})
    assert Update.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"7",
        b'"update_id"',
        b'{"update_id": "7"}',
        b'{"update_id": true}',
        b'{"update_id": null}',
        b'{"update_id": -1}',
        b'{"update_id": 99999999999999999999}',
        b'{"update_id": 1.5}',
        b'{"update_id": ' + b"9" * 5000 + b"}",
        b'{"update_id": 1, "message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"update_id": 1, "message": ' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)
def test_what_is_no_update_is_answered_200_so_that_it_does_not_come_again(body: bytes) -> None:
    response = bot.post(body)
    assert (response.status_code, response.content) == (200, b"{}")


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"poll": {"id": "1"}},
        {"a_kind_that_telegram_invents_tomorrow_and_whose_name_is_long": {"id": 1}},
        {"message": None},
        {"message": "text"},
        {"message": []},
        {"message": {}},
        {"message": {"message_id": 1, "chat": {"id": "x", "type": "private"}}},
        {"message": {"message_id": 1, "chat": {"id": 5, "type": "private"}, "text": "/start"}},
        {"message": {"message_id": 1, "chat": {"id": 5, "type": "planet"}, "text": "/start"}},
        {"message": {"message_id": 2**70, "chat": {"id": 2**70, "type": "private"}}},
        {"callback_query": {"id": "1"}},
        {"callback_query": {"id": 1, "from": {"id": 1}}},
        {"my_chat_member": {"chat": {"id": 1, "type": "private"}}},
        {"inline_query": {"id": "1", "query": "x"}},
    ],
)
def test_what_does_not_fit_is_noted_and_ignored(update: dict[str, Any]) -> None:
    assert bot.reply_to(bot.update(**update)) == {}
    kept = Update.objects.get()
    assert (kept.error, kept.attempts) == ("", 1)
    assert kept.handled_at is not None
    assert not Chat.objects.exists()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "from", "chat", "type", "text", "data", "message", "\x00"])
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@hypothesis_settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(["message", "callback_query", "my_chat_member", "inline_query", "odd"]),
    value=json_values,
)
def test_any_json_at_all_is_answered_200_and_noted(kind: str, value: Any) -> None:
    response = bot.post(json.dumps(bot.update(**{kind: value})).encode())
    assert response.status_code == 200
    assert Update.objects.latest("id").error == ""


def test_what_postgresql_cannot_hold_is_left_out() -> None:
    text = "/a\x00b\ud83dc"
    strange = {"id": 7, "type": "private", "\x00key": [text, math.nan, math.inf]}
    bot.reply_to(bot.message(7, text, chat=strange))
    kept = Update.objects.get().payload["message"]
    assert kept["text"] == "/abc"
    assert kept["chat"] == {"id": 7, "type": "private", "key": ["/abc", None, None]}


def test_a_repeat_changes_nothing(company: Company) -> None:
    request = company.submitted()
    task = company.task(request, company.boris)
    press = bot.press(company.telegram_id(company.boris), f"approve:{task.pk}")

    assert bot.reply_to(press)["method"] == "answerCallbackQuery"
    assert bot.reply_to(press) == {}

    assert Update.objects.count() == 1
    assert Decision.objects.count() == 1


JOURNAL = "treasury_event"


@pytest.fixture
def poison(db: None) -> None:
    """The journal takes no entries."""
    bot.refuse_inserts(JOURNAL, f"poison {settings.TELEGRAM_BOT_TOKEN}")


@pytest.fixture
def press(company: Company) -> bot.Json:
    """Boris approves."""
    task = company.task(company.submitted(), company.boris)
    return bot.press(company.telegram_id(company.boris), f"approve:{task.pk}")


def test_a_poisonous_update_is_kept_with_its_error_and_answered(
    press: bot.Json, poison: None
) -> None:
    answer = bot.reply_to(press)

    assert answer["method"] == "answerCallbackQuery"
    assert "Approved" not in answer["text"]
    update = Update.objects.poisoned().get()
    assert update.attempts == 1
    assert "poison" in update.error
    assert settings.TELEGRAM_BOT_TOKEN not in update.error
    # What the handler had done by then is undone.
    assert not Decision.objects.exists()


def test_nothing_remains_of_what_a_failed_handler_began(company: Company) -> None:
    request = company.submitted()
    Chat.objects.all().delete()
    bot.refuse_inserts("telegrambot_sentmessage", "poison")
    bot.reply_to(bot.press(company.telegram_id(company.boris), f"details:{request.pk}"))
    assert Update.objects.poisoned().exists()
    assert not Chat.objects.exists()


def test_a_poisoned_update_is_handled_by_a_later_try(press: bot.Json, poison: None) -> None:
    bot.reply_to(press)
    update = Update.objects.get()
    assert inbox.retry(update.pk) is None
    update.refresh_from_db()
    assert (update.attempts, update.handled_at) == (2, None)

    bot.accept_inserts(JOURNAL)
    assert inbox.retry(update.pk) is not None

    update.refresh_from_db()
    assert (update.attempts, update.error) == (3, "")
    assert update.handled_at is not None
    assert Decision.objects.count() == 1
    assert inbox.retry(update.pk) is None


def test_the_sweep_tries_soon_then_later_and_then_no_more(press: bot.Json) -> None:
    now = timezone.now()
    for number, (attempts, age) in enumerate([(1, 5), (1, 11), (2, 60), (2, 301), (3, 900)]):
        received = now - timedelta(seconds=age)
        Update.objects.create(
            update_id=number, kind="message", payload={}, attempts=attempts, received_at=received
        )
    retried = Update.objects.to_retry(now).values_list("update_id", flat=True)
    assert list(retried) == [1, 3]


@pytest.mark.django_db(transaction=True)
def test_an_update_sent_twenty_times_at_once_has_one_effect(press: bot.Json) -> None:
    answers = bot.in_threads(20, lambda _number: bot.post(press))

    assert [answer.status_code for answer in answers] == [200] * 20
    bodies = [json.loads(answer.content) for answer in answers]
    assert len([body for body in bodies if body]) == 1
    assert Update.objects.count() == 1
    assert Decision.objects.count() == 1
    assert Event.objects.filter(action=Action.APPROVE).count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_presses_of_two_budget_holders_are_one_decision(company: Company) -> None:
    request = company.submitted()
    people = [company.boris, company.vera]
    presses = [
        bot.press(
            company.telegram_id(people[number % 2]),
            f"approve:{company.task(request, people[number % 2]).pk}",
        )
        for number in range(20)
    ]
    answers = bot.in_threads(20, lambda number: bot.post(presses[number]))

    decision = Decision.objects.get()
    assert Event.objects.filter(action=Action.APPROVE).count() == 1
    texts = [json.loads(answer.content)["text"] for answer in answers]
    already = [text for text in texts if decision.decided_by.get_short_name() in text]
    assert len(already) == 19
    assert len([text for text in texts if request.number in text]) == 1
    assert Update.objects.filter(error="").count() == 20


@pytest.fixture
def database_away(transactional_db: None) -> Iterator[None]:
    """The server has ended our session; a file is locked by another process."""
    rival = connection.copy()
    with connection.cursor() as ours, rival.cursor() as theirs:
        if connection.vendor == "postgresql":
            ours.execute("SELECT pg_backend_pid()")
            theirs.execute("SELECT pg_terminate_backend(%s)", ours.fetchone())
        else:
            ours.execute("PRAGMA busy_timeout = 1")
            theirs.execute("BEGIN IMMEDIATE")
    yield
    rival.close()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_telegram_is_asked_to_come_again(
    press: bot.Json, database_away: None
) -> None:
    response = bot.post(press)
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
