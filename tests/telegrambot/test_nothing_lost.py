"""Whatever happens while a chat is closed is there when it opens again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from telegrambot.delivery import chats
from telegrambot.models import Chat, SentMessage
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import lanes
from tests.telegrambot.bot import project
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest
from treasury.services import comments, decisions

State = SentMessage.State
CLOSED = [state for state in Chat.State.values if state != Chat.State.ACTIVE]


def approved(company: Company, request: PaymentRequest) -> str:
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(request, person)
    return "Согласована"


def declined(company: Company, request: PaymentRequest) -> str:
    task = company.task(request, company.boris)
    decisions.decline(task=task, actor=company.boris, channel=ADMIN, reason="Не по договору")
    return "Не по договору"


def changed(company: Company, request: PaymentRequest) -> str:
    return lanes.change(company, request)


@pytest.mark.parametrize("state", CLOSED)
@pytest.mark.parametrize("act", [approved, declined, changed])
def test_a_group_that_was_closed_shows_the_newest_state(
    telegram: Sandbox,
    company: Company,
    state: str,
    act: Callable[[Company, PaymentRequest], str],
) -> None:
    group = Chat.objects.get(telegram_id=GROUP_CHAT)
    chats.close(group, state, "closed")
    request = company.submitted()
    project()
    newest = act(company, request)
    project()
    lanes.deliver(group.pk)
    assert telegram.messages(GROUP_CHAT) == []

    chats.revive(Chat.objects.get(pk=group.pk))
    lanes.deliver(group.pk)
    [announcement] = lanes.texts(telegram, GROUP_CHAT)
    assert newest in announcement


@pytest.mark.parametrize("state", CLOSED)
def test_a_card_that_was_submitted_meanwhile_comes(
    telegram: Sandbox, company: Company, state: str
) -> None:
    boris = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    chats.close(boris, state, "closed")
    decided, waiting = lanes.submit(company), lanes.submit(company)
    company.approve(decided, company.vera)
    comment = lanes.change(company, waiting)
    chats.revive(Chat.objects.get(pk=boris.pk))
    lanes.deliver(boris.pk)
    # What has been decided without him troubles nobody.
    [card] = lanes.texts(telegram, boris.telegram_id)
    assert waiting.number in card
    assert comment in card


@pytest.mark.parametrize("state", CLOSED)
def test_who_asked_hears_later_how_it_ended(
    telegram: Sandbox, company: Company, state: str
) -> None:
    anna = Chat.objects.get(telegram_id=company.telegram_id(company.anna))
    chats.close(anna, state, "closed")
    request = lanes.submit(company)
    declined(company, request)
    project()
    chats.revive(Chat.objects.get(pk=anna.pk))
    lanes.deliver(anna.pk)
    [outcome] = lanes.texts(telegram, anna.telegram_id)
    assert "Не по договору" in outcome


def test_a_task_that_comes_back_is_shown_to_who_had_cleared_his_chat(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage
) -> None:
    boris = company.telegram_id(company.boris)
    company.may_take_over(company.sergey)
    mine = company.task(request_, company.boris)
    hand = {"channel": ADMIN, "reason": "Отпуск"}
    theirs = decisions.reassign(task=mine, to=company.sergey, actor=company.boris, **hand)
    telegram.post(f"/control/chats/{boris}/delete_message", message_id=sent.message_id)
    project()
    assert lanes.delivered(sent).state == State.GONE

    decisions.reassign(task=theirs, to=company.boris, actor=company.sergey, **hand)
    project()
    assert lanes.delivered(sent).state == State.SENT
    [card] = lanes.texts(telegram, boris)
    assert request_.number in card


def test_what_failed_is_tried_again_with_the_next_change(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage
) -> None:
    boris = company.telegram_id(company.boris)
    lanes.change(company, request_)
    telegram.fail("error", chat_id=boris, error_code=400, description="Bad Request: strange")
    assert lanes.delivered(sent).state == State.FAILED
    company.approve(request_, company.vera)
    project()
    message = lanes.delivered(sent)
    assert (message.state, message.error, message.shown) == (State.SENT, "", message.wanted)
    [seen] = telegram.messages(boris)
    assert "approve" not in str(seen["reply_markup"])


def test_an_old_request_is_no_news_for_a_group_that_comes_back(
    telegram: Sandbox, company: Company
) -> None:
    group = Chat.objects.get(telegram_id=GROUP_CHAT)
    chats.close(group, Chat.State.REMOVED, "kicked")
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        today = timezone.localdate()
        old, lately = (lanes.submit(company, invoice_date=today) for _number in range(2))
        declined(company, old)
    declined(company, lately)
    running = lanes.submit(company)
    # What is only said of it makes it no news.
    comments.add(request=old, author=company.anna, channel=ADMIN, text="Жаль")
    project()
    chats.revive(Chat.objects.get(pk=group.pk))
    lanes.deliver(group.pk)
    told = "\n".join(lanes.texts(telegram, GROUP_CHAT))
    assert [one.number in told for one in (old, lately, running)] == [False, True, True]
