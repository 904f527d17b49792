"""/away and /back, and what the deputy sees: by way of the sandbox, down to the chats."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from celery import current_app
from django.utils import timezone

from telegrambot import deputies
from telegrambot.models import Chat, Deputising, Dialog, SentMessage
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot import bot
from tests.telegrambot.conftest import Commits, Sandbox
from tests.telegrambot.phone import Line, Phone
from treasury.models import AccountEvent, Decision, Delegation, Employee, PaymentRequest
from treasury.services import delegations
from treasury.workflow import Status

# The bell of an earlier test may still be ringing, and knows no other way than the broker.
pytestmark = pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")

SERGEY = "Посторонних Сергей"
PhoneOf = Callable[[Employee], Phone]


@pytest.fixture(autouse=True)
def at_once() -> Iterator[None]:
    """Tasks run where they are asked for."""
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.fixture
def line(telegram: Sandbox, company: Company, django_capture_on_commit_callbacks: Commits) -> Line:
    Employee.objects.update(language="en")
    return Line(telegram, django_capture_on_commit_callbacks)


@pytest.fixture
def phone(line: Line, company: Company) -> PhoneOf:
    return lambda person: Phone(line, company.telegram_id(person))


@pytest.fixture
def boris(company: Company, phone: PhoneOf) -> Phone:
    return phone(company.boris)


@pytest.fixture
def sergey(company: Company, phone: PhoneOf) -> Phone:
    return phone(company.sergey)


def minutes(day: date) -> str:
    return f"{day:%d.%m.%Y} 23:59"


def goes_away(boris: Phone, until: str = "31.12.2099") -> None:
    boris.says("/away")
    boris.says(until)
    boris.presses(SERGEY)
    boris.presses("✅ Yes")


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


@pytest.mark.parametrize("text", ["25.12.2099", " 25.12.2099 ", "25.12.2099."])
def test_a_day_can_be_typed(boris: Phone, text: str) -> None:
    boris.says("/away")
    assert "Who decides for you meanwhile?" in boris.says(text)
    assert Dialog.objects.get().answers == {"until": "2099-12-25"}


def test_a_day_without_a_year_is_the_next_one(boris: Phone) -> None:
    today = timezone.localdate()
    for day in (today + timedelta(days=20), today - timedelta(days=20)):
        boris.says("/away")
        boris.says(f"{day.day}.{day.month}")
        found = date.fromisoformat(Dialog.objects.get().answers["until"])
        assert found >= today
        assert (found.day, found.month) == (day.day, day.month)


@pytest.mark.parametrize("text", ["31.11", "01.01.2020", "soon", "", "٢٥.١٢", "25.12.99999", "/25"])
def test_what_is_no_day_to_come_is_asked_for_again(boris: Phone, text: str) -> None:
    boris.says("/away")
    boris.says(text or "0")
    assert Dialog.objects.get().answers == {}


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
    people = {"Белова Тамара", "Климов Фёдор", SERGEY, "Смирнова Анна", "← Back"}
    assert people <= set(boris.offers())
    assert not {"Орлов Борис", "Лебедева Вера", "Чужов Глеб"} & set(boris.offers())


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
    goes_away(boris)
    assert "a deputy does not pass this on" in boris.reads()[-1]
    assert Delegation.objects.get().principal == company.vera
    assert not Dialog.objects.exists()


@pytest.mark.parametrize("way", ["/cancel", "← Back"])
def test_going_away_can_be_left_at_any_step(boris: Phone, way: str) -> None:
    for steps in range(3):
        boris.says("/away")
        if steps:
            boris.says("31.12.2099")
        if steps > 1:
            boris.presses(SERGEY)
        boris.says(way) if way == "/cancel" else boris.presses(way)
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
    assert Dialog.objects.get().answers == {"until": "2099-12-31"}


def test_away_shows_the_absence_that_runs_and_offers_to_end_it(
    company: Company, boris: Phone
) -> None:
    goes_away(boris)
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
    goes_away(boris)
    pk = Delegation.objects.get().pk
    for person in (company.sergey, company.vera):
        answer = say(company.telegram_id(person), f"resume:{pk}", press=True)
        assert "out of date" in answer["text"]
    assert Delegation.objects.running().exists()


def test_back_ends_what_runs_and_what_is_to_come(company: Company, boris: Phone) -> None:
    assert boris.says("/back") == "You are not away."
    for since in (None, timezone.now() + timedelta(days=10)):
        delegations.begin(
            principal=company.boris,
            deputy=company.sergey,
            since=since,
            until=(since or timezone.now()) + timedelta(days=5),
            actor=company.boris,
            channel=ADMIN,
        )
    assert "without С. Посторонних." in boris.says("/back")
    assert not Delegation.objects.not_over().exists()
    assert boris.says("/back") == "You are not away."


def test_a_deputys_decision_in_full(
    telegram: Sandbox, company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    waiting = company.submitted()
    line.deliver()
    assert sergey.reads() == []

    goes_away(boris)
    notice, card = sergey.reads()
    assert notice.startswith("You decide for Б. Орлов too, from ")
    assert "until 31.12.2099 23:59: Everything" in notice
    assert waiting.number in card
    assert "For Б. Орлов" in card
    new = company.submitted()
    line.deliver()
    assert new.number in sergey.reads()[-1]

    toast = sergey.presses("✅ Approve")

    assert new.number in toast
    decision = Decision.objects.get()
    assert (decision.request, decision.decided_by) == (new, company.sergey)
    assert decision.on_behalf_of == company.boris
    assert new.events.latest("id").on_behalf_of == company.boris
    for who in (sergey.telegram_id, boris.telegram_id, company.telegram_id(company.vera)):
        [shown] = [m for m in telegram.messages(who) if new.number in m["text"]]
        assert "✓ Держатель бюджета — С. Посторонних for Б. Орлов" in shown["text"]
        labels = [b["text"] for row in shown["reply_markup"]["inline_keyboard"] for b in row]
        assert "✅ Approve" not in labels
    [announcement] = [m for m in telegram.messages(GROUP_CHAT) if new.number in m["caption"]]
    assert "С. Посторонних" in announcement["caption"]
    assert not SentMessage.objects.behind().exists()
    assert company.open_position(waiting) == 1


def test_a_deputy_declines_for_the_one_who_is_away(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    request = company.submitted()
    goes_away(boris)
    sergey.presses("❌ Decline")
    sergey.says("Нет в бюджете")
    decision = Decision.objects.get()
    assert (decision.decided_by, decision.on_behalf_of) == (company.sergey, company.boris)
    assert bot.fresh(request).status == Status.DECLINED


def test_after_the_end_the_deputy_is_told_and_has_no_buttons(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    line.deliver()
    goes_away(boris)
    task = company.task(PaymentRequest.objects.get(), company.boris)
    assert "✅ Approve" in sergey.offers()

    boris.says("/back")
    line.deliver()

    assert sergey.reads()[-1] == "You do not decide for Б. Орлов any more."
    assert sergey.offers() == []
    assert company.counterparty.name not in "".join(sergey.reads())
    answer = bot.reply_to(bot.press(sergey.telegram_id, f"approve:{task.pk}"))
    assert "not entitled" in answer["text"]
    assert not Decision.objects.exists()
    assert "✅ Approve" in boris.offers()


def test_the_deputy_of_a_second_absence_decides_on_the_same_card(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    for _absence in range(2):
        goes_away(boris)
        assert "✅ Approve" in sergey.offers()
        assert company.counterparty.name in "".join(sergey.reads())
        boris.says("/back")
        assert sergey.offers() == []


def test_a_planned_absence_brings_the_buttons_back_at_its_hour_and_once(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    goes_away(boris)
    boris.says("/back")
    tomorrow = timezone.now() + timedelta(days=1)
    with line.committed():
        delegations.begin(
            principal=company.boris,
            deputy=company.sergey,
            since=tomorrow,
            until=tomorrow + timedelta(days=1),
            actor=company.boris,
            channel=ADMIN,
        )
    line.deliver()
    assert sergey.offers() == []

    Delegation.objects.filter(since=tomorrow).update(since=timezone.now())
    wanted = []
    for _minute in range(2):
        deputies.project()
        line.deliver()
        assert "✅ Approve" in sergey.offers()
        wanted.append(bot.chat_of(company, company.sergey).get(purpose="task").wanted)
    assert wanted[0] == wanted[1]


def test_what_the_deputy_has_decided_stays_his_to_read(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    request = company.submitted()
    goes_away(boris)
    sergey.presses("✅ Approve")
    boris.says("/back")
    company.approve(request, company.fedor)
    line.deliver()
    [card] = [text for text in sergey.reads() if request.number in text]
    assert "✓ Финансовый менеджер — Ф. Климов" in card


def test_an_absence_that_ends_at_its_hour_ends_in_the_chat_too(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    goes_away(boris)
    Delegation.objects.update(
        since=timezone.now() - timedelta(days=2), until=timezone.now() - timedelta(seconds=1)
    )
    for _time in range(2):
        deputies.project()
        line.deliver()
    assert sergey.reads().count("You do not decide for Б. Орлов any more.") == 1
    assert "✅ Approve" not in sergey.offers()
    assert not Deputising.objects.exists()


def test_one_that_is_yet_to_begin_is_told_and_taken_back(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    company.submitted()
    tomorrow = timezone.now() + timedelta(days=1)
    delegations.begin(
        principal=company.boris,
        deputy=company.sergey,
        since=tomorrow,
        until=tomorrow + timedelta(days=1),
        actor=company.boris,
        channel=ADMIN,
        reason="<Отпуск>",
    )
    for _time in range(2):
        deputies.project()
        line.deliver()
    [notice] = sergey.reads()
    assert f"from {timezone.localtime(tomorrow):%d.%m.%Y %H:%M}" in notice
    assert notice.endswith("<Отпуск>")

    boris.says("/back")
    assert not Delegation.objects.exists()
    line.deliver()
    assert sergey.reads()[1:] == ["You do not decide for Б. Орлов any more."]


def test_who_cannot_be_spoken_to_is_told_when_he_can(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    chat = Chat.objects.filter(telegram_id=sergey.telegram_id)
    chat.update(state=Chat.State.BLOCKED)
    goes_away(boris)
    assert not Deputising.objects.exists()
    chat.update(state=Chat.State.ACTIVE)
    deputies.project()
    line.deliver()
    assert sergey.reads()[0].startswith("You decide for Б. Орлов too")


def test_only_tasks_of_the_stage_come_to_its_deputy(
    company: Company, line: Line, sergey: Phone
) -> None:
    for principal in (company.boris, company.fedor):
        delegations.begin(
            principal=principal,
            deputy=company.sergey,
            until=timezone.now() + timedelta(days=1),
            actor=principal,
            channel=ADMIN,
            stage=company.route.stages.get(position=2),
        )
    request = company.submitted()
    line.deliver()
    assert sergey.offers() == []
    company.approve(request, company.vera)
    line.deliver()
    assert "For Ф. Климов" in sergey.reads()[-1]
    sergey.presses("✅ Approve")
    assert company.open_position(request) == 3


@pytest.mark.parametrize("who", ["himself", "administrator"])
def test_a_freeze_is_dissolved_by_a_delegation(
    company: Company, line: Line, boris: Phone, sergey: Phone, who: str
) -> None:
    """Boris alone could decide, and is away: the request waits until somebody stands in."""
    company.department.budget_holders.remove(company.vera)
    request = company.submitted()
    line.deliver()
    task = company.task(request, company.boris)
    answer = bot.reply_to(bot.press(sergey.telegram_id, f"approve:{task.pk}"))
    assert "not entitled" in answer["text"]

    if who == "himself":
        goes_away(boris)
    else:
        with line.committed():
            delegations.begin(
                principal=company.boris,
                deputy=company.sergey,
                until=timezone.now() + timedelta(days=1),
                actor=company.allow(company.anna, "add_delegation"),
                channel=ADMIN,
            )
        line.deliver()
    sergey.presses("✅ Approve")

    assert company.open_position(request) == 2
    assert Decision.objects.get().on_behalf_of == company.boris


def test_the_author_does_not_decide_as_a_deputy(
    company: Company, line: Line, boris: Phone, phone: PhoneOf
) -> None:
    anna = phone(company.anna)
    request = company.submitted()
    boris.says("/away")
    boris.says("31.12.2099")
    boris.presses("Смирнова Анна")
    boris.presses("✅ Yes")
    assert "✅ Approve" not in anna.offers()
    task = company.task(request, company.boris)
    bot.reply_to(bot.press(anna.telegram_id, f"approve:{task.pk}"))
    assert not Decision.objects.exists()
