"""The worker's tasks, down to the chats: news go out, and what was left behind is picked up."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from celery import current_app
from celery.signals import worker_shutting_down
from django.db import connection, transaction
from django.utils import timezone

from telegrambot import tasks
from telegrambot.delivery.lane import LEASE, Lane
from telegrambot.models import Bookmark, Chat, Dialog, SentMessage, Update
from telegrambot.projection import cursor
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import Employee, Event, PaymentRequest


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Tasks run where they are asked for."""
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


def last_text(telegram: Sandbox, chat_id: int) -> str:
    message = telegram.messages(chat_id)[-1]
    return str(message.get("text") or message.get("caption"))


def test_a_submitted_request_reaches_its_chats(telegram: Sandbox, company: Company) -> None:
    request = company.submitted(documents=3)
    tasks.project()

    card = telegram.messages(company.telegram_id(company.boris))[-1]
    assert request.number in card["text"]
    first = card["reply_markup"]["inline_keyboard"][0][0]
    assert first["callback_data"] == bot.approves(company.task(request, company.boris))
    group = telegram.messages(GROUP_CHAT)
    assert request.number in group[0]["caption"]
    assert [message["document"]["file_name"] for message in group] == [
        "Счёт 1.pdf",
        "Счёт 2.pdf",
        "Счёт 3.pdf",
    ]


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_another_projects_leaves_word_and_does_not_wait(
    telegram: Sandbox, company: Company
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer: nobody could come.")

    def comes_again() -> None:
        company.submitted()
        tasks.project()

    request = company.submitted()
    with transaction.atomic():
        PaymentRequest.objects.select_for_update().get(pk=request.pk)
        at_it = alone(tasks.project)
        bot.until_somebody_waits_for_us()
        another = alone(comes_again)
        another.join(60)
        assert not another.is_alive()
    at_it.join(60)
    assert not cursor.unread().exists()


@pytest.fixture
def told_to_end() -> Iterator[Callable[[], object]]:
    """As Celery tells its worker, by SIGTERM."""
    yield lambda: worker_shutting_down.send(sender="w", sig="SIGTERM", how="Warm", exitcode=0)
    tasks._ending.clear()


def test_a_worker_that_is_told_to_end_begins_nothing_more(
    telegram: Sandbox, company: Company, told_to_end: Callable[[], object]
) -> None:
    company.submitted()
    bot.project()
    told_to_end()
    tasks.deliver()
    assert telegram.calls("sendMessage") == []
    assert SentMessage.objects.behind().exists()


def alone(act: Callable[[], object]) -> threading.Thread:
    """In a thread, which has a connection of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_every_message_follows_the_decisions(telegram: Sandbox, company: Company) -> None:
    request = company.submitted()
    tasks.project()
    for person in (company.boris, company.fedor, company.tamara):
        task = company.task(request, person)
        bot.reply_to(bot.press(company.telegram_id(person), f"approve:{task.pk}"))
        tasks.project()

    for person in (company.boris, company.vera, company.fedor, company.tamara):
        (card,) = telegram.messages(company.telegram_id(person))
        for name in ("Б. Орлов", "Ф. Климов", "Т. Белова"):
            assert name in card["text"]
        data = [b["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for b in row]
        assert data == [f"details:{request.pk}", f"documents:{request.pk}"]
    assert "Т. Белова" in last_text(telegram, GROUP_CHAT)
    assert "Т. Белова" in last_text(telegram, company.telegram_id(company.anna))
    assert not SentMessage.objects.behind().exists()


def test_a_decline_goes_from_the_button_to_the_requester(
    telegram: Sandbox, company: Company
) -> None:
    bot.ready_reasons()
    request = company.submitted()
    tasks.project()
    boris = company.telegram_id(company.boris)
    bot.reply_to(bot.press(boris, f"decline:{company.task(request, company.boris).pk}"))
    tasks.project()
    (card,) = telegram.messages(boris)
    assert card["reply_markup"]["inline_keyboard"][0][0]["callback_data"].startswith("reason:")

    asked = bot.reply_to(bot.message(boris, "Нет подписанного договора"))
    bot.reply_to(bot.press(boris, bot.offered(asked)["❌ Отклонить"], message_id=77))
    tasks.project()
    for chat in (boris, company.telegram_id(company.anna), GROUP_CHAT):
        assert "Нет подписанного договора" in "\n".join(lanes.texts(telegram, chat))


def test_one_requests_trouble_does_not_hold_up_the_others(
    telegram: Sandbox, company: Company
) -> None:
    broken, sound = company.submitted(), company.submitted()
    when = f"NEW.request_id = {broken.pk}"
    bot.refuse_inserts("telegrambot_sentmessage", "refused", when)

    tasks.project()

    assert sound.number in last_text(telegram, company.telegram_id(company.boris))
    # Its news are still there for a later try.
    assert Bookmark.objects.stuck().get().request == broken


def test_requests_that_fail_let_all_others_go_first_and_are_tried_again(
    telegram: Sandbox,
    company: Company,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However many: here they are all that is taken up at a time."""
    broken = [company.submitted() for _number in range(3)]
    monkeypatch.setattr(tasks, "EVENTS", Event.objects.count())
    sound = company.submitted()
    keys = {request.pk for request in broken}
    when = f"NEW.request_id IN ({', '.join(map(str, keys))})"
    bot.refuse_inserts("telegrambot_sentmessage", "refused", when)
    boris = company.telegram_id(company.boris)
    stuck = Bookmark.objects.stuck()

    tasks.project()
    assert telegram.messages(boris) == []
    assert set(stuck.values_list("request", flat=True)) == keys
    # The first pause is over before the others have had their turn.
    stuck.update(not_before=timezone.now())
    tasks.project()
    assert sound.number in last_text(telegram, boris)
    assert set(stuck.values_list("attempts", flat=True)) == {2}
    assert all("refused" in error for error in stuck.values_list("error", flat=True))

    caplog.clear()
    tasks.project()
    assert set(stuck.values_list("attempts", flat=True)) == {2}
    assert not caplog.records

    bot.accept_inserts("telegrambot_sentmessage")
    stuck.retry()
    tasks.project()
    assert not stuck.exists()
    texts = [message["text"] for message in telegram.messages(boris)]
    assert all(any(request.number in text for text in texts) for request in broken)


def busy(chats: int, seconds: float) -> None:
    """So many workers are in a call that has lasted so long."""
    since = timezone.now() - timedelta(seconds=seconds)
    Chat.objects.bulk_create(
        Chat(
            telegram_id=-7000 - number,
            kind=Chat.Kind.GROUP,
            lease_token="somebody",
            leased_at=since,
            lease_until=since + timedelta(seconds=LEASE),
        )
        for number in range(chats)
    )


def test_no_more_chats_are_worked_for_than_is_good(telegram: Sandbox, company: Company) -> None:
    company.submitted()
    busy(tasks.AT_ONCE, seconds=0)
    tasks.project()
    assert telegram.calls("sendMessage") == []

    Chat.objects.filter(lease_token="somebody").update(lease_until=None)
    tasks.sweep()
    assert telegram.messages(company.telegram_id(company.boris))


def test_slow_chats_stop_nobody_else(telegram: Sandbox, company: Company) -> None:
    company.submitted()
    busy(9, seconds=tasks.STALL)
    tasks.sweep()
    assert telegram.messages(company.telegram_id(company.boris))


def test_long_uploads_stop_nobody_else(telegram: Sandbox, company: Company) -> None:
    """Whose lease is longer has not begun later."""
    groups = [
        company.further_group(-8000 - number, kind=Chat.Kind.GROUP)
        for number in range(tasks.AT_ONCE)
    ]
    company.submitted()
    bot.project()
    with time_machine.travel(timezone.now() - timedelta(seconds=tasks.STALL), tick=False):
        for group in groups:
            lane = Lane.take(group.pk)
            assert lane
            assert lane.hold(uploading=40_000_000)
    tasks.sweep()
    assert telegram.messages(company.telegram_id(company.boris))


def test_slow_chats_leave_threads_for_the_rest_of_the_work(
    telegram: Sandbox, company: Company
) -> None:
    company.submitted()
    busy(tasks.MOST, seconds=tasks.STALL)
    tasks.sweep()
    assert telegram.calls("sendMessage") == []
    assert not cursor.unread().exists()


def test_the_most_urgent_is_shown_first(telegram: Sandbox, company: Company) -> None:
    """A press comes while many are being told: its card goes before all that waits by then."""
    pressed = company.submitted()
    tasks.project()
    boris, vera = (company.telegram_id(person) for person in (company.boris, company.vera))
    (card,) = telegram.messages(boris)
    told = [company.submitted() for _number in range(3)]
    bot.project()
    task = company.task(pressed, company.boris)
    bot.reply_to(bot.press(boris, f"approve:{task.pk}", message_id=card["message_id"]))
    bot.reply_to(bot.press(vera, f"details:{told[0].pk}"))
    bot.project()
    before = len(telegram.calls())
    tasks.sweep()
    order = [(call["method"], call["params"].get("chat_id")) for call in telegram.calls()[before:]]
    assert order[:2] == [("sendMessage", vera), ("editMessageText", boris)]


def test_strangers_are_served_after_all_who_are_known(telegram: Sandbox, company: Company) -> None:
    """However many have come before: not even their sign-in goes before what has changed."""
    request = lanes.submit(company)
    tasks.sweep()
    strangers = [777_001, 777_002, 777_003]
    telegram.put_people(*strangers)
    telegram.put_group(-777, *strangers)
    theirs = {"id": -777, "type": "supergroup", "title": "Г"}
    for stranger, text in zip(strangers, ("/login", "AAAA-BBBB", "привет"), strict=True):
        bot.reply_to(bot.message(stranger, text))
        bot.reply_to(bot.message(stranger, "/login", chat=theirs))
    lanes.change(company, request)
    company.submitted()
    bot.project()
    bot.reply_to(bot.message(company.telegram_id(company.boris), "/help"))
    before = len(telegram.calls())
    tasks.sweep()
    order = [call["params"]["chat_id"] in (*strangers, -777) for call in telegram.calls()[before:]]
    assert order == sorted(order)
    assert sum(order) == len(strangers) + 1


def test_a_defect_in_one_chat_does_not_stop_the_others(telegram: Sandbox, company: Company) -> None:
    """Its messages wait, and are tried again after a while."""
    request = company.submitted()
    bot.project()
    boris = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    SentMessage.objects.filter(chat=boris).update(form="odd", message_ids=[7])
    tasks.sweep()
    assert request.number in last_text(telegram, company.telegram_id(company.vera))
    boris.refresh_from_db()
    assert boris.not_before
    assert boris.lease_until is None


def test_the_sweep_picks_up_everything(telegram: Sandbox, company: Company) -> None:
    request = company.submitted()
    boris = company.telegram_id(company.boris)
    Dialog.objects.create(
        telegram_id=boris,
        task=company.task(request, company.boris),
        subject="decline",
        started_at=timezone.now() - timedelta(hours=2),
    )
    body = bot.message(boris, "/help")
    Update.objects.create(
        update_id=1,
        kind="message",
        payload=body,
        attempts=1,
        error="LookupError",
        received_at=timezone.now() - timedelta(minutes=1),
    )
    tasks.sweep()

    assert not Dialog.objects.exists()
    assert not Update.objects.poisoned().exists()
    texts = [message["text"] for message in telegram.messages(boris)]
    assert any("/pending" in text for text in texts)
    assert any(request.number in text for text in texts)


def test_a_page_of_the_queue_is_turned(telegram: Sandbox, company: Company) -> None:
    Employee.objects.update(language="en")
    requests = [company.submitted() for _number in range(7)]
    boris = company.telegram_id(company.boris)
    bot.reply_to(bot.message(boris, "/pending"))
    tasks.sweep()
    listing = next(item for item in telegram.messages(boris) if "In all" in item["text"])

    bot.reply_to(bot.press(boris, "page:2", message_id=listing["message_id"]))
    tasks.sweep()

    turned = next(item for item in telegram.messages(boris) if "In all" in item["text"])
    assert turned["message_id"] == listing["message_id"]
    rows = turned["reply_markup"]["inline_keyboard"]
    assert [[button["callback_data"] for button in row] for row in rows] == [
        [f"details:{requests[5].pk}", f"details:{requests[6].pk}"],
        ["page:1"],
    ]


def test_who_asks_the_same_again_is_told_once_and_the_newest(
    telegram: Sandbox, company: Company
) -> None:
    Employee.objects.update(language="en")
    boris = company.telegram_id(company.boris)
    for _impatient in range(7):
        bot.reply_to(bot.message(boris, "/pending"))
    bot.reply_to(bot.message(boris, "/help"))
    request = company.submitted()
    bot.reply_to(bot.message(boris, "/pending"))
    tasks.sweep()
    answered = [item["text"] for item in telegram.messages(boris)]
    assert sum("/whoami" in text for text in answered) == 1
    [listing] = [text for text in answered if "In all" in text or "Nothing waits" in text]
    assert request.number in listing


def test_an_answer_that_telegram_refuses_for_the_moment_comes_later(
    telegram: Sandbox, company: Company
) -> None:
    boris = company.telegram_id(company.boris)
    telegram.fail("retry_after", chat_id=boris, seconds=17)
    bot.reply_to(bot.message(boris, "/help"))
    tasks.sweep()
    assert telegram.messages(boris) == []
    Chat.objects.update(not_before=None)
    tasks.sweep()
    [answer] = telegram.messages(boris)
    assert "/pending" in answer["text"]


def test_what_is_asked_in_a_topic_is_answered_there(telegram: Sandbox, company: Company) -> None:
    topic = {"message_thread_id": 42, "is_topic_message": True}
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г", "is_forum": True}
    boris = company.telegram_id(company.boris)
    answer = bot.reply_to(bot.message(boris, "/login", chat=group, **topic))
    assert (answer["chat_id"], answer["message_thread_id"]) == (company.group_chat, 42)
    # A reply in a group without topics has a thread too, in which nothing can be written.
    answer = bot.reply_to(bot.message(boris, "/login", chat=group, message_thread_id=43))
    assert "message_thread_id" not in answer
