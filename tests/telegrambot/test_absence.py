"""/away and /back, by way of the sandbox."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from telegrambot.models import Dialog
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from tests.telegrambot.phone import SERGEY, Line, Phone, PhoneOf
from treasury.models import AccountEvent, Delegation, Employee
from treasury.services import delegations


def minutes(day: date) -> str:
    return f"{day:%d.%m.%Y} 23:59"


def label(boris: Phone, beginning: str) -> str:
    [found] = [offer for offer in boris.offers() if offer.startswith(beginning)]
    return found


WEDNESDAY, SATURDAY = datetime(2026, 11, 11, 9, tzinfo=UTC), datetime(2026, 11, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "days"), [("Tomorrow", 1), ("A week", 7), ("Two weeks", 14), ("End of the week", None)]
)
@time_machine.travel(WEDNESDAY)
def test_away_is_a_matter_of_four_taps(
    company: Company, boris: Phone, name: str, days: int | None
) -> None:
    today = timezone.localdate()
    last = today + timedelta(days=6 - today.weekday() if days is None else days)
    assert "Until which day are you away" in boris.says("/away")
    boris.presses(label(boris, f"{name}, {last:%d.%m}"))
    assert "Who decides for you meanwhile?" in boris.reads()[-1]
    boris.presses(SERGEY)
    assert f"From now until {minutes(last)}" in boris.reads()[-1]
    assert not Delegation.objects.exists()
    toast = boris.presses("✅ Yes")

    delegation = Delegation.objects.get()
    assert (delegation.principal, delegation.deputy) == (company.boris, company.sergey)
    assert f"{timezone.localtime(delegation.until):%d.%m.%Y %H:%M}" == minutes(last)
    assert f"Until {minutes(last)} С. Посторонних decides for you too" in toast
    # The questions have become the answer, and left nothing to press.
    assert boris.reads()[-1] == toast
    assert boris.offers() == []
    assert AccountEvent.objects.get().action == AccountEvent.Action.AWAY


@time_machine.travel(SATURDAY)
def test_no_day_is_offered_twice(boris: Phone) -> None:
    boris.says("/away")
    assert boris.offers() == ["Tomorrow, 15.11", "A week, 21.11", "Two weeks, 28.11", "← Back"]


def test_people_are_offered_with_what_they_do(boris: Phone) -> None:
    boris.says("/away")
    boris.says("31.12.2099")
    assert boris.offers()[-7:-1] == [
        "Белова Тамара · Казначеи",
        "Климов Фёдор · Финансовые менеджеры",
        "Лебедева Вера · Производство",
        "Посторонних Сергей",
        "Смирнова Анна",
        "Чужов Глеб · Маркетинг",
    ]


def test_a_part_of_the_name_finds_the_deputy(company: Company, boris: Phone) -> None:
    boris.says("/away")
    boris.says("31.12.2099")
    boris.says("ПОСТ")
    boris.presses(SERGEY)
    boris.presses("✅ Yes")
    assert Delegation.objects.get().deputy == company.sergey


def test_neither_himself_nor_who_is_away_or_has_left_is_offered(
    company: Company, boris: Phone, phone: PhoneOf
) -> None:
    Employee.objects.filter(pk=company.gleb.pk).update(is_active=False)
    delegations.begin(
        principal=company.vera,
        deputy=company.tamara,
        until=timezone.now() + timedelta(days=1),
        actor=company.vera,
        channel=ADMIN,
    )
    boris.says("/away")
    boris.says("31.12.2099")
    offered = {label.partition(" · ")[0] for label in boris.offers()}
    assert {"Белова Тамара", "Климов Фёдор", SERGEY, "Смирнова Анна", "← Back"} <= offered
    assert not {"Орлов Борис", "Лебедева Вера", "Чужов Глеб"} & offered


def test_the_card_says_what_will_happen(company: Company, line: Line, boris: Phone) -> None:
    company.submitted()
    boris.says("/away")
    boris.says("31.12.2099")
    boris.presses(SERGEY)
    text = boris.reads()[-1]
    assert "goes to С. Посторонних as well" in text
    assert "1 request that waits for you now" in text
    assert "/back" in text


def test_what_the_service_refuses_is_said(company: Company, boris: Phone) -> None:
    delegations.begin(
        principal=company.vera,
        deputy=company.boris,
        until=timezone.now() + timedelta(days=1),
        actor=company.vera,
        channel=ADMIN,
    )
    boris.goes_away()
    assert "a deputy does not pass this on" in boris.reads()[-1]
    assert Delegation.objects.get().principal == company.vera
    assert not Dialog.objects.exists()


@pytest.mark.parametrize("way", ["/cancel", "✖ Cancel"])
def test_going_away_can_be_left_at_any_step(boris: Phone, way: str) -> None:
    for steps in range(3):
        boris.says("/away")
        if steps:
            boris.says("31.12.2099")
        if steps > 1:
            boris.presses(SERGEY)
        boris.says(way) if way == "/cancel" else boris.presses(way if steps else "← Back")
        assert boris.reads()[-1] == "Nothing was changed."
        assert not Dialog.objects.exists()
    assert not Delegation.objects.exists()


def test_an_earlier_questions_button_is_out_of_date(boris: Phone) -> None:
    boris.says("/away")
    boris.says("/cancel")
    assert "out of date" in boris.presses(label(boris, "A week"))
    boris.says("/away")
    boris.says("31.12.2099")
    # Under the first message; the second one asks for the person.
    boris.presses(label(boris, "A week"))
    assert Dialog.objects.get().answers["until"] == "2099-12-31"


def test_away_shows_the_absence_that_runs_and_offers_to_end_it(
    company: Company, boris: Phone
) -> None:
    boris.goes_away()
    text = boris.says("/away")
    assert "С. Посторонних decides for you too" in text
    assert "until 31.12.2099 23:59: Everything" in text
    boris.presses("I am back: С. Посторонних")
    assert not Delegation.objects.running().exists()
    assert "without С. Посторонних" in boris.reads()[-1]
    assert not Dialog.objects.exists()


def test_another_persons_absence_cannot_be_ended(
    company: Company, boris: Phone, say: Callable[..., bot.Json]
) -> None:
    boris.goes_away()
    pk = Delegation.objects.get().pk
    for person in (company.sergey, company.vera):
        answer = say(company.telegram_id(person), f"resume:{pk}", press=True)
        assert "out of date" in answer["text"]
    assert Delegation.objects.running().exists()


def test_back_ends_what_runs_and_shows_what_is_planned(company: Company, boris: Phone) -> None:
    assert boris.says("/back") == "You are not away."
    plan(company)
    boris.goes_away(until=f"{timezone.localdate() + timedelta(days=5):%d.%m.%Y}")

    answer = boris.says("/back")

    assert "without С. Посторонних." in answer
    assert "С. Посторонних decides for you too, from" in answer
    assert not Delegation.objects.running().exists()
    assert Delegation.objects.not_over().exists()
    assert "You are not away." in boris.says("/back")
    boris.presses("I am back: С. Посторонних")
    assert not Delegation.objects.not_over().exists()
    assert boris.says("/back") == "You are not away."


def test_other_days_are_free_beside_a_planned_absence(company: Company, boris: Phone) -> None:
    plan(company)
    assert "Until which day are you away" in boris.says("/away")


def plan(company: Company) -> None:
    """Boris is away for five days from the tenth day on."""
    since = timezone.now() + timedelta(days=10)
    delegations.begin(
        principal=company.boris,
        deputy=company.sergey,
        since=since,
        until=since + timedelta(days=5),
        actor=company.boris,
        channel=ADMIN,
    )
