"""What the channel's tables forget by themselves, and what they keep."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth.models import UserToken
from telegrambot import pruning, tasks
from telegrambot.models import BulkApproval, Chat, SentMessage, TelegramFile, Update
from tests.company import TELEGRAM, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.known import known
from tests.telegrambot.sandbox import Sandbox
from treasury.models import RequesterConsent
from treasury.services import decisions

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
STRANGER = 4711


def ago(rule: str, more: timedelta = MINUTE) -> datetime:
    """A moment that is longer ago, by a minute, than the rule keeps."""
    return timezone.now() - settings.KEPT[rule] - more


def still(rule: str) -> datetime:
    return ago(rule, -MINUTE)


def prune(rule: str) -> int:
    return pruning.prune()[rule]


def update(number: int, **fields: Any) -> Update:
    payload = {"update_id": number, "message": {"text": "/help"}}
    return Update.objects.create(update_id=number, kind="message", payload=payload, **fields)


def test_a_payload_is_forgotten_some_time_after_it_was_handled() -> None:
    fresh = update(1, handled_at=still("payloads"), received_at=ago("payloads"))
    old = update(2, handled_at=ago("payloads"))
    secret = update(3, handled_at=ago("payloads"), removed="secret")
    failed = update(4, received_at=ago("payloads"), error="KeyError")
    assert prune("payloads") == 2
    assert prune("payloads") == 0
    for row in (fresh, old, secret, failed):
        row.refresh_from_db()
    assert fresh.payload
    assert failed.payload
    assert [(row.payload, row.removed) for row in (old, secret)] == [({}, "old")] * 2
    assert (old.update_id, old.kind) == (2, "message")


def test_updates_are_forgotten_in_the_end_also_those_that_failed() -> None:
    update(1, received_at=still("updates"), handled_at=timezone.now())
    update(2, received_at=ago("updates"), handled_at=ago("updates"))
    update(3, received_at=ago("updates"), error="KeyError")
    assert prune("updates") == 2
    assert Update.objects.get().update_id == 1


def test_a_repeat_is_still_known_without_its_payload(company: Company) -> None:
    bot.reply_to(said := bot.message(STRANGER, "/help"))
    Update.objects.update(handled_at=ago("payloads"))
    pruning.prune()
    assert bot.reply_to(said) == {}


def test_many_are_forgotten_in_small_steps_and_for_a_limited_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(7):
        update(number, received_at=ago("updates"))
    monkeypatch.setattr(pruning, "STEP", 2)
    monkeypatch.setattr(pruning, "SECONDS", -1.0)
    assert prune("updates") == 2
    assert list(Update.objects.order_by("pk").values_list("update_id", flat=True)) == [
        2,
        3,
        4,
        5,
        6,
    ]
    monkeypatch.setattr(pruning, "SECONDS", 60.0)
    assert prune("updates") == 5


@pytest.fixture
def chat(company: Company) -> Chat:
    return Chat.objects.get(telegram_id=company.telegram_id(company.boris))


def notice(chat: Chat, created_at: datetime, **fields: Any) -> SentMessage:
    return SentMessage.objects.create(
        chat=chat, kind="notice", text="…", created_at=created_at, **fields
    )


def test_notices_are_forgotten_but_for_one_that_still_asks(company: Company, chat: Chat) -> None:
    asked, given = (
        RequesterConsent.objects.create(requester=company.boris, author=author, given_at=moment)
        for author, moment in ((company.fedor, None), (company.gleb, timezone.now()))
    )
    kept = [notice(chat, still("notices")), notice(chat, ago("notices"), consent=asked)]
    notice(chat, ago("notices"), consent=given)
    notice(chat, ago("notices"), state="failed")
    assert prune("notices") == 2
    assert list(SentMessage.objects.order_by("id")) == kept


def test_what_one_person_has_seen_in_a_group_is_forgotten_when_his_app_has(
    company: Company,
) -> None:
    group, request = Chat.objects.get(telegram_id=company.group_chat), company.submitted()
    alone: dict[str, Any] = {"receiver_id": company.telegram_id(company.boris), "state": "sent"}
    kept = [
        notice(group, still("whispers"), **alone, form="ephemeral"),
        notice(group, ago("whispers")),
        # All can see it: somebody has to delete it by hand.
        notice(group, ago("whispers"), **{**alone, "state": "failed"}, form="text"),
    ]
    notice(group, ago("whispers"), **alone, form="ephemeral")
    notice(group, ago("whispers"), **{**alone, "state": "gone"})
    notice(group, ago("whispers"), **alone, request=request)
    assert prune("whispers") == 3
    assert list(SentMessage.objects.order_by("id")) == kept


def keep_messages(settings: LazySettings, how_long: timedelta) -> None:
    """The journal lets nobody make its entries older: the rule is made shorter."""
    settings.KEPT = {**settings.KEPT, "messages": how_long}


def test_messages_of_a_request_that_ended_long_ago_are_forgotten(
    company: Company, settings: LazySettings
) -> None:
    running, approved, declined = company.submitted(), company.approved(), company.submitted()
    task = company.task(declined, company.boris)
    decisions.decline(task=task, actor=company.boris, channel=TELEGRAM, reason="Нет средств")
    bot.project()
    known("0" * 64)
    of_running = set(running.messages.values_list("pk", flat=True))
    ended = approved.messages.count() + declined.messages.count()
    assert of_running
    assert ended

    keep_messages(settings, timedelta(0))
    assert prune("messages") == ended
    assert set(SentMessage.objects.values_list("pk", flat=True)) == of_running
    assert TelegramFile.objects.exists()


def test_the_id_of_a_file_that_nobody_has_sent_for_long_is_forgotten() -> None:
    known("0" * 64, used_at=ago("files"))
    used = known("1" * 64, used_at=still("files"))
    assert prune("files") == 1
    assert TelegramFile.objects.get() == used


@pytest.mark.parametrize("apart", [timedelta(seconds=1), timedelta(0)])
def test_what_is_old_and_needed_is_not_in_the_way_of_what_is_behind_it(
    company: Company, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, apart: timedelta
) -> None:
    """However much of it there is, and if all of it is of one moment."""
    running, approved = company.submitted(), company.approved()
    bot.project()
    needed, needless = running.messages.count(), approved.messages.count()
    keep_messages(settings, timedelta(0))
    long_ago = timezone.now() - timedelta(days=900)
    in_turn = SentMessage.objects.order_by("request_id", "pk").values_list("pk", flat=True)
    for number, key in enumerate(in_turn):
        SentMessage.objects.filter(pk=key).update(created_at=long_ago + number * apart)
    monkeypatch.setattr(pruning, "STEP", 2)
    assert needed > pruning.STEP
    assert prune("messages") == needless
    assert SentMessage.objects.count() == running.messages.count() == needed


def test_messages_are_kept_for_a_while_after_the_last_event_and_after_they_were_sent(
    company: Company, settings: LazySettings
) -> None:
    approved = company.approved()
    bot.project()
    SentMessage.objects.update(created_at=ago("messages"))
    assert prune("messages") == 0
    keep_messages(settings, timedelta(hours=1))
    SentMessage.objects.update(created_at=still("messages"))
    assert prune("messages") == 0
    assert approved.messages.exists()


def test_a_press_on_a_forgotten_card_is_answered_and_brings_it_to_the_newest_state(
    telegram: Sandbox, company: Company, settings: LazySettings
) -> None:
    request = lanes.submit(company)
    card = lanes.delivered(lanes.card(company, request))
    boris, task = company.telegram_id(company.boris), company.task(request, company.boris)
    for person in (company.vera, company.fedor, company.tamara):
        company.approve(request, person)
    bot.project()
    keep_messages(settings, timedelta(0))
    pruning.prune()
    assert not request.messages.exists()

    pressed = bot.press(boris, f"approve:{task.pk}", message_id=card.message_id or 0)
    assert "В. Лебедева" in bot.reply_to(pressed)["text"]
    again = lanes.delivered(lanes.card(company, request))
    assert again.message_ids == card.message_ids
    assert "approve" not in str(telegram.messages(boris)[-1].get("reply_markup"))

    for verb in ("details", "documents"):
        pressed = bot.press(boris, f"{verb}:{request.pk}", message_id=card.message_id or 0)
        assert bot.reply_to(pressed)["method"] == "answerCallbackQuery"
    lanes.deliver(again.chat_id)
    assert len(telegram.messages(boris)) > 1


def stranger(heard_at: datetime, telegram_id: int = STRANGER, **fields: Any) -> Chat:
    fields = {"kind": "private", "title": "Имя", **fields}
    return Chat.objects.create(telegram_id=telegram_id, heard_at=heard_at, **fields)


def test_the_chat_of_a_stranger_is_forgotten_with_what_it_was_told(company: Company) -> None:
    Chat.objects.update(heard_at=ago("strangers"))
    known = set(Chat.objects.values_list("pk", flat=True))
    talking = stranger(still("strangers"), 1)
    blocked = stranger(ago("strangers"), 2, state="blocked")
    notice(blocked, ago("strangers"))
    told = stranger(ago("strangers"), 3)
    notice(told, still("strangers"))
    assert prune("strangers") == 1
    assert set(Chat.objects.values_list("pk", flat=True)) == known | {talking.pk, told.pk}


def test_whoever_has_signed_out_lately_or_has_cards_is_no_stranger(
    company: Company, chat: Chat
) -> None:
    Chat.objects.update(heard_at=ago("strangers"))
    tie = UserToken.objects.filter(employee=company.boris)
    tie.update(revoked_at=still("strangers"))
    assert prune("strangers") == 0
    tie.update(revoked_at=ago("strangers"))
    lanes.submit(company)
    card = SentMessage.objects.create(
        chat=chat, kind="details", request=company.draft(), created_at=ago("strangers")
    )
    assert prune("strangers") == 0
    card.delete()
    assert prune("strangers") == 1
    assert not Chat.objects.filter(pk=chat.pk).exists()


def test_a_group_of_strangers_that_has_removed_the_bot_is_forgotten(company: Company) -> None:
    Chat.objects.update(heard_at=ago("strangers"), state="removed")
    known = set(Chat.objects.values_list("pk", flat=True))
    talk = {"kind": "supergroup", "state": "removed"}
    kept = [
        stranger(still("strangers"), -1, **talk),
        stranger(ago("strangers"), -2, **{**talk, "state": "active"}),
        bound := stranger(ago("strangers"), -3, **talk),
        of_department := stranger(ago("strangers"), -7, **talk),
        with_card := stranger(ago("strangers"), -4, **talk),
    ]
    bound.organizations.add(company.organization)
    of_department.departments.add(company.department)
    SentMessage.objects.create(
        chat=with_card, kind="announcement", request=company.draft(), created_at=ago("strangers")
    )
    forgotten = [stranger(ago("strangers"), -5, **talk)]
    forgotten += [stranger(ago("strangers"), -6, kind="channel", state="removed")]
    notice(forgotten[0], ago("strangers"))
    assert prune("strangers") == len(forgotten)
    assert set(Chat.objects.values_list("pk", flat=True)) == known | {chat.pk for chat in kept}


def test_a_stranger_who_speaks_again_is_heard(company: Company) -> None:
    chat = stranger(ago("strangers"))
    bot.post(bot.message(STRANGER, "/start"))
    assert prune("strangers") == 0
    assert Chat.objects.filter(pk=chat.pk).exists()
    Chat.objects.filter(pk=chat.pk).delete()
    bot.post(bot.message(STRANGER, "/start"))
    assert Chat.objects.filter(telegram_id=STRANGER).exists()


def test_the_worker_logs_how_many_of_what(
    caplog: pytest.LogCaptureFixture, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    update(1, received_at=ago("updates"))
    with caplog.at_level(logging.INFO, logger="telegrambot.pruning"):
        tasks.prune()
    assert "pruned: payloads=0 updates=1 notices=0 messages=0 whispers=0 " in caplog.text


def test_a_rule_that_fails_stops_no_other(
    company: Company, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    trigger = "CREATE TRIGGER stuck BEFORE DELETE ON telegrambot_update FOR EACH ROW"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'stuck'; END$$"
            )
            cursor.execute(f"{trigger} EXECUTE FUNCTION stuck()")
        else:
            cursor.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, 'stuck'); END")
    update(1, received_at=ago("updates"))
    notice(chat, ago("notices"))
    assert prune("notices") == 1
    assert "cannot prune: updates" in caplog.text


def test_what_was_approved_by_one_tap_is_forgotten(company: Company, chat: Chat) -> None:
    for created_at in (ago("bulk"), still("bulk")):
        BulkApproval.objects.create(
            chat=chat, employee=company.boris, told=[], created_at=created_at
        )
    assert prune("bulk") == 1


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("payloads", "update_with_payload"),
        ("updates", "update_by_received"),
        ("notices", "message_by_age_told"),
        ("messages", "message_by_age_of_request"),
        ("whispers", "message_by_age_seen_alone"),
        ("strangers", "chat_by_heard"),
        ("bulk", "bulk_approval_by_age"),
    ],
)
def test_no_rule_reads_a_whole_table(name: str, index: str) -> None:
    rule = next(rule for rule in pruning.RULES if rule.name == name)
    if connection.vendor == "sqlite":
        # It sees no condition in a parameter, and a table of a small company is small.
        assert "SCAN" not in rule.old(timezone.now()).explain() or name == "payloads"
        return
    with connection.cursor() as cursor:
        # So few rows are read as fast without an index; whether it serves is the question.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    old = rule.old(timezone.now())
    for step in (old, old.filter(rule.behind(ago(name), 7))):
        plan = step[: pruning.STEP].explain()
        assert index in plan
        # Those of one moment alone are sorted.
        assert "Sort" not in plan or f"Presorted Key: {rule.age}" in plan


def test_more_of_one_rule_costs_no_more_queries(company: Company, chat: Chat) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            pruning.prune()
        return len(asked)

    notice(chat, ago("notices"))
    few = queries()
    for _ in range(20):
        notice(chat, ago("notices"))
    assert queries() == few
    assert not SentMessage.objects.exists()
