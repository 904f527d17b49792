"""A message is sent once, follows every change, and looks as the request does now."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from telegrambot.delivery import results
from telegrambot.models import Chat, SentMessage, TelegramFile
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import lanes
from tests.telegrambot.bot import project
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest
from treasury.services import requests

State = SentMessage.State
Form = SentMessage.Form


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


def test_a_card_is_sent_and_remembered(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    message = lanes.delivered(lanes.card(company, request_))
    (seen,) = telegram.messages(boris)
    assert request_.number in seen["text"]
    assert seen["reply_markup"]["inline_keyboard"]
    assert message.message_ids == [seen["message_id"]]
    assert (message.form, message.state, message.shown) == (Form.TEXT, State.SENT, message.wanted)
    assert (message.attempts, message.error) == (0, "")
    assert message.sent_at
    assert not message.edited_at


def test_a_change_is_an_edit_of_the_same_message(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    card = lanes.delivered(lanes.card(company, request_))
    comment = lanes.change(company, request_)
    message = lanes.delivered(card)
    (seen,) = telegram.messages(boris)
    assert comment in seen["text"]
    assert seen["reply_markup"]["inline_keyboard"]
    assert message.message_ids == card.message_ids
    assert message.edited_at


def test_five_changes_are_one_edit(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    card = lanes.delivered(lanes.card(company, request_))
    comments = [lanes.change(company, request_) for _ in range(5)]
    message = lanes.delivered(card)
    (seen,) = telegram.messages(boris)
    assert comments[-1] in seen["text"]
    assert seen["edits"] == 1
    assert message.shown == message.wanted == card.wanted + 5


def test_what_looks_the_same_is_not_sent_again(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    card = lanes.delivered(lanes.card(company, request_))
    SentMessage.objects.filter(pk=card.pk).refresh()
    message = lanes.delivered(card)
    assert message.shown == message.wanted
    assert telegram.calls("editMessageText") == []


def test_a_second_run_finds_nothing_to_do(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    card = lanes.delivered(lanes.card(company, request_))
    assert lanes.deliver(card.chat_id) is None
    assert len(telegram.calls("sendMessage")) == 1


def test_messages_of_a_chat_keep_their_order(
    telegram: Sandbox, company: Company, boris: int
) -> None:
    numbers = [lanes.submit(company).number for _ in range(4)]
    lanes.deliver(Chat.objects.get(telegram_id=boris).pk)
    shown = telegram.messages(boris)
    assert [number in seen["text"] for number, seen in zip(numbers, shown, strict=True)] == [
        True
    ] * 4


def test_a_card_that_came_too_late_is_not_sent(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    company.approve(request_, company.vera)
    project()
    message = lanes.delivered(lanes.card(company, request_))
    assert telegram.messages(boris) == []
    assert message.shown == message.wanted


def test_the_announcement_carries_the_document(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    message = lanes.delivered(lanes.announcement(request_))
    (seen,) = telegram.messages(GROUP_CHAT)
    assert seen["document"]["file_name"] == "Счёт 1.pdf"
    assert request_.number in seen["caption"]
    assert message.form == Form.CAPTION


def test_the_caption_under_a_document_follows_the_request(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    announcement = lanes.delivered(lanes.announcement(request_))
    comment = lanes.change(company, request_)
    lanes.delivered(announcement)
    (seen,) = telegram.messages(GROUP_CHAT)
    assert comment in seen["caption"]
    assert seen["document"]
    assert seen["reply_markup"]["inline_keyboard"]


def test_further_documents_are_an_album_that_is_never_edited(
    telegram: Sandbox, company: Company
) -> None:
    request = lanes.submit(company, documents=4)
    lanes.deliver(lanes.announcement(request).chat_id)
    album = SentMessage.objects.get(request=request, kind="documents")
    assert album.form == Form.ALBUM
    names = [seen["document"]["file_name"] for seen in telegram.messages(GROUP_CHAT)]
    assert names == [f"Счёт {number}.pdf" for number in range(1, 5)]
    assert len(album.message_ids) == 3

    SentMessage.objects.filter(pk=album.pk).update(wanted=2, shown_hash="")
    assert lanes.delivered(album).shown == 2
    assert len(telegram.messages(GROUP_CHAT)) == 4


def test_a_document_is_uploaded_once_for_all_groups(telegram: Sandbox, company: Company) -> None:
    second = -1001000000002
    telegram.put_group(second, company.telegram_id(company.boris))
    company.further_group(second)
    lanes.submit(company, documents=3)
    for chat in company.organization.chats.all():
        lanes.deliver(chat.pk)
    assert TelegramFile.objects.count() == 3
    for chat_id in (GROUP_CHAT, second):
        assert len(telegram.messages(chat_id)) == 3
    uploads = ["document0" in call["params"] for call in telegram.calls("sendDocument")]
    assert uploads == [True, False]
    uploads = ["document0" in call["params"] for call in telegram.calls("sendMediaGroup")]
    assert uploads == [True, False]


def test_a_document_added_later_follows(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    announcement = lanes.delivered(lanes.announcement(request_))
    file = ContentFile(b"%PDF-1.4 more", name="Акт.pdf")
    requests.attach(request=request_, actor=company.anna, channel=ADMIN, file=file)
    project()
    lanes.deliver(announcement.chat_id)
    seen = telegram.messages(GROUP_CHAT)
    assert [item["document"]["file_name"] for item in seen] == ["Счёт 1.pdf", "Акт.pdf"]


def test_a_document_that_the_storage_lost_is_tried_again_and_then_failed(
    telegram: Sandbox, company: Company, request_: PaymentRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "ATTEMPTS", 2)
    request_.documents.get().file.delete(save=False)
    message = lanes.delivered(lanes.announcement(request_))
    assert (message.state, message.attempts) == (State.PENDING, 1)
    message = lanes.delivered(lanes.due_again(message))
    assert message.state == State.FAILED
    assert "FileNotFoundError" in message.error
    assert telegram.calls("sendDocument") == []


def test_what_cannot_be_rendered_does_not_stop_the_others(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    broken = lanes.card(company, request_)
    other = lanes.submit(company)
    # Its stage is of a kind that this version does not know.
    request_.stages.filter(position=1).update(state="strange")
    assert lanes.delivered(broken).state == State.FAILED
    assert "strange" in lanes.fresh(broken).error
    (seen,) = telegram.messages(boris)
    assert other.number in seen["text"]


def test_a_message_whose_time_has_not_come_waits(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    card = lanes.card(company, request_)
    soon = timezone.now() + timedelta(seconds=30)
    SentMessage.objects.filter(pk=card.pk).update(not_before=soon)
    assert lanes.delivered(card).state == State.PENDING
    assert telegram.messages(boris) == []
