"""Quiet hours: what would ring waits until they are over, and nothing of it is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from time_machine import Traveller

from telegrambot import lag
from telegrambot.delivery import chats
from telegrambot.kinds import notice
from telegrambot.models import Chat, SentMessage
from tests.company import ADMIN, TELEGRAM, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest
from treasury.services import comments, decisions, reminders

# In Moscow, where the company is: 23:30 on the last evening of the year.
NIGHT = datetime(2026, 12, 31, 20, 30, tzinfo=UTC)
MORNING = datetime(2027, 1, 1, 5, 0, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(NIGHT) as traveller:
        yield traveller


@pytest.fixture
def sleeper(clock: Traveller, line: Line, boris: Phone) -> Phone:
    """Boris, who has chosen his quiet hours."""
    boris.says("/settings")
    boris.presses("🌙 Quiet hours: none")
    boris.presses("○ 22:00–8:00")
    return boris


def submitted(line: Line, company: Company, **changes: Any) -> PaymentRequest:
    with line.committed():
        request = lanes.submit(company, **changes)
    line.deliver()
    return request


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("22:00-7:30", "22:00–7:30"), ("с 21 до 8", "21:00–8:00"), ("23.30 – 6", "23:30–6:00"),
        ("from 13:15 until 14:00", "13:15–14:00"), ("20-24", "20:00–0:00"),
        ("24:00-7", "0:00–7:00"),
    ],
)  # fmt: skip
def test_hours_of_ones_own_are_typed(company: Company, boris: Phone, said: str, shown: str) -> None:
    boris.says("/settings")
    boris.presses("🌙 Quiet hours: none")
    boris.presses("✏️ Other hours …")
    assert "From when until when are your quiet hours?" in boris.reads()[-1]
    assert "Your quiet hours are from" in boris.says(said)
    boris.says("/settings")
    boris.presses(f"🌙 Quiet hours: {shown}")
    # What he has chosen stands among the others, and may be pressed.
    boris.presses(f"● {shown}")
    boris.presses("○ 22:00–8:00")
    assert f"● {shown}" not in boris.offers()


@pytest.mark.parametrize(
    "said",
    ["8", "8-8", "25-8", "22:60-8", "24:30-8", "24.59–07:00", "с вечера до утра", "22:00"],
)
def test_what_are_no_hours_is_asked_again(company: Company, boris: Phone, said: str) -> None:
    boris.says("/settings")
    boris.presses("🌙 Quiet hours: none")
    boris.presses("✏️ Other hours …")
    assert boris.says(said) == "Send when they begin and when they end, such as 22:00–8:00."
    assert not Chat.objects.exclude(quiet_from=None).exists()


def test_what_would_ring_comes_when_they_are_over(
    clock: Traveller, line: Line, company: Company, sleeper: Phone, phone: PhoneOf
) -> None:
    request = submitted(line, company)
    assert not any(request.number in said for said in sleeper.reads())
    assert request.number in phone(company.vera).reads()[-1]
    clock.move_to(datetime(2027, 1, 1, 4, 59, 30, tzinfo=UTC))
    line.deliver()
    assert not any(request.number in said for said in sleeper.reads())
    clock.move_to(MORNING)
    line.deliver()
    assert request.number in sleeper.reads()[-1]
    assert "✅ Approve" in sleeper.offers()


def test_what_was_decided_meanwhile_troubles_nobody(
    clock: Traveller, line: Line, company: Company, sleeper: Phone
) -> None:
    request = submitted(line, company)
    with line.committed():
        company.approve(request, company.vera)
    clock.move_to(MORNING)
    line.deliver()
    assert not any(request.number in said for said in sleeper.reads())


def test_what_stands_there_is_changed_all_the_same(
    clock: Traveller, line: Line, company: Company, boris: Phone
) -> None:
    """Nobody hears of an edit."""
    request = submitted(line, company)
    Chat.objects.filter(telegram_id=boris.telegram_id).update(
        quiet_from="22:00", quiet_until="08:00"
    )
    with line.committed():
        company.approve(request, company.vera)
    line.deliver()
    assert "✅ Approve" not in boris.offers()


def test_who_asks_is_answered(
    clock: Traveller, line: Line, company: Company, sleeper: Phone
) -> None:
    request = submitted(line, company)
    assert "1 request waits for your decision" in sleeper.says("/pending")
    sleeper.presses("1")
    assert request.number in sleeper.reads()[-1]
    assert "✅ Approve" in sleeper.offers()
    before = len(sleeper.reads())
    sleeper.presses("Documents")
    assert len(sleeper.reads()) == before + 1


@pytest.mark.parametrize("passes", [True, False])
def test_urgent_ones_pass_if_he_allows_it(
    clock: Traveller, line: Line, company: Company, sleeper: Phone, passes: bool
) -> None:
    if not passes:
        sleeper.presses("☑ Urgent ones pass")
        assert "☐ Urgent ones pass" in sleeper.offers()
    request = submitted(line, company, priority="high")
    assert any(request.number in said for said in sleeper.reads()) == passes


def test_what_happens_to_his_account_passes(clock: Traveller, line: Line, sleeper: Phone) -> None:
    with line.committed():
        notice.tell_account(sleeper.telegram_id, "Somebody has your account")
    line.deliver()
    assert sleeper.reads()[-1] == "Somebody has your account"


def test_it_is_nobodys_delay(
    clock: Traveller, line: Line, company: Company, sleeper: Phone
) -> None:
    """What the chat has missed while it was closed waits for the morning too."""
    request = submitted(line, company)
    chat = Chat.objects.get(telegram_id=sleeper.telegram_id)
    clock.shift(3 * 3600)
    assert lag.seconds() == 0
    chats.close(chat, Chat.State.BLOCKED, "")
    chats.revive(Chat.objects.get(pk=chat.pk))
    clock.shift(3600)
    assert lag.seconds() == 0
    clock.move_to(MORNING)
    held = SentMessage.objects.get(chat=chat, request=request)
    clock.shift(30)
    assert 29 < lag.seconds() < 60
    assert lanes.delivered(held).state == SentMessage.State.SENT


def test_who_ends_them_hears_at_once(
    clock: Traveller, line: Line, company: Company, sleeper: Phone
) -> None:
    request = submitted(line, company)
    sleeper.presses("○ none")
    assert any(request.number in said for said in sleeper.reads())


def test_other_hours_hold_too(
    clock: Traveller, line: Line, company: Company, sleeper: Phone
) -> None:
    request = submitted(line, company)
    sleeper.presses("○ 23:00–7:00")
    assert not any(request.number in said for said in sleeper.reads())
    clock.move_to(datetime(2027, 1, 1, 4, 0, 1, tzinfo=UTC))
    line.deliver()
    assert request.number in sleeper.reads()[-1]


def test_they_are_counted_by_his_own_clock(
    clock: Traveller, line: Line, company: Company, sleeper: Phone
) -> None:
    """In Kamchatka it is half past eight already."""
    request = submitted(line, company)
    sleeper.presses("← Settings")
    assert sleeper.reads()[-1].startswith("Settings\n")
    sleeper.presses("🌍 Time: Moscow")
    rows = sleeper.sees(sleeper.newest())["reply_markup"]["inline_keyboard"]
    # More break the names of cities on a phone.
    assert max(map(len, rows)) == 2
    sleeper.presses("○ Kamchatka")
    assert "● Kamchatka" in sleeper.offers()
    assert any(request.number in said for said in sleeper.reads())


@pytest.mark.parametrize(
    ("local", "end"),
    [
        ("2026-11-24T21:59:59", None),
        ("2026-11-24T22:00:00", "2026-11-25T08:00:00"),
        ("2026-11-25T00:00:00", "2026-11-25T08:00:00"),
        ("2026-11-25T07:59:59", "2026-11-25T08:00:00"),
        ("2026-11-25T08:00:00", None),
        # The clocks are put back in this night in Berlin, and forward in the other.
        ("2026-10-24T23:00:00", "2026-10-25T08:00:00"),
        ("2027-03-27T23:00:00", "2027-03-28T08:00:00"),
    ],
)
def test_they_end_in_the_morning(local: str, end: str | None) -> None:
    chat = Chat(quiet_from=time(22), quiet_until=time(8))
    chat.zone = "Europe/Berlin"
    now = datetime.fromisoformat(local).replace(tzinfo=chat.time_zone)
    found = chat.quiet_end(now.astimezone(UTC))
    assert (found and found.replace(tzinfo=None).isoformat()) == end


def test_of_one_day_they_end_on_it() -> None:
    chat = Chat(quiet_from=time(13), quiet_until=time(14))
    noon = datetime(2026, 11, 24, 9, 59, tzinfo=UTC)
    assert chat.quiet_end(noon) is None
    end = chat.quiet_end(noon.replace(hour=10, minute=0))
    assert end == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert chat.quiet_end(datetime(2026, 11, 24, 11, tzinfo=UTC)) is None


def test_a_kind_that_he_does_not_want_is_not_sent(
    line: Line, company: Company, phone: PhoneOf
) -> None:
    anna = phone(company.anna)
    anna.says("/settings")
    anna.presses("🔔 Notices")
    anna.presses("☑ How my requests end")
    assert "☐ How my requests end" in anna.offers()
    request = submitted(line, company)
    with line.committed():
        for person in (company.boris, company.fedor, company.tamara):
            company.approve(request, person)
    line.deliver()
    assert not any(request.number in said for said in anna.reads())
    anna.presses("☐ How my requests end")
    other = submitted(line, company)
    with line.committed():
        task = company.task(other, company.boris)
        decisions.decline(task=task, actor=company.boris, channel=TELEGRAM, reason="Дубль")
    line.deliver()
    assert other.number in anna.reads()[-1]


def test_comments_may_be_unwanted_but_whoever_is_asked_for_is_reminded(
    line: Line, company: Company, boris: Phone, phone: PhoneOf
) -> None:
    request = submitted(line, company)
    for label in ("Comments", "Reminders"):
        boris.says("/settings")
        boris.presses("🔔 Notices")
        boris.presses(f"☑ {label}")
    with line.committed():
        comments.add(request=request, author=company.anna, channel=ADMIN, text="Это срочно")
        reminders.nudge(request=request, actor=company.anna)
    line.deliver()
    heard = {
        person: [said.splitlines()[0] for said in phone(person).reads()]
        for person in (company.boris, company.vera)
    }
    assert not any("Это срочно" in said for said in heard[company.boris])
    assert any("Это срочно" in said for said in heard[company.vera])
    assert any("asks you to decide" in said for said in boris.reads())


@pytest.mark.parametrize(
    "data",
    ["settings:9", "digest:421", "digest:1440", "quiet:1:2", "quiet:1320", "notice:9", "zone:0",
     "zone:12", "weekly:1"],
)  # fmt: skip
def test_what_is_not_offered_cannot_be_chosen(
    telegram: Sandbox, company: Company, data: str
) -> None:
    """Nor by Boris the weekly digest: he may not see all requests."""
    boris = company.telegram_id(company.boris)
    before = Chat.objects.filter(telegram_id=boris).values().get()
    answer = bot.reply_to(bot.press(boris, data))
    assert answer["text"] == "Эта кнопка устарела."
    after = Chat.objects.filter(telegram_id=boris).values().get()
    assert {**before, "heard_at": None} == {**after, "heard_at": None}


def test_his_settings_speak_russian(telegram: Sandbox, company: Company) -> None:
    boris = company.telegram_id(company.boris)
    menu = bot.offered(bot.reply_to(bot.message(boris, "/settings")))
    assert menu["📋 Сводка: 9:00"] == "settings:1"
    assert menu["🌙 Тихие часы: нет"] == "settings:2"
    assert menu["🔔 Уведомления"] == "settings:3"
    assert menu["🌍 Время: Москва"] == "settings:4"


def test_another_companys_clock_is_the_one_of_its_people(
    company: Company, settings: LazySettings
) -> None:
    settings.TIME_ZONE = "Asia/Vladivostok"
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    assert str(chat.time_zone) == "Asia/Vladivostok"
