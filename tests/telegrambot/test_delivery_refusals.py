"""What Telegram refuses to send or to edit: it is done otherwise, or has visibly failed."""

from collections.abc import Iterator

import pytest

from telegrambot.delivery import chats
from telegrambot.models import Chat, SentMessage, TelegramFile
from tests.admin.conftest import browse
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.bot import address, project
from tests.telegrambot.known import known
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest

State = SentMessage.State


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


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


def test_a_deleted_card_of_a_decided_task_is_gone(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    telegram.post(f"/control/chats/{boris}/delete_message", message_id=sent.message_id)
    company.approve(request_, company.boris)
    project()
    message = lanes.delivered(sent)
    assert (message.state, message.is_behind) == (State.GONE, False)
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
    known(document.sha256, file_id="BQACAgIAAxkBAAIBY2")
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
    assert lanes.deliver(card.chat_id) is None


def test_a_failed_message_can_be_tried_again(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    telegram.fail("error", chat_id=boris, error_code=400, description="Bad Request: strange")
    lanes.delivered(card)
    assert SentMessage.objects.filter(pk=card.pk).retry() == 1
    assert lanes.delivered(card).state == State.SENT


def test_a_group_that_takes_no_files_gets_the_text(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    refused = "Bad Request: not enough rights to send documents to the chat"
    telegram.fail("error", chat_id=GROUP_CHAT, error_code=400, description=refused)
    message = lanes.delivered(lanes.announcement(request_))
    assert (message.state, message.form) == (State.SENT, "text")
    assert message.chat.state == Chat.State.ACTIVE
    [seen] = telegram.messages(GROUP_CHAT)
    assert request_.number in seen["text"]
    assert address(request_) in str(seen["reply_markup"])


@pytest.fixture
def refused(telegram: Sandbox, company: Company) -> Iterator[SentMessage]:
    """The further documents of a request in approval, in a group where the bot sends none."""
    group = f"/control/chats/{GROUP_CHAT}"
    telegram.post(f"{group}/permissions", without=["can_send_documents"])
    request = lanes.submit(company, documents=3)
    lanes.deliver(lanes.announcement(request).chat_id)
    yield SentMessage.objects.get(kind="documents")
    # The next test finds the same group.
    telegram.post(f"{group}/members", status="member")
    telegram.post(f"{group}/permissions", without=[])


def uploads(telegram: Sandbox) -> int:
    return len([*telegram.calls("sendDocument"), *telegram.calls("sendMediaGroup")])


def test_documents_that_a_group_does_not_take_rest_and_tell_why(
    telegram: Sandbox, company: Company, refused: SentMessage
) -> None:
    assert (refused.state, refused.is_behind) == (State.PENDING, False)
    assert refused.error == "Bad Request: not enough rights to send documents to the chat"


def test_changes_offer_a_group_once_what_it_does_not_take(
    telegram: Sandbox, company: Company, refused: SentMessage
) -> None:
    # The first one as well, of which the announcement was sent without.
    assert refused.request
    lanes.change(company, refused.request)
    lanes.deliver(refused.chat_id)
    offered = uploads(telegram)
    for _change in range(3):
        lanes.change(company, refused.request)
        lanes.deliver(refused.chat_id)
    assert uploads(telegram) == offered
    assert not SentMessage.objects.filter(chat=refused.chat_id, state=State.FAILED).exists()


def test_a_group_gets_its_documents_when_the_bot_has_other_rights(
    telegram: Sandbox, company: Company, refused: SentMessage
) -> None:
    place = {"status": "administrator", "rights": []}
    telegram.post(f"/control/chats/{GROUP_CHAT}/members", **place)
    group = {"id": GROUP_CHAT, "type": "supergroup", "title": "Г"}
    bot.reply_to(bot.update(my_chat_member={"chat": group, "new_chat_member": place}))
    message = lanes.delivered(refused)
    assert (message.state, message.error) == (State.SENT, "")
    assert len(message.message_ids) == len(refused.documents)


def test_a_group_that_is_found_again_is_offered_its_documents(
    telegram: Sandbox, company: Company, refused: SentMessage
) -> None:
    telegram.post(f"/control/chats/{GROUP_CHAT}/permissions", without=[])
    chats.close(refused.chat, Chat.State.REMOVED, "kicked")
    chats.revive(lanes.fresh(refused).chat)
    assert lanes.delivered(refused).state == State.SENT


@pytest.mark.parametrize("state", [Chat.State.ACTIVE, Chat.State.RESTRICTED])
def test_an_administrator_offers_a_group_what_it_has_refused(
    telegram: Sandbox, company: Company, refused: SentMessage, state: str
) -> None:
    telegram.post(f"/control/chats/{GROUP_CHAT}/permissions", without=[])
    Chat.objects.filter(pk=refused.chat_id).update(state=state)
    answer = browse(company.gleb, "Администратор").post(
        "/admin/telegrambot/chat/",
        {"action": "retry", "_selected_action": [refused.chat_id]},
        follow=True,
    )
    assert "with documents that were refused" in answer.content.decode()
    message = lanes.delivered(refused)
    assert (message.state, message.error) == (State.SENT, "")


def test_what_has_ended_is_not_offered_again(
    telegram: Sandbox, company: Company, refused: SentMessage
) -> None:
    assert refused.request
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(refused.request, person)
    assert chats.offer_documents(refused.chat) == 0


def test_documents_that_somebody_has_asked_for_fail_once_and_are_not_sent_at_each_change(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage, boris: int
) -> None:
    bot.reply_to(bot.press(boris, f"documents:{request_.pk}"))
    large = {"error_code": 413, "description": "Request Entity Too Large"}
    telegram.fail("error", chat_id=boris, method="sendDocument", **large)
    asked = lanes.delivered(sent.chat.messages.get(kind="documents"))
    assert asked.state == State.FAILED
    lanes.change(company, request_)
    assert lanes.delivered(asked).state == State.FAILED
    assert SentMessage.objects.filter(pk=asked.pk).retry() == 1
    assert lanes.delivered(asked).state == State.SENT
