"""Each Monday: how the week has been, with a chart, for who may see all requests and wants it."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation
from PIL import Image
from time_machine import Traveller

from telegrambot import tasks
from telegrambot.content import week as shown
from telegrambot.models import Chat, SentMessage, TelegramFile
from tests.company import TELEGRAM, Company
from tests.telegrambot import bot
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury import summary
from treasury.models import ApprovalStage, Employee, PaymentRequest
from treasury.services import comments, decisions, requests

MOSCOW = ZoneInfo("Europe/Moscow")
# The last week of a year, of which Friday and Saturday are in the next.
BEGINS = date(2026, 12, 28)
NARROW = "\N{NARROW NO-BREAK SPACE}"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """So many days after the Monday on which the week begins."""
    moment = datetime(2026, 12, 28, hour, minute, tzinfo=MOSCOW) + timedelta(days=day)
    return moment.astimezone(UTC)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(at(0, 0, 30)) as traveller:
        yield traveller


@pytest.fixture
def busy(clock: Traveller, line: Line, company: Company) -> None:
    """A week in which something has happened, and before it and after it too."""
    clock.move_to(at(-1, 23))
    company.approved(invoice_number="0", **company.sums(7))
    clock.move_to(at(0, 0, 1))
    company.approved(invoice_number="1", **company.sums(1000))
    # The Wednesday is the last day of that week on which people work.
    clock.move_to(at(2, 9, 58))
    slow = company.submitted(invoice_number="2", **company.sums(2000))
    clock.move_to(at(4, 12))
    paid = company.approved(invoice_number="3", **company.sums(500))
    company.mark_paid(paid)
    declined = company.submitted(invoice_number="4", **company.sums(900))
    task = company.task(declined, company.vera)
    decisions.decline(task=task, actor=company.vera, channel=TELEGRAM, reason="Нет в бюджете")
    late = company.submitted(invoice_number="5", **company.sums(300))
    late.stages.filter(position=1).update(due_at=at(6, 12))
    PaymentRequest.objects.filter(pk=declined.pk).update(desired_date=date(2027, 1, 3))
    clock.move_to(at(5, 23, 59))
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(slow, person)
    clock.move_to(at(7, 0, 1))
    company.approved(invoice_number="6", **company.sums(8))
    bot.project()


@pytest.fixture
def owner(busy: None, line: Line, company: Company, phone: PhoneOf) -> Phone:
    """Sergey, who may see everything and wants to be told."""
    line.deliver()
    company.allow(company.sergey, "view_paymentrequest")
    sergey = phone(company.sergey)
    sergey.says("/settings")
    sergey.presses("📋 Digest: 9:00")
    sergey.presses("☐ Weekly")
    assert "☑ Weekly" in sergey.offers()
    return sergey


def comes(clock: Traveller, line: Line, moment: datetime) -> None:
    clock.move_to(moment)
    with line.committed():
        tasks.tell_digests()
    line.deliver()


def photos(telegram: Sandbox, reader: Phone) -> list[dict[str, Any]]:
    return [one for one in telegram.messages(reader.telegram_id) if "photo" in one]


def test_it_tells_the_week_with_a_chart(
    clock: Traveller, line: Line, telegram: Sandbox, company: Company, owner: Phone
) -> None:
    comes(clock, line, at(7, 8, 59))
    assert not photos(telegram, owner)
    comes(clock, line, at(7, 9, 1))
    [seen] = photos(telegram, owner)
    declined = PaymentRequest.objects.get(status="declined")
    assert seen["caption"].splitlines() == [
        "Week 28.12.2026 – 03.01.2027",
        f"Approved: 3 · 3,500.00{NARROW}₽",
        f"Paid: 1 · 500.00{NARROW}₽",
        f"Overdue now: 1 · 300.00{NARROW}₽",
        "Slowest stage: Держатель бюджета, 1 h 45 min of working time on average",
        f"Declined: 1 · 900.00{NARROW}₽",
        f"– {declined.number} · 900.00{NARROW}₽ · АО «Северсталь»: Нет в бюджете",
    ]
    for hour in (10, 20):
        comes(clock, line, at(7, hour))
    assert len(photos(telegram, owner)) == 1


def test_it_speaks_russian(clock: Traveller, line: Line, telegram: Sandbox, owner: Phone) -> None:
    Employee.objects.update(language="ru")
    comes(clock, line, at(7, 9, 1))
    [seen] = photos(telegram, owner)
    lines = seen["caption"].splitlines()
    assert lines[0] == "Неделя 28.12.2026 – 03.01.2027"
    assert lines[1] == f"Согласовано: 3 · 3{NARROW}500,00{NARROW}₽"
    assert lines[4] == "Самый долгий этап: Держатель бюджета, в среднем 1 ч 45 мин рабочего времени"


def test_who_may_not_see_all_requests_any_more_is_told_nothing(
    clock: Traveller, line: Line, telegram: Sandbox, company: Company, owner: Phone
) -> None:
    company.sergey.user_permissions.clear()
    comes(clock, line, at(7, 9, 1))
    assert not photos(telegram, owner)
    owner.presses("← Settings")
    owner.presses("📋 Digest: 9:00")
    assert not [label for label in owner.offers() if "Weekly" in label]


def test_who_has_not_asked_for_it_is_told_nothing(
    clock: Traveller, line: Line, telegram: Sandbox, owner: Phone
) -> None:
    owner.presses("☑ Weekly")
    comes(clock, line, at(7, 9, 1))
    assert not SentMessage.objects.filter(kind="weekly").exists()


def test_a_week_without_anything_is_not_told(
    clock: Traveller, line: Line, telegram: Sandbox, owner: Phone
) -> None:
    ApprovalStage.objects.update(due_at=None)
    comes(clock, line, at(21, 9, 1))
    assert not photos(telegram, owner)


def test_a_week_without_approvals_has_no_chart(
    clock: Traveller, line: Line, telegram: Sandbox, owner: Phone
) -> None:
    comes(clock, line, at(21, 9, 1))
    assert not photos(telegram, owner)
    assert owner.reads()[-1].splitlines()[:2] == ["Week 11.01.2027 – 17.01.2027", "Approved: —"]


def test_a_chat_that_takes_no_pictures_is_told_in_words(
    clock: Traveller, line: Line, telegram: Sandbox, owner: Phone
) -> None:
    for method in ("sendPhoto", "sendDocument"):
        telegram.fail(
            "error", method=method, count=1, error_code=400,
            description="Bad Request: not enough rights to send photos to the chat",
        )  # fmt: skip
    comes(clock, line, at(7, 9, 1))
    line.deliver()
    assert "Approved: 3" in owner.reads()[-1]


def test_two_owners_get_the_same_picture_which_goes_up_once(
    clock: Traveller, line: Line, telegram: Sandbox, company: Company, owner: Phone, phone: PhoneOf
) -> None:
    company.allow(company.gleb, "view_paymentrequest")
    Chat.objects.filter(telegram_id=company.telegram_id(company.gleb)).update(
        weekly=True, digests_since=at(7, 0)
    )
    comes(clock, line, at(7, 9, 1))
    assert len(photos(telegram, owner)) == len(photos(telegram, phone(company.gleb))) == 1
    figures = summary.week(BEGINS, MOSCOW)
    with translation.override("en"):
        content = shown.picture(figures)
        assert shown.picture(figures) == content
    [kept] = TelegramFile.objects.filter(kind="photo")
    assert kept.sha256 == hashlib.sha256(content).hexdigest()


def test_the_chart_has_a_bar_for_each_day_with_approvals(busy: None) -> None:
    figures = summary.week(BEGINS, MOSCOW)
    days = [Decimal(amount) for amount in (1000, 0, 0, 0, 500, 2000, 0)]
    assert figures.by_day == {"RUB": days}
    with translation.override("ru"):
        picture = Image.open(BytesIO(shown.picture(figures))).convert("RGB")
    foot = picture.height - 60
    step = (picture.width - 80) / 7
    middles = [picture.getpixel((int(40 + (number + 0.5) * step), foot)) for number in range(7)]
    bars = [colour != (255, 255, 255) for colour in middles]
    assert bars == [True, False, False, False, True, True, False]


def test_each_currency_has_its_own_sum_and_panel(
    clock: Traveller, line: Line, company: Company
) -> None:
    company.approved(invoice_number="1", **company.sums(1000))
    company.approved(invoice_number="2", **company.sums(1000))
    company.approved(**company.abroad(company.payee_abroad()))
    figures = summary.week(BEGINS, MOSCOW)
    assert list(figures.approved) == [("EUR", 1, Decimal(1500)), ("RUB", 2, Decimal(2000))]
    assert list(figures.by_day) == ["RUB", "EUR"]
    with translation.override("ru"):
        both = Image.open(BytesIO(shown.picture(figures)))
    assert (both.width, both.height) == (1000, 70 + 2 * 380)


def test_what_was_approved_after_it_or_called_off_is_not_of_that_week(
    clock: Traveller, line: Line, company: Company
) -> None:
    request = company.submitted(invoice_number="1")
    company.approve(request, company.boris)
    company.approve(request, company.fedor)
    off = company.approved(invoice_number="2")
    requests.cancel(request=off, actor=company.anna, channel=TELEGRAM, reason="Передумали")
    clock.move_to(at(7, 0, 1))
    company.approve(request, company.tamara)
    assert not summary.week(BEGINS, MOSCOW).approved
    assert summary.week(BEGINS + timedelta(days=7), MOSCOW).approved


def test_what_is_said_of_a_paid_one_does_not_pay_it_again(
    clock: Traveller, line: Line, company: Company
) -> None:
    paid, other = company.approved(), company.approved(invoice_number="2")
    company.mark_paid(paid)
    clock.shift(60)
    company.mark_paid(other)
    clock.move_to(at(8, 12))
    comments.add(request=paid, author=company.anna, channel=TELEGRAM, text="Спасибо")
    assert [count for _currency, count, _sum in summary.week(BEGINS, MOSCOW).paid] == [2]
    assert not summary.week(BEGINS + timedelta(days=7), MOSCOW).paid


def test_a_day_that_has_passed_makes_nothing_overdue(
    clock: Traveller, line: Line, company: Company
) -> None:
    wanted, late = company.submitted(), company.submitted(invoice_number="2", **company.sums(300))
    PaymentRequest.objects.filter(pk=wanted.pk).update(desired_date=BEGINS)
    late.stages.filter(position=1).update(due_at=at(6, 12))
    assert [amount for _currency, _count, amount in summary.week(BEGINS, MOSCOW).overdue] == [300]


def test_where_it_was_open_for_longest_is_told(
    clock: Traveller, line: Line, company: Company
) -> None:
    """Of working time: the lunch is none."""
    clock.move_to(at(0, 9))
    request = company.submitted()
    clock.move_to(at(0, 11))
    company.approve(request, company.boris)
    clock.move_to(at(0, 17))
    company.approve(request, company.fedor)
    stage = summary.week(BEGINS, MOSCOW).slowest
    assert stage
    assert (stage.name, stage.count) == ("Финансовый менеджер", 1)
    assert timedelta(hours=4, minutes=59) < stage.took < timedelta(hours=5, seconds=30)
    ApprovalStage.objects.filter(closed_at__isnull=False).update(closed_at=at(-1, 12))
    assert summary.week(BEGINS, MOSCOW).slowest is None


def test_its_figures_take_few_queries(busy: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(7):
        summary.week(BEGINS, MOSCOW)
