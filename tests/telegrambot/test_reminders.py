"""What waits for too long: a reminder under the card, deputies, a superior, the author's nudge."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from telegrambot import tasks
from telegrambot.kinds.registry import KINDS
from telegrambot.models import Chat, SentMessage
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.models import ApprovalStage, Employee, PaymentRequest, Reminder
from treasury.services import delegations, reminders, requests

# A Monday, of which eight hours are worked.
DAY = "2026-12-07"


class Clock:
    """Moved by hand; runs on from there."""

    def __init__(self, line: Line, traveller: time_machine.Traveller) -> None:
        self._line, self._traveller = line, traveller

    def strikes(self, moment: str) -> None:
        """It is so late in Moscow, and the worker looks who is to be reminded."""
        self.shows(moment)
        with self._line.committed():
            tasks.remind()
        self._line.deliver()

    def shows(self, moment: str) -> None:
        moscow = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Europe/Moscow"))
        self._traveller.move_to(moscow.astimezone(UTC))


@pytest.fixture
def clock(line: Line) -> Iterator[Clock]:
    with time_machine.travel(0) as traveller:
        clock = Clock(line, traveller)
        clock.shows(f"{DAY} 08:30")
        yield clock


@pytest.fixture
def waiting(company: Company, line: Line, clock: Clock) -> PaymentRequest:
    """Submitted on a Monday morning, to be decided by the evening."""
    give_hours(company, 8)
    request = company.submitted()
    line.deliver()
    return request


def give_hours(company: Company, hours: int, position: int = 1) -> None:
    company.route.stages.filter(position=position).update(deadline_hours=hours)


def reminded(company: Company, person: Employee) -> list[str]:
    """What he sees of the kind."""
    rows = bot.chat_of(company, person).filter(kind__in=["reminder", "escalation"])
    return [KINDS[row.kind].render(row).text for row in rows.exclude(form="")]


def stand_in(principal: Employee, deputy: Employee) -> None:
    delegations.begin(
        principal=principal, deputy=deputy, until=timezone.now() + timedelta(days=30),
        actor=principal, channel=ADMIN,
    )  # fmt: skip


def seen(telegram: Sandbox, telegram_id: int) -> list[bot.Json]:
    path = f"/client/people/{telegram_id}/chats/{telegram_id}/messages"
    return [message for message in telegram.get(path) if message["from"]["is_bot"]]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", "Ждёт вас 6 рабочих часов, решить до 07.12 18:00."),
        ("en", "Waits for you for 6 working hours, decide by 07.12 18:00."),
    ],
)
def test_an_approver_is_reminded_in_answer_to_his_card_and_once(
    telegram: Sandbox, company: Company, waiting: PaymentRequest, clock: Clock, boris: Phone,
    language: str, words: str,
) -> None:  # fmt: skip
    Employee.objects.update(language=language)
    clock.strikes(f"{DAY} 14:59")
    assert len(boris.reads()) == 1
    for moment in ("16:00", "16:05", "17:59"):
        clock.strikes(f"{DAY} {moment}")
    card, reminder = seen(telegram, boris.telegram_id)
    assert words in reminder["text"]
    assert waiting.number in reminder["text"]
    assert reminder["reply_to_message"]["message_id"] == card["message_id"]
    assert len(reminded(company, company.vera)) == 1
    assert not reminded(company, company.fedor)


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("ru", "Решить до 07.12 18:00", "Просрочено с 07.12 18:00"),
        ("en", "Decide by 07.12 18:00", "Overdue since 07.12 18:00"),
    ],
)
@pytest.mark.parametrize("dress", [Chat.Dress.TEXT, Chat.Dress.RICH])
def test_the_card_says_until_when_and_then_that_it_is_overdue(
    telegram: Sandbox, company: Company, line: Line, clock: Clock, boris: Phone, language: str,
    before: str, after: str, dress: str,
) -> None:  # fmt: skip
    Employee.objects.update(language=language)
    Chat.objects.update(dress=dress)
    give_hours(company, 8)
    company.submitted()
    line.deliver()
    [card] = telegram.messages(boris.telegram_id)
    assert before in str(card)
    for moment in (f"{DAY} 16:00", f"{DAY} 18:01"):
        clock.strikes(moment)
    shown = telegram.messages(boris.telegram_id)[0]
    assert shown["message_id"] == card["message_id"]
    assert after in str({**shown, "history": []})
    assert before not in str({**shown, "history": []})


def test_what_was_decided_before_a_reminder_could_be_sent_troubles_nobody(
    company: Company, waiting: PaymentRequest, line: Line, clock: Clock, boris: Phone
) -> None:
    clock.shows(f"{DAY} 16:00")
    with line.committed():
        tasks.remind()
    assert SentMessage.objects.filter(kind="reminder").count() == 2
    company.approve(waiting, company.vera)
    line.deliver()
    assert len(boris.reads()) == 1
    clock.strikes(f"{DAY} 17:00")
    assert len(boris.reads()) == 1


def test_a_reminder_that_stands_there_settles_with_the_decision(
    company: Company, waiting: PaymentRequest, line: Line, clock: Clock, boris: Phone
) -> None:
    clock.strikes(f"{DAY} 16:00")
    company.approve(waiting, company.vera)
    line.deliver()
    assert boris.reads()[-1] == f"✔️ {waiting.number} does not wait for you."
    assert len(boris.reads()) == 2


def test_each_stage_and_each_revision_has_its_own(
    company: Company, waiting: PaymentRequest, line: Line, clock: Clock, boris: Phone
) -> None:
    clock.strikes(f"{DAY} 16:00")
    fields = company.sums(140_000)
    requests.change(request=waiting, actor=company.anna, channel=ADMIN, fields=fields)
    line.deliver()
    clock.strikes("2026-12-08 13:00")
    assert not [text for text in boris.reads()[2:] if "Waits" in text]
    clock.strikes("2026-12-08 14:01")
    assert "Waits for you for 6 working hours" in boris.reads()[-1]
    give_hours(company, 4, position=2)
    company.approve(waiting, company.boris)
    line.deliver()
    clock.strikes("2026-12-09 18:00")
    # That stage was copied before it had a deadline.
    assert not reminded(company, company.fedor)
    assert Reminder.objects.filter(kind=Reminder.Kind.EARLY).count() == 2


def test_a_deputy_hears_first_and_then_the_head_of_the_department(
    telegram: Sandbox, company: Company, waiting: PaymentRequest, line: Line, clock: Clock,
    sergey: Phone, phone: PhoneOf,
) -> None:  # fmt: skip
    company.department.head = company.gleb
    company.department.save()
    clock.strikes(f"{DAY} 16:00")
    with line.committed():
        stand_in(company.boris, company.sergey)
        tasks.ask_deputies()
    line.deliver()
    before = len(sergey.reads())
    clock.strikes(f"{DAY} 18:01")
    text = sergey.reads()[-1]
    assert len(sergey.reads()) == before + 1
    assert "overdue" in text
    assert text.endswith("For Б. Орлов")
    reply = seen(telegram, sergey.telegram_id)[-1]["reply_to_message"]
    assert waiting.number in str(reply)
    gleb = phone(company.gleb)
    assert not gleb.reads()
    # A quarter of the deadline later.
    clock.strikes("2026-12-08 10:59")
    assert not gleb.reads()
    for moment in ("2026-12-08 11:01", "2026-12-08 11:05", "2026-12-09 11:05"):
        clock.strikes(moment)
    [card] = gleb.reads()
    assert "not decided in time, and is not yet, by Б. Орлов, В. Лебедева." in card
    assert waiting.number in card
    assert "Северсталь" in card
    # He may look at it, and decide nothing.
    assert "✅ Approve" not in gleb.offers()
    gleb.presses("Details")
    assert "металлопрокат" in gleb.reads()[-1]
    assert "you were told as the superior" in gleb.says(f"/why {waiting.number}")
    assert len(sergey.reads()) == before + 1


def test_without_a_deputy_the_head_hears_at_the_deadline(
    company: Company, waiting: PaymentRequest, line: Line, clock: Clock, phone: PhoneOf
) -> None:
    company.department.head = company.gleb
    company.department.save()
    for moment in (f"{DAY} 16:00", f"{DAY} 18:01"):
        clock.strikes(moment)
    gleb = phone(company.gleb)
    assert len(gleb.reads()) == 1
    company.approve(waiting, company.boris)
    line.deliver()
    assert "not decided in time" not in gleb.reads()[0]
    assert "✓ Держатель бюджета" in gleb.reads()[0]


def test_whom_the_route_names_hears_in_place_of_the_head(
    company: Company, line: Line, clock: Clock, phone: PhoneOf
) -> None:
    company.department.head = company.gleb
    company.department.save()
    company.route.stages.filter(position=1).update(escalate_to=company.sergey)
    give_hours(company, 8)
    request = company.submitted()
    line.deliver()
    for moment in (f"{DAY} 16:00", f"{DAY} 18:01"):
        clock.strikes(moment)
    assert len(phone(company.sergey).reads()) == 1
    assert not phone(company.gleb).reads()
    readable = PaymentRequest.objects.filter(pk=request.pk)
    assert readable.readable_by(company.sergey).exists()
    assert readable.visible_to(company.sergey).exists()
    assert not readable.readable_by(company.gleb).exists()
    assert not readable.visible_to(company.gleb).exists()


@pytest.mark.parametrize("why", ["is asked himself", "works here no longer"])
def test_a_superior_who_cannot_be_one_is_passed_over(
    company: Company, waiting: PaymentRequest, clock: Clock, why: str
) -> None:
    named = company.boris if why == "is asked himself" else company.sergey
    company.department.head = company.gleb
    company.department.save()
    waiting.stages.filter(position=1).update(escalate_to=named)
    Employee.objects.filter(pk=company.sergey.pk).update(is_active=False)
    for moment in (f"{DAY} 16:00", f"{DAY} 18:01"):
        clock.strikes(moment)
    assert Reminder.objects.get(kind=Reminder.Kind.SUPERIOR).told == company.gleb


def test_a_worker_that_slept_reminds_of_what_is_overdue_by_now(
    waiting: PaymentRequest, clock: Clock, boris: Phone
) -> None:
    clock.strikes("2026-12-08 12:00")
    text = boris.reads()[-1]
    assert "Waits for you for 11 working hours, overdue by 3 working hours." in text


def test_overdue_requests_come_first_in_the_queue_and_say_so(
    company: Company, line: Line, clock: Clock, boris: Phone
) -> None:
    usual = company.submitted(priority="high", invoice_number="46")
    give_hours(company, 8)
    late = company.submitted()
    line.deliver()
    clock.shows(f"{DAY} 17:59")
    listed = boris.says("/pending")
    assert listed.index(usual.number) < listed.index(late.number)
    clock.shows("2026-12-08 10:00")
    listed = boris.says("/pending")
    assert listed.index(late.number) < listed.index(usual.number)
    assert f"{late.number} · ⏰ overdue by 1 working hour · " in listed
    assert listed.count("overdue") == 1


@pytest.mark.parametrize(
    ("language", "label", "toast", "words", "pause"),
    [
        ("ru", "⏰ Напомнить", "Напомнили: В. Лебедева, Б. Орлов.", "А. Смирнова просит вас",
         "в рабочих часах"),
        ("en", "⏰ Remind", "Reminded: В. Лебедева, Б. Орлов.", "А. Смирнова asks you to decide.",
         "in working hours"),
    ],
)  # fmt: skip
def test_an_author_reminds_by_one_tap_and_once_in_four_working_hours(
    telegram: Sandbox, company: Company, line: Line, clock: Clock, phone: PhoneOf, boris: Phone,
    language: str, label: str, toast: str, words: str, pause: str,
) -> None:  # fmt: skip
    Employee.objects.update(language=language)
    request = company.submitted()
    line.deliver()
    anna = phone(company.anna)
    anna.says(f"/request {request.number}")
    clock.shows(f"{DAY} 12:00")
    assert anna.presses(label) == toast
    card, reminder = seen(telegram, boris.telegram_id)
    assert words in reminder["text"]
    assert reminder["reply_to_message"]["message_id"] == card["message_id"]
    for moment in ("12:01", "16:59"):
        clock.shows(f"{DAY} {moment}")
        said = anna.presses(label)
        assert "07.12 12:00" in said
        assert "07.12 17:00" in said
        assert pause in said
    assert len(boris.reads()) == 2
    clock.shows(f"{DAY} 17:01")
    assert anna.presses(label) == toast
    assert len(boris.reads()) == 3


def test_at_the_weekend_nobody_is_reminded_once_more(
    company: Company, line: Line, clock: Clock, phone: PhoneOf
) -> None:
    request = company.submitted()
    line.deliver()
    anna = phone(company.anna)
    anna.says(f"/request {request.number}")
    clock.shows("2026-12-11 17:30")
    assert anna.presses("⏰ Remind").startswith("Reminded")
    for moment in ("2026-12-12 10:00", "2026-12-13 20:00", "2026-12-14 12:29"):
        clock.shows(moment)
        assert "from 14.12 12:30 on" in anna.presses("⏰ Remind")
    clock.shows("2026-12-14 12:31")
    assert anna.presses("⏰ Remind").startswith("Reminded")


def test_nobody_else_reminds_in_an_authors_name(
    company: Company, line: Line, clock: Clock, boris: Phone, phone: PhoneOf
) -> None:
    request = company.submitted()
    line.deliver()
    button = f"nudge:{request.pk}"
    assert "⏰ Remind" not in boris.offers()
    for person, said in (
        (company.boris, "You have no right to do this."),
        (company.sergey, "There is no such request, or it is not yours to see."),
    ):
        answer = bot.reply_to(bot.press(company.telegram_id(person), button))
        assert answer["text"] == said
    assert not Reminder.objects.exists()
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(request, person)
    line.deliver()
    anna = phone(company.anna)
    assert "⏰ Remind" not in anna.offers()
    answer = bot.reply_to(bot.press(anna.telegram_id, button))
    assert answer["text"] == "You have no right to do this."


def test_an_author_hears_that_nobody_has_telegram(
    company: Company, line: Line, clock: Clock, phone: PhoneOf
) -> None:
    Chat.objects.filter(
        telegram_id__in=[company.telegram_id(one) for one in (company.boris, company.vera)]
    ).delete()
    request = company.submitted()
    line.deliver()
    anna = phone(company.anna)
    anna.says(f"/request {request.number}")
    assert "Nobody who is asked has Telegram" in anna.presses("⏰ Remind")


def test_a_stage_of_the_last_days_of_a_year_is_due_after_the_holidays(
    company: Company, line: Line, clock: Clock, boris: Phone
) -> None:
    """The clocks of servers are those of UTC, in which a day begins three hours later."""
    give_hours(company, 4)
    clock.shows("2026-12-30 23:30")
    request = company.submitted()
    line.deliver()
    [stage] = request.stages.filter(state=ApprovalStage.State.OPEN)
    assert stage.due_at == datetime(2027, 1, 11, 10, tzinfo=UTC)
    assert "Decide by 11.01 13:00" in boris.reads()[-1]
    for moment in ("2026-12-31 15:00", "2027-01-08 15:00", "2027-01-11 11:59"):
        clock.strikes(moment)
        assert len(boris.reads()) == 1
    clock.strikes("2027-01-11 12:00")
    assert "Waits for you for 3 working hours" in boris.reads()[-1]


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_remind_once(company: Company) -> None:
    give_hours(company, 8)
    with time_machine.travel(datetime(2026, 12, 7, 5, 30, tzinfo=UTC)) as traveller:
        request = company.submitted()
        bot.project()
        for hour, kinds in ((13, 1), (16, 2)):
            traveller.move_to(datetime(2026, 12, 7, hour, tzinfo=UTC))
            bot.in_threads(4, lambda _number: tasks.remind())
            assert Reminder.objects.filter(request=request).count() == kinds
        assert SentMessage.objects.filter(kind="reminder").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_reminds_once(company: Company) -> None:
    request = company.submitted()
    bot.project()
    button = bot.press(company.telegram_id(company.anna), f"nudge:{request.pk}")
    presses = [{**button, "update_id": button["update_id"] + 10_000 + one} for one in range(4)]
    said = bot.in_threads(4, lambda number: bot.reply_to(presses[number])["text"])
    assert sum("Напомнили: " in text for text in said) == 1
    assert Reminder.objects.get().kind == Reminder.Kind.NUDGE
    assert SentMessage.objects.filter(kind="reminder").count() == 2


def test_one_that_cannot_be_reminded_holds_up_no_other(
    company: Company, waiting: PaymentRequest, line: Line, clock: Clock, boris: Phone
) -> None:
    company.submitted(invoice_number="47")
    line.deliver()
    condition = f"NEW.request_id = {waiting.pk}"
    bot.refuse_inserts("treasury_reminder", "poison", condition)
    clock.strikes(f"{DAY} 17:00")
    assert [reminder.request.pk == waiting.pk for reminder in Reminder.objects.all()] == [False]
    bot.accept_inserts("treasury_reminder")
    clock.strikes(f"{DAY} 17:01")
    assert Reminder.objects.count() == 2
    assert len(boris.reads()) == 4


def test_reminders_go_by_the_rules_of_whoever_may_decide(
    company: Company, waiting: PaymentRequest, line: Line, clock: Clock, boris: Phone
) -> None:
    """Vera has lost the role, and Boris is asked alone."""
    company.department.budget_holders.remove(company.vera)
    told = reminders.nudge(request=waiting, actor=company.anna)
    assert told == {company.boris.pk}
