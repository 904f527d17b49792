"""A copy of a card, of which the answer was lost, is taken into care when it is pressed."""

import pytest

from telegrambot.models import SentMessage
from tests.company import Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest
from treasury.workflow import Status

State = SentMessage.State


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


def pressed(company: Company, request: PaymentRequest, message_id: int) -> str:
    task = company.task(request, company.boris)
    boris = company.telegram_id(company.boris)
    answer = bot.reply_to(bot.press(boris, f"approve:{task.pk}", message_id=message_id))
    bot.project()
    return str(answer["text"])


def test_the_first_press_under_a_copy_brings_it_to_the_newest_state(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    telegram.fail("drop_after", chat_id=boris)
    lanes.delivered(card)
    lanes.delivered(lanes.due_again(card))
    copy, known = telegram.messages(boris)
    pressed(company, request_, copy["message_id"])
    lanes.delivered(card)
    for message in telegram.messages(boris):
        assert "approve" not in str(message.get("reply_markup"))
    assert copy["message_id"] != known["message_id"]

    comment = lanes.change(company, request_)
    lanes.delivered(card)
    assert all(comment in text for text in lanes.texts(telegram, boris))


def test_a_card_whose_answers_were_all_lost_is_known_by_its_press(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    telegram.fail("drop_after", chat_id=boris, count=2)
    lanes.delivered(card)
    assert lanes.delivered(lanes.due_again(card)).state == State.UNKNOWN
    first, _second = telegram.messages(boris)
    pressed(company, request_, first["message_id"])
    message = lanes.delivered(card)
    assert (message.state, message.message_ids) == (State.SENT, [first["message_id"]])
    assert SentMessage.objects.filter(chat=card.chat).count() == 1


def test_a_copy_in_a_group_or_with_a_task_that_is_none_is_left(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    before = SentMessage.objects.count()
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    bot.reply_to(bot.press(boris, "approve:999999", message_id=777))
    bot.reply_to(bot.press(boris, f"details:{request_.pk}", message_id=778, chat=group))
    assert SentMessage.objects.exclude(kind="details").count() == before


def test_a_stale_press_adopts_too(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    company.approve(request_, company.vera)
    bot.project()
    said = pressed(company, request_, message_id=555)
    assert "В. Лебедева" in said
    assert bot.fresh(request_).status == Status.IN_APPROVAL
    copy = SentMessage.objects.get(chat=card.chat, first_id=555)
    assert (copy.kind, copy.is_behind) == ("task", True)
