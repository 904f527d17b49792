"""The days of an absence, as people type them; by way of the sandbox."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone

from telegrambot.models import Chat, Dialog
from tests.company import Company
from tests.telegrambot.phone import SERGEY, Phone
from treasury.models import Delegation, Employee


@pytest.mark.parametrize("text", ["25.12.2099", " 25.12.2099 ", "25.12.2099."])
def test_a_day_can_be_typed(boris: Phone, text: str) -> None:
    boris.says("/away")
    assert "Who decides for you meanwhile?" in boris.says(text)
    assert Dialog.objects.get().answers["until"] == "2099-12-25"


NOVEMBER_24 = datetime(2026, 11, 24, 9, tzinfo=UTC)


@time_machine.travel(datetime(2027, 3, 1, 9, tzinfo=UTC))
def test_a_leap_day_without_a_year_is_the_next_one(boris: Phone) -> None:
    boris.says("/away")
    assert "Do you mean 29.02.2028?" in boris.says("29.02")
    boris.presses("Yes, until 29.02.2028")
    assert Dialog.objects.get().answers["until"] == "2028-02-29"


@time_machine.travel(NOVEMBER_24)
def test_the_days_are_told_as_they_were_understood(boris: Phone) -> None:
    boris.says("/away")
    asked = boris.says("до пятницы")
    assert asked.startswith("You are away: until Friday, 27.11.2026, inclusive\n")
    boris.says("/away")
    asked = boris.says("24.12–10.01")
    since, until = "from Thursday, 24.12.2026", "until Sunday, 10.01.2027, inclusive"
    assert asked.startswith(f"You are away: {since} {until}\n")


@time_machine.travel(NOVEMBER_24)
def test_the_days_are_told_in_russian_as_one_says_them(boris: Phone) -> None:
    Employee.objects.update(language="ru")
    boris.says("/away")
    asked = boris.says("с завтра по пятницу")
    since, until = "с 25.11.2026 (среда)", "по 27.11.2026 (пятница) включительно"
    assert asked.startswith(f"Вас не будет: {since} {until}\n")


@time_machine.travel(NOVEMBER_24)
@pytest.mark.parametrize(("text", "day"), [("10.01", "2027-01-10"), ("24.11", "2026-11-24")])
def test_a_day_without_a_year_is_the_next_one(boris: Phone, text: str, day: str) -> None:
    boris.says("/away")
    boris.says(text)
    assert Dialog.objects.get().answers["until"] == day


@time_machine.travel(NOVEMBER_24)
@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("до пятницы", "2026-11-27"), ("25.12.26", "2026-12-25"), ("завтра", "2026-11-25"),
        ("с завтра до 5 декабря", "2026-11-25/2026-12-05"), ("until Friday", "2026-11-27"),
        # The second day comes after the first, not before it.
        ("с пятницы по среду", "2026-11-27/2026-12-02"),
        ("со среды по пятницу", "2026-11-25/2026-11-27"),
        ("24.12.26–10.01.27", "2026-12-24/2027-01-10"),
    ],
)  # fmt: skip
def test_days_are_read_as_people_say_them(boris: Phone, text: str, days: str) -> None:
    boris.says("/away")
    boris.says(text)
    assert Dialog.objects.get().answers["until"] == days


@time_machine.travel(datetime(2026, 11, 24, 18, tzinfo=UTC))
@pytest.mark.parametrize(
    ("zone", "day"), [("", "2026-11-25"), ("Asia/Vladivostok", "2026-11-26")], ids=["Moscow", "his"]
)
def test_they_are_counted_from_today_by_his_own_clock(boris: Phone, zone: str, day: str) -> None:
    """In Vladivostok it is four in the morning of the 25th."""
    boris.says("/away")
    Chat.objects.update(zone=zone)
    boris.says("завтра")
    assert Dialog.objects.get().answers["until"] == day
    boris.says("/away")
    assert f"Tomorrow, {day[8:]}.11" in boris.offers()


@time_machine.travel(datetime(2026, 11, 24, 21, 30, tzinfo=UTC))
def test_no_day_is_offered_that_is_over_for_the_company(boris: Phone) -> None:
    """In Kaliningrad it is half an hour before midnight."""
    boris.says("/away")
    Chat.objects.update(zone="Europe/Kaliningrad")
    boris.says("сегодня")
    assert Dialog.objects.get().answers["until"] == "2026-11-25"


@time_machine.travel(NOVEMBER_24)
def test_a_day_of_its_year_that_has_passed_is_said_to_have(boris: Phone) -> None:
    boris.says("/away")
    assert boris.says("20.11.26") == "20.11.2026 has passed: send a day that is still to come."


@time_machine.travel(NOVEMBER_24)
@pytest.mark.parametrize("text", ["20.11", "до 20.11"])
def test_a_day_that_has_just_passed_is_asked_about(boris: Phone, text: str) -> None:
    boris.says("/away")
    assert boris.says(text) == "20.11 has passed. Do you mean 20.11.2027?"
    assert Dialog.objects.get().answers == {}
    boris.presses("Yes, until 20.11.2027")
    assert Dialog.objects.get().answers["until"] == "2027-11-20"


@time_machine.travel(NOVEMBER_24)
@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("01.11 – 20.11", "2027-11-01", "2027-11-20"),
        ("с 1.06 по 15.06", "2027-06-01", "2027-06-15"),
        ("24.12–20.11", "2026-12-24", "2027-11-20"),
    ],
)
def test_days_that_have_passed_are_offered_for_next_year_from_the_first_to_the_last(
    boris: Phone, text: str, first: str, last: str
) -> None:
    boris.says("/away")
    days = f"{date.fromisoformat(first):%d.%m.%Y}–{date.fromisoformat(last):%d.%m.%Y}"
    assert f"Do you mean {days}?" in boris.says(text)
    assert Dialog.objects.get().answers == {}
    boris.presses(f"Yes, {days}")
    assert Dialog.objects.get().answers["until"] == f"{first}/{last}"


@time_machine.travel(NOVEMBER_24)
def test_of_an_absence_that_runs_only_its_last_day_is_asked_about(boris: Phone) -> None:
    boris.says("/away")
    boris.says("23.11–20.06")
    boris.presses("Yes, until 20.06.2027")
    assert Dialog.objects.get().answers["until"] == "2027-06-20"


@time_machine.travel(NOVEMBER_24)
@pytest.mark.parametrize(
    ("text", "days"), [("25.12", "2026-12-25"), ("с 24.12 по 10.01", "2026-12-24/2027-01-10")]
)
def test_the_days_may_stand_behind_the_command(boris: Phone, text: str, days: str) -> None:
    assert "Who decides for you meanwhile?" in boris.says(f"/away {text}")
    assert Dialog.objects.get().answers["until"] == days


def test_what_stands_behind_the_command_and_is_no_day_is_asked_for_again(boris: Phone) -> None:
    assert "Send a day that exists" in boris.says("/away soon")
    assert "Who decides for you meanwhile?" in boris.says("31.12.2099")


@time_machine.travel(NOVEMBER_24)
@pytest.mark.parametrize(
    "text", ["с 24.12 по 10.01", "24.12-10.01", "from 24.12 to 10.01.2027", "С 24.12. – 10.01."]
)
def test_an_absence_may_begin_later(company: Company, boris: Phone, text: str) -> None:
    boris.says("/away")
    boris.says(text)
    boris.presses(SERGEY)
    assert "From 24.12.2026 00:00 until 10.01.2027 23:59" in boris.reads()[-1]
    toast = boris.presses("✅ Yes")
    assert "From 24.12.2026 00:00 until 10.01.2027 23:59 С. Посторонних decides" in toast
    assert not Delegation.objects.running().exists()
    delegation = Delegation.objects.get()
    assert timezone.localtime(delegation.since) == datetime(
        2026, 12, 24, tzinfo=timezone.get_current_timezone()
    )


@time_machine.travel(NOVEMBER_24)
def test_who_is_away_since_yesterday_goes_away_now(boris: Phone) -> None:
    boris.says("/away")
    boris.says("23.11-10.12")
    assert Dialog.objects.get().answers["until"] == "2026-12-10"


@pytest.mark.parametrize("text", ["31.11", "01.01.2020", "soon", "", "٢٥.١٢", "25.12.99999", "/25"])
def test_what_is_no_day_to_come_is_asked_for_again(boris: Phone, text: str) -> None:
    boris.says("/away")
    boris.says(text or "0")
    assert Dialog.objects.get().answers == {}
