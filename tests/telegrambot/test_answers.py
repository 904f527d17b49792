"""What the bot says to whoever asks: once, to him alone, while it is of use, and in its turn."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DataError, connection
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.delivery.lane import Lane
from telegrambot.delivery.sending import work_for
from telegrambot.kinds import answer, registry
from telegrambot.models import Chat, SentMessage, Urgency
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.bot import Say
from tests.telegrambot.sandbox import Sandbox
from tests.telegrambot.signing_in import signed_in, unlinked
from treasury.models import PaymentRequest
from treasury.services import decisions, people

State = SentMessage.State
STRANGER = 777_001


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


def answers(telegram_id: int) -> list[SentMessage]:
    rows = SentMessage.objects.filter(kind="answer", chat__telegram_id=telegram_id)
    return list(rows.order_by("id"))


def deliver(telegram_id: int) -> None:
    lanes.deliver(Chat.objects.get(telegram_id=telegram_id).pk)


def test_a_command_in_a_topic_is_answered_in_the_private_chat(
    telegram: Sandbox, company: Company, boris: int
) -> None:
    topic = {"message_thread_id": 42, "is_topic_message": True}
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г", "is_forum": True}
    bot.reply_to(bot.message(boris, "/whoami@treasury_bot", chat=group, **topic))
    deliver(boris)
    assert company.boris.email in lanes.texts(telegram, boris)[-1]


def test_what_came_of_an_answer_is_not_replaced_by_the_same_words(
    company: Company, boris: int
) -> None:
    request = company.submitted()
    bot.reply_to(bot.press(boris, f"decline:{company.task(request, company.boris).pk}"))
    for _twice in range(2):
        bot.reply_to(bot.message(boris, "Дубль счёта"))
    first, second = answers(boris)
    assert "Дубль счёта" in first.text
    assert "Дубль счёта" not in second.text


def test_what_is_asked_in_a_group_goes_behind_its_requests(
    telegram: Sandbox, company: Company
) -> None:
    group = {"id": GROUP_CHAT, "type": "supergroup", "title": "Г"}
    for number in range(30):
        bot.reply_to(bot.message(STRANGER, f"/login {number}", chat=group))
    [said] = answers(GROUP_CHAT)
    assert said.urgency == Urgency.NOTICE
    for number in range(30):
        bot.reply_to(bot.message(STRANGER, f"привет {number}"))
    assert len(answers(STRANGER)) == 1


def test_who_has_brought_his_code_is_a_stranger_no_more(
    telegram: Sandbox, company: Company, say: Say
) -> None:
    telegram_id = unlinked(company, company.boris)
    say(telegram_id, signed_in(say, telegram_id, company.boris))
    offer, welcome = answers(telegram_id)
    assert (offer.urgency, welcome.urgency) == (Urgency.CHANGE, Urgency.ANSWER)


def test_what_could_not_be_said_for_an_hour_is_said_no_more(
    telegram: Sandbox, company: Company, boris: int
) -> None:
    bot.reply_to(bot.message(boris, "/whoami"))
    SentMessage.objects.update(created_at=timezone.now() - answer.LIFETIME - timedelta(seconds=1))
    deliver(boris)
    assert telegram.messages(boris) == []
    assert not SentMessage.objects.behind().exists()


def test_who_has_left_reads_no_answer_that_waited(
    telegram: Sandbox, company: Company, boris: int
) -> None:
    company.submitted()
    bot.reply_to(bot.message(boris, "/pending"))
    gleb = company.allow(company.gleb, "change_employee")
    left = {"is_active": False}
    people.change(employee=company.boris, actor=gleb, channel=ADMIN, fields=left)
    deliver(boris)
    # Only that he has been unlinked.
    [said] = lanes.texts(telegram, boris)
    assert "больше не привязан" in said


def test_the_link_to_sign_in_is_kept_nowhere_once_it_is_sent(telegram: Sandbox) -> None:
    telegram.put_people(STRANGER)
    bot.reply_to(bot.message(STRANGER, "/login"))
    deliver(STRANGER)
    [seen] = telegram.messages(STRANGER)
    assert "/oauth/" in str(seen["reply_markup"])
    [row] = answers(STRANGER)
    assert row.keyboard is None
    assert UserToken.objects.get(kind="link").token not in row.text


def deliver_too_late(telegram: Sandbox) -> None:
    SentMessage.objects.update(created_at=timezone.now() - answer.LIFETIME - timedelta(seconds=1))
    deliver(STRANGER)


def deliver_in_vain(telegram: Sandbox) -> None:
    telegram.fail("error", chat_id=STRANGER, error_code=400, description="Bad Request: strange")
    deliver(STRANGER)


def lose_each_answer(telegram: Sandbox) -> None:
    telegram.fail("drop_after", chat_id=STRANGER, count=2)
    for _time in range(2):
        [row] = answers(STRANGER)
        lanes.delivered(lanes.due_again(row))


@pytest.mark.parametrize(
    ("happens", "state"),
    [
        (deliver_too_late, State.PENDING),
        (deliver_in_vain, State.FAILED),
        (lose_each_answer, State.UNKNOWN),
    ],
)
def test_the_link_to_sign_in_is_not_kept_either_when_it_is_given_up(
    telegram: Sandbox, happens: Callable[[Sandbox], None], state: str
) -> None:
    telegram.put_people(STRANGER)
    bot.reply_to(bot.message(STRANGER, "/login"))
    happens(telegram)
    [row] = answers(STRANGER)
    assert (row.state, row.is_behind, row.keyboard) == (state, False, None)


@pytest.mark.parametrize("step", [State.SENDING, State.SENT])
def test_who_asks_again_while_he_is_answered_gets_the_newest_link(
    telegram: Sandbox, step: str
) -> None:
    """Be it before the call or during it."""
    telegram.put_people(STRANGER)
    asked = [bot.reply_to(bot.message(STRANGER, "/login"))]
    again = lanes.Meanwhile(
        step, lambda: asked.append(bot.reply_to(bot.message(STRANGER, "/login")))
    )
    with connection.execute_wrapper(again):
        deliver(STRANGER)
    first, second = asked
    assert first["reply_markup"] != second["reply_markup"]
    assert telegram.messages(STRANGER)[-1]["reply_markup"] == second["reply_markup"]
    assert {row.keyboard for row in answers(STRANGER)} == {None}


def test_what_is_to_be_said_since_is_not_forgotten_with_what_was_said(telegram: Sandbox) -> None:
    telegram.put_people(STRANGER)
    bot.reply_to(bot.message(STRANGER, "/login"))
    [row] = answers(STRANGER)
    newer = {"inline_keyboard": [[{"text": "Войти", "url": "https://treasury.example.com/"}]]}
    said = SentMessage.objects.filter(pk=row.pk)
    since = lanes.Meanwhile(State.SENT, lambda: said.update(keyboard=newer, wanted=2))
    with connection.execute_wrapper(since):
        deliver(STRANGER)
    [seen] = telegram.messages(STRANGER)
    assert seen["reply_markup"] == newer
    assert said.get().keyboard is None


def test_what_comes_during_a_sending_keeps_its_urgency(
    telegram: Sandbox, company: Company, request_: PaymentRequest, sent: SentMessage
) -> None:
    lanes.change(company, request_)
    shown = SentMessage.objects.filter(pk=sent.pk)
    pressed = lanes.Meanwhile(State.SENT, lambda: shown.refresh(Urgency.PRESSED))
    lane = Lane.take(sent.chat_id)
    assert lane
    with connection.execute_wrapper(pressed):
        work_for(lane)
    message = lanes.fresh(sent)
    assert (message.is_behind, message.urgency) == (True, Urgency.PRESSED)


def test_a_defect_that_the_database_tells_stops_no_other_chat(
    telegram: Sandbox, company: Company
) -> None:
    company.submitted()
    bot.project()
    vera = company.telegram_id(company.vera)

    class Broken(type(registry.KINDS["task"])):  # type: ignore[misc]
        def render(self, message: SentMessage) -> object:
            if message.chat.telegram_id == vera:
                raise DataError("no such thing")
            return super().render(message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(registry.KINDS, "task", Broken())
        for chat in Chat.objects.by_urgency(timezone.now()):
            lanes.deliver(chat.pk)
    assert SentMessage.objects.get(chat__telegram_id=vera).state == State.FAILED
    assert telegram.messages(company.telegram_id(company.boris))


def test_an_album_that_may_have_come_is_not_repeated_by_a_change(
    telegram: Sandbox, company: Company
) -> None:
    request = lanes.submit(company, documents=4)
    announcement = lanes.announcement(request)
    telegram.fail("drop_after", chat_id=GROUP_CHAT, method="sendMediaGroup")
    lanes.delivered(announcement)
    there = len(telegram.messages(GROUP_CHAT))
    company.approve(request, company.boris)
    bot.project()
    lanes.delivered(announcement)
    assert len(telegram.messages(GROUP_CHAT)) == there
    [album] = SentMessage.objects.filter(kind="documents")
    assert (album.state, SentMessage.objects.filter(pk=album.pk).retry()) == (State.UNKNOWN, 1)
    lanes.delivered(announcement)
    assert len(telegram.messages(GROUP_CHAT)) == there + len(album.documents)


def test_a_forged_press_adopts_nothing_and_tells_no_number(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    sergey = company.telegram_id(company.sergey)
    task = company.task(request_, company.boris)
    bot.reply_to(bot.press(sergey, f"approve:{task.pk}", message_id=555))
    assert not SentMessage.objects.filter(chat__telegram_id=sergey).exists()


def test_a_copy_that_is_thrown_away_does_not_come_again(
    telegram: Sandbox, company: Company, request_: PaymentRequest, card: SentMessage, boris: int
) -> None:
    telegram.fail("drop_after", chat_id=boris)
    lanes.delivered(card)
    lanes.delivered(lanes.due_again(card))
    copy, _known = telegram.messages(boris)
    task = company.task(request_, company.boris)
    bot.reply_to(bot.press(boris, f"decline:{task.pk}", message_id=copy["message_id"]))
    bot.reply_to(bot.message(boris, "/cancel"))
    telegram.post(f"/control/chats/{boris}/delete_message", message_id=copy["message_id"])
    lanes.change(company, request_)
    lanes.delivered(card)
    cards = [text for text in lanes.texts(telegram, boris) if request_.number in text]
    assert len(cards) == 1
    assert decisions.approve(task=task, actor=company.boris, channel=ADMIN)
