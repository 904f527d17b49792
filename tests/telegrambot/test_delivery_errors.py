"""Whatever Telegram answers: a message ends at its newest state, or has visibly failed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.utils import timezone

from telegrambot import chats, client, delivery
from telegrambot.models import Chat, SentMessage, TelegramFile
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import lanes
from tests.telegrambot.bot import project
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest

State = SentMessage.State
Form = SentMessage.Form


@pytest.fixture
def request_(telegram: Sandbox, company: Company) -> PaymentRequest:
    return lanes.submit(company)


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


@pytest.fixture
def card(company: Company, request_: PaymentRequest) -> SentMessage:
    """Not sent yet."""
    return lanes.card(company, request_)


@pytest.fixture
def sent(card: SentMessage) -> SentMessage:
    return lanes.delivered(card)


def in_seconds(moment: datetime | None) -> float:
    assert moment
    return (moment - timezone.now()).total_seconds()


def texts(telegram: Sandbox, chat_id: int) -> list[str]:
    return [seen.get("text") or seen["caption"] for seen in telegram.messages(chat_id)]


# Waiting and trying again.


def test_a_flood_wait_is_kept_by_the_whole_chat(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    lanes.submit(company)
    telegram.fail("retry_after", chat_id=boris, seconds=17)
    assert delivery.deliver(card.chat_id) == 17
    message = lanes.fresh(card)
    assert 16 < in_seconds(message.chat.not_before) <= 17
    assert (message.state, message.attempts) == (State.PENDING, 0)

    assert delivery.deliver(card.chat_id) is None
    assert len(telegram.calls("sendMessage", chat_id=boris)) == 1
    assert lanes.delivered(lanes.due_again(card)).state == State.SENT


def test_a_flood_wait_stops_no_other_chat(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    telegram.fail("retry_after", chat_id=boris, seconds=17)
    delivery.deliver(card.chat_id)
    vera = company.telegram_id(company.vera)
    delivery.deliver(Chat.objects.get(telegram_id=vera).pk)
    assert len(telegram.messages(vera)) == 1


def test_trouble_at_telegram_is_tried_again_later_and_later(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, count=4, error_code=500)
    waits = []
    for _ in range(4):
        message = lanes.delivered(lanes.due_again(card))
        waits.append(round(in_seconds(message.not_before)))
        assert message.state == State.PENDING
        assert "Internal Server Error" in message.error
    assert waits == [2, 4, 8, 16]

    message = lanes.delivered(lanes.due_again(card))
    assert (message.state, message.error, message.attempts) == (State.SENT, "", 0)
    assert len(telegram.messages(boris)) == 1


def test_trouble_with_one_message_does_not_stop_the_next(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    other = lanes.submit(company)
    telegram.fail("error", chat_id=boris, error_code=500)
    lanes.delivered(card)
    (text,) = texts(telegram, boris)
    assert other.number in text


def test_no_wait_is_longer_than_five_minutes_and_the_last_try_is_the_twelfth(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, count=12, error_code=500)
    for _ in range(11):
        message = lanes.delivered(lanes.due_again(card))
    assert in_seconds(message.not_before) <= 300
    assert message.state == State.PENDING
    message = lanes.delivered(lanes.due_again(card))
    assert message.state == State.FAILED
    assert "Internal Server Error" in message.error


def test_a_dead_network_never_makes_a_message_fail(
    telegram: Sandbox, card: SentMessage, boris: int, settings: LazySettings
) -> None:
    reachable = telegram.url
    settings.TELEGRAM_API_URL = "http://127.0.0.1:1"
    for _ in range(15):
        message = lanes.delivered(lanes.due_again(card))
        assert message.state == State.PENDING
    assert "Connection refused" in message.error
    assert 60 < in_seconds(message.chat.not_before) <= 300

    settings.TELEGRAM_API_URL = reachable
    telegram.fail("error", chat_id=boris, error_code=500)
    assert lanes.delivered(lanes.due_again(card)).state == State.PENDING
    assert lanes.delivered(lanes.due_again(card)).state == State.SENT
    assert len(telegram.messages(boris)) == 1


def test_a_wrong_token_waits_as_a_dead_network_does(
    telegram: Sandbox, card: SentMessage, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_TOKEN = "123456:wrong"
    message = lanes.delivered(card)
    assert (message.state, message.error) == (State.PENDING, "Unauthorized")
    assert in_seconds(message.chat.not_before) > 0


# The answer was lost.


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUTS", (1, 0.3))


@pytest.mark.usefixtures("impatient")
def test_a_lost_answer_costs_one_copy_at_the_most(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    telegram.fail("hang_after", chat_id=boris, seconds=1)
    message = lanes.delivered(card)
    assert message.state == State.UNKNOWN
    assert 29 < in_seconds(message.not_before) <= 30
    comment = lanes.change(company, request_)
    assert lanes.delivered(card).state == State.UNKNOWN

    message = lanes.delivered(lanes.due_again(card))
    copy, lasting = telegram.messages(boris)
    assert message.state == State.SENT
    assert message.message_ids == [lasting["message_id"]]
    assert comment in lasting["text"]
    assert copy["edits"] == 0

    comment = lanes.change(company, request_)
    lanes.delivered(card)
    assert comment in texts(telegram, boris)[1]
    assert len(telegram.messages(boris)) == 2


def test_an_answer_lost_again_is_given_much_longer(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("drop_after", chat_id=boris, count=2)
    lanes.delivered(card)
    message = lanes.delivered(lanes.due_again(card))
    assert message.state == State.UNKNOWN
    assert in_seconds(message.not_before) > 600


def test_an_edit_without_an_answer_is_simply_repeated(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    comment = lanes.change(company, request_)
    telegram.fail("drop_after", chat_id=boris)
    message = lanes.delivered(sent)
    assert message.state == State.SENT
    assert message.shown < message.wanted

    message = lanes.delivered(lanes.due_again(sent))
    assert message.shown == message.wanted
    (seen,) = telegram.messages(boris)
    assert comment in seen["text"]
    assert seen["edits"] == 1


def test_an_edit_taken_back_after_a_lost_answer_is_edited_back(
    telegram: Sandbox, company: Company, sent: SentMessage, boris: int
) -> None:
    before = texts(telegram, boris)
    request = PaymentRequest.objects.get(messages=sent)
    lanes.change(company, request)
    telegram.fail("drop_after", chat_id=boris)
    lanes.delivered(sent)
    assert texts(telegram, boris) != before

    lanes.change(company, request, comment="Срочная поставка")
    lanes.delivered(lanes.due_again(sent))
    assert texts(telegram, boris) == before


# What happened to the message.


def test_an_edit_that_changes_nothing_is_a_success(
    telegram: Sandbox, sent: SentMessage, boris: int
) -> None:
    SentMessage.objects.filter(pk=sent.pk).update(shown_hash="", wanted=sent.wanted + 1)
    message = lanes.delivered(sent)
    assert telegram.calls("editMessageText", chat_id=boris)[-1]["error_code"] == 400
    assert (message.state, message.shown) == (State.SENT, message.wanted)


def test_a_deleted_card_that_awaits_a_decision_comes_again(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    telegram.post(f"/control/chats/{boris}/delete_message", message_id=sent.message_id)
    comment = lanes.change(company, request_)
    message = lanes.delivered(sent)
    (seen,) = telegram.messages(boris)
    assert comment in seen["text"]
    assert message.message_ids == [seen["message_id"]] != sent.message_ids


def test_a_deleted_card_of_a_decided_task_has_failed(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    telegram.post(f"/control/chats/{boris}/delete_message", message_id=sent.message_id)
    company.approve(request_, company.boris)
    project()
    message = lanes.delivered(sent)
    assert message.state == State.FAILED
    assert message.error == "Bad Request: message to edit not found"
    assert telegram.messages(boris) == []


def test_a_message_that_cannot_be_edited_is_followed_by_a_new_one(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    comment = lanes.change(company, request_)
    refusal = {"error_code": 400, "description": "Bad Request: message can't be edited"}
    telegram.fail("error", method="editMessageText", **refusal)
    message = lanes.delivered(sent)
    old, new = telegram.messages(boris)
    assert comment not in old["text"]
    assert comment in new["text"]
    assert message.message_ids == [new["message_id"]]


def test_markup_that_telegram_cannot_parse_is_sent_as_plain_text(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    description = "Bad Request: can't parse entities: Unsupported start tag"
    telegram.fail("error", chat_id=boris, error_code=400, description=description)
    assert lanes.delivered(card).state == State.SENT
    (seen,) = telegram.messages(boris)
    assert "<b>" not in seen["text"]
    assert "«Северсталь»" in seen["text"]
    assert "entities" not in seen
    assert seen["reply_markup"]


def test_an_album_whose_markup_is_refused_keeps_its_words(
    telegram: Sandbox, company: Company
) -> None:
    request = lanes.submit(company, documents=3)
    description = "Bad Request: can't parse entities: Unsupported start tag"
    telegram.fail("error", method="sendMediaGroup", error_code=400, description=description)
    lanes.delivered(lanes.announcement(request))
    last = telegram.messages(GROUP_CHAT)[-1]
    assert request.number in last["caption"]
    assert "<b>" not in last["caption"]


def test_a_forgotten_file_id_is_uploaded_again(telegram: Sandbox, request_: PaymentRequest) -> None:
    document = request_.documents.get()
    TelegramFile.objects.create(sha256=document.sha256, file_id="BQACAgIAAxkBAAIBY2")
    announcement = lanes.announcement(request_)
    assert lanes.delivered(announcement).state == State.PENDING
    assert lanes.delivered(lanes.due_again(announcement)).state == State.SENT
    (seen,) = telegram.messages(GROUP_CHAT)
    assert seen["document"]["file_size"] == document.size
    assert TelegramFile.objects.get().file_id == seen["document"]["file_id"]


def test_what_telegram_refuses_for_good_has_failed(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    description = "Bad Request: BUTTON_DATA_INVALID"
    telegram.fail("error", chat_id=boris, error_code=400, description=description)
    message = lanes.delivered(card)
    assert (message.state, message.error) == (State.FAILED, description)
    assert delivery.deliver(card.chat_id) is None


def test_a_failed_message_can_be_tried_again(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, error_code=400, description="Bad Request: strange")
    lanes.delivered(card)
    assert chats.retry(SentMessage.objects.filter(pk=card.pk)) == 1
    assert lanes.delivered(card).state == State.SENT


# What happened to the chat.


def failed(messages: Iterable[SentMessage]) -> bool:
    return all(message.state == State.FAILED for message in messages)


def test_a_person_who_blocked_the_bot_is_seen_and_gets_everything_after_unblocking(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    lanes.submit(company)
    telegram.post(f"/client/people/{boris}/block")
    chat = lanes.delivered(card).chat
    assert chat.state == Chat.State.BLOCKED
    assert chat.state_reason == "Forbidden: bot was blocked by the user"
    assert failed(chat.messages.all())
    assert len(telegram.calls("sendMessage", chat_id=boris)) == 1

    telegram.post(f"/client/people/{boris}/unblock")
    chats.revive(chat)
    delivery.deliver(chat.pk)
    assert len(telegram.messages(boris)) == 2


def test_a_revived_chat_goes_on_editing_what_it_had(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    lanes.change(company, request_)
    chats.close(sent.chat, Chat.State.BLOCKED, "kicked")
    assert lanes.fresh(sent).state == State.FAILED
    chats.revive(sent.chat)
    assert lanes.fresh(sent).state == State.SENT
    lanes.delivered(sent)
    (seen,) = telegram.messages(boris)
    assert seen["edits"] == 1


def test_a_chat_that_was_never_lost_is_left_alone_by_a_revival(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, error_code=400, description="Bad Request: strange")
    message = lanes.delivered(card)
    chats.revive(message.chat)
    assert lanes.fresh(card).state == State.FAILED


def test_a_group_that_removed_the_bot_is_seen(telegram: Sandbox, request_: PaymentRequest) -> None:
    telegram.post(f"/control/chats/{GROUP_CHAT}/kick")
    message = lanes.delivered(lanes.announcement(request_))
    assert message.chat.state == Chat.State.REMOVED
    assert message.state == State.FAILED


@pytest.mark.parametrize(
    ("code", "description", "state"),
    [
        (403, "Forbidden: user is deactivated", Chat.State.DEACTIVATED),
        (403, "Forbidden: bot can't initiate conversation with a user", Chat.State.NOT_STARTED),
        (403, "Forbidden: the group chat was deleted", Chat.State.REMOVED),
        (400, "Bad Request: chat not found", Chat.State.NOT_FOUND),
        (400, "Bad Request: not enough rights to send text messages to the chat", "restricted"),
    ],
)
def test_a_lost_chat_says_why(
    telegram: Sandbox, card: SentMessage, boris: int, code: int, description: str, state: str
) -> None:
    telegram.fail("error", chat_id=boris, error_code=code, description=description)
    message = lanes.delivered(card)
    assert message.chat.state == state
    assert message.chat.state in Chat.State.values
    assert (message.state, message.error) == (State.FAILED, description)


@pytest.fixture
def small_group(telegram: Sandbox, company: Company) -> Chat:
    """The company's announcements go to a group that may still become a supergroup."""
    chat_id = -4002 - len(telegram.get("/control/chats"))
    telegram.put_group(chat_id, company.telegram_id(company.boris), kind="group")
    Chat.objects.filter(telegram_id=GROUP_CHAT).update(telegram_id=chat_id, kind=Chat.Kind.GROUP)
    return Chat.objects.get(telegram_id=chat_id)


def announced(chat: Chat) -> SentMessage:
    return chat.messages.get(purpose=SentMessage.Purpose.ANNOUNCEMENT)


def test_a_group_that_became_a_supergroup_is_followed(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    new_id = telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")["new_chat_id"]
    request = lanes.submit(company)
    message = lanes.delivered(announced(small_group))
    assert (message.chat.telegram_id, message.chat.kind) == (new_id, Chat.Kind.SUPERGROUP)
    assert message.state == State.SENT
    (text,) = texts(telegram, new_id)
    assert request.number in text


def test_old_messages_of_a_migrated_group_are_sent_anew(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    request = lanes.submit(company)
    announcement = lanes.delivered(announced(small_group))
    new_id = telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")["new_chat_id"]
    chats.migrate(small_group, new_id)
    comment = lanes.change(company, request)
    message = lanes.delivered(announcement)
    (seen,) = telegram.messages(new_id)
    assert comment in seen["caption"]
    assert seen["document"]
    assert message.message_ids == [seen["message_id"]]


def test_a_migration_that_is_heard_of_twice_happens_once(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    new_id = telegram.post(f"/control/chats/{small_group.telegram_id}/migrate")["new_chat_id"]
    lanes.submit(company)
    message = lanes.delivered(announced(small_group))
    chats.migrate(small_group, new_id)
    assert lanes.fresh(message).message_ids == message.message_ids != []


def test_a_supergroup_met_before_its_past_is_merged_with_it(
    telegram: Sandbox, company: Company, small_group: Chat
) -> None:
    twin = Chat.objects.create(
        telegram_id=-1009999, kind=Chat.Kind.SUPERGROUP, organization=company.organization
    )
    both = lanes.submit(company)
    Chat.objects.filter(pk=small_group.pk).update(organization=None)
    only_twin = lanes.submit(company)
    chats.migrate(small_group, -1009999)
    (chat,) = Chat.objects.filter(telegram_id=-1009999)
    assert chat.pk == small_group.pk
    assert not Chat.objects.filter(pk=twin.pk).exists()
    assert {message.request_id for message in chat.messages.all()} == {both.pk, only_twin.pk}


def test_a_pause_of_the_chat_is_over_when_it_is_over(telegram: Sandbox, card: SentMessage) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Chat.objects.filter(pk=card.chat_id).update(not_before=past)
    assert lanes.delivered(card).state == State.SENT
