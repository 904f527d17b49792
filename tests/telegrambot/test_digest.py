"""At each person's hour: what waits for him, and all that is usual approved by one tap."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from time_machine import Traveller

from oauth import linking
from telegrambot import tasks
from telegrambot.content import digest as content
from telegrambot.content.callback_data import CallbackData
from telegrambot.content.doubts import doubts, doubts_of_each
from telegrambot.incoming import bulk
from telegrambot.kinds import digest
from telegrambot.models import BulkApproval, Chat, SentMessage
from telegrambot.projection import digests
from tests.company import ADMIN, PDF, TELEGRAM, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.sandbox import Sandbox
from treasury.errors import Outdated
from treasury.models import (
    CalendarDay,
    Counterparty,
    CounterpartyAccount,
    Decision,
    Delegation,
    Department,
    Employee,
    PaymentRequest,
)
from treasury.services import comments, decisions, delegations, requests, uploads

# In Moscow: a Tuesday, a quarter to nine.
EARLY = datetime(2026, 11, 24, 5, 45, tzinfo=UTC)
NINE = datetime(2026, 11, 24, 6, 0, 1, tzinfo=UTC)
NARROW = "\N{NARROW NO-BREAK SPACE}"
PURPOSE = "Оплата за металлопрокат, НДС 22%"
_invoices = count(1)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    with time_machine.travel(EARLY) as traveller:
        yield traveller


@pytest.fixture
def known(clock: Traveller, line: Line, company: Company) -> PaymentRequest:
    """The payee and his account are usual ones."""
    with line.committed():
        request = company.approved(invoice_number="1")
        bot.project()
    Chat.objects.update(digests_since=EARLY)
    return request


def asks(company: Company, line: Line, **changes: Any) -> PaymentRequest:
    with line.committed():
        usual = {"invoice_number": f"С-{next(_invoices)}", "purpose": PURPOSE}
        request = lanes.submit(company, **{**usual, **changes})
    line.deliver()
    return request


def usual(company: Company) -> PaymentRequest:
    return company.submitted(invoice_number=f"С-{next(_invoices)}", purpose=PURPOSE)


def morning(clock: Traveller, line: Line, at: datetime = NINE) -> None:
    clock.move_to(at)
    with line.committed():
        tasks.tell_digests()
    line.deliver()


def digest_of(company: Company, person: Employee) -> SentMessage:
    telegram_id = company.telegram_id(person)
    return SentMessage.objects.get(kind="digest", chat__telegram_id=telegram_id)


def numbers_of(reader: Phone) -> list[str]:
    return [label for label in reader.offers() if label.isdecimal()]


def channels(request: PaymentRequest) -> list[tuple[str, str]]:
    return list(request.decisions.values_list("decided_by__last_name", "channel"))


def test_it_tells_what_waits_by_payee_and_department(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    other = Counterparty.objects.create(name="ООО «Новый»", inn="7743013902")
    first = asks(company, line, **company.sums(1000))
    second = asks(company, line, **company.sums("2000.50"))
    urgent = asks(company, line, **company.sums(3000), priority="high")
    account = company.account
    account.pk, account.counterparty, account.number = None, other, "40702810500000000002"
    account.save()
    unknown = asks(
        company, line, counterparty=other, counterparty_account=account, **company.sums(4000)
    )
    morning(clock, line)
    said = boris.reads()[-1]
    assert said.splitlines() == [
        "24.11.2026: 4 requests wait for your decision",
        f"In all: 10,000.50{NARROW}₽",
        "",
        "⚠️ Need a look: 2",
        f"1. {urgent.number} · 3,000.00{NARROW}₽ · АО «Северсталь»",
        "❗ High priority",
        f"2. {unknown.number} · 4,000.00{NARROW}₽ · ООО «Новый»",
        "⚠️ The first payment to this payee",
        "",
        f"Usual: 2 for 3,000.50{NARROW}₽",
        f"АО «Северсталь» · 3,000.50{NARROW}₽",
        f"– Производство: {first.number} 1,000.00{NARROW}₽, {second.number} 2,000.50{NARROW}₽",
    ]
    assert f"✅ Approve all usual ones (2 for 3,000.50{NARROW}₽)" in boris.offers()
    boris.presses("2")
    assert unknown.number in boris.reads()[-1]


def test_what_is_unusual_needs_a_look(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    """More than ever, to a new account, for the same invoice."""
    for number in (2, 3):
        company.approved(invoice_number=str(number))
    account = company.account
    account.pk, account.number = None, "40702810500000000002"
    account.save()
    more = asks(company, line, **company.sums(200_000))
    new = asks(company, line, counterparty_account=account, **company.sums(100))
    twins = [asks(company, line, invoice_number="77", **company.sums(10)) for _ in range(2)]
    morning(clock, line)
    said = boris.reads()[-1]
    assert "⚠️ Need a look: 4" in said
    assert "Usual" not in said
    for request, why in (
        (more, "⚠️ More than in any of the last 3 requests to this payee"),
        (new, "⚠️ The first payment to this account"),
        (twins[0], f"⚠️ Invoice 77 is already in request {twins[1].number} (In approval)"),
        (twins[1], f"⚠️ Invoice 77 is already in request {twins[0].number} (In approval)"),
    ):
        [found] = [part for part in said.split("\n") if request.number in part and "·" in part]
        assert why in said.partition(found)[2].split("·")[0]


def test_what_was_returned_and_comes_again_needs_a_look(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line)
    with line.committed():
        decisions.return_for_rework(
            task=company.task(request, company.boris), actor=company.boris, channel=ADMIN,
            reason="Нет акта",
        )  # fmt: skip
        requests.submit(request=bot.fresh(request), actor=company.anna, channel=ADMIN)
    line.deliver()
    morning(clock, line)
    said = boris.reads()[-1]
    assert "↩️ Returned by Б. Орлов: “Нет акта”. Nothing has been changed since." in said
    assert "Usual" not in said


def test_a_purpose_without_the_vat_needs_a_look(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line, purpose="Оплата за металлопрокат")
    assert "⚠️ The purpose says nothing of the VAT." in boris.reads()[-1]
    morning(clock, line)
    said = boris.reads()[-1]
    assert f"1. {request.number}" in said
    assert "⚠️ The purpose says nothing of the VAT." in said


def test_what_has_changed_since_he_was_asked_needs_a_look(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line)
    with line.committed():
        requests.change(
            request=request, actor=company.anna, channel=ADMIN, fields={"contract": "№ 7"}
        )
    line.deliver()
    assert "Changed" in boris.reads()[-1]
    morning(clock, line)
    said = boris.reads()[-1]
    assert "✏️ Changed: contract: — → № 7" in said
    assert "Usual" not in said


def test_it_speaks_russian(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    Employee.objects.update(language="ru")
    asks(company, line)
    morning(clock, line)
    assert "24.11.2026: вашего решения ждёт 1 заявка" in boris.reads()[-1]
    amount = f"125{NARROW}000,50{NARROW}₽"
    boris.presses(f"✅ Согласовать все обычные (1 на {amount})")
    assert boris.reads()[-1] == f"Согласовать 1 заявку на {amount}?"
    boris.presses("✅ Да, согласовать")
    assert boris.reads()[-1].startswith("Согласовано: 1 из 1\n✅ РОМ-2026-0000")


def test_where_nothing_waits_none_comes(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, phone: PhoneOf
) -> None:
    asks(company, line)
    morning(clock, line)
    told = SentMessage.objects.filter(kind="digest").values_list("chat__telegram_id", flat=True)
    assert set(told) == {company.telegram_id(company.boris), company.telegram_id(company.vera)}


def test_what_was_decided_before_it_could_be_sent_is_not_told(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line)
    clock.move_to(NINE)
    tasks.tell_digests()
    before = len(boris.reads())
    with line.committed():
        company.approve(request, company.vera)
    line.deliver()
    assert len(boris.reads()) == before


def test_it_comes_once_a_day(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    asks(company, line)
    morning(clock, line, EARLY)
    assert not SentMessage.objects.filter(kind="digest").exists()
    for hour in (6, 7, 20):
        morning(clock, line, datetime(2026, 11, 24, hour, 30, tzinfo=UTC))
    of_boris = SentMessage.objects.filter(kind="digest", chat__telegram_id=boris.telegram_id)
    assert of_boris.count() == 1
    morning(clock, line, datetime(2026, 11, 25, 6, 30, tzinfo=UTC))
    assert of_boris.count() == 2
    # A Saturday.
    morning(clock, line, datetime(2026, 11, 28, 6, 30, tzinfo=UTC))
    assert of_boris.count() == 2


def test_the_calendar_says_which_days_are_worked(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest
) -> None:
    wednesday, saturday = date(2026, 11, 25), date(2026, 11, 28)
    CalendarDay.objects.create(date=wednesday, kind=CalendarDay.Kind.OFF)
    CalendarDay.objects.create(date=saturday, kind=CalendarDay.Kind.WORKING)
    asks(company, line)
    for day in (wednesday, saturday):
        morning(clock, line, datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC))
    told = SentMessage.objects.filter(kind="digest").values_list("key", flat=True)
    assert set(told) == {str(saturday)}


def test_what_is_overdue_is_no_usual_one(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    late, usual = asks(company, line), asks(company, line)
    late.stages.filter(position=1).update(due_at=NINE - timedelta(days=1))
    morning(clock, line)
    looked_at, _usual, rest = boris.reads()[-1].partition("Usual: 1")
    assert late.number in looked_at
    assert "⏰ overdue by 8 working hours" in looked_at
    assert usual.number in rest


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_make_one(company: Company) -> None:
    with time_machine.travel(EARLY):
        company.submitted()
        Chat.objects.update(digests_since=EARLY)
    with time_machine.travel(NINE):
        bot.in_threads(
            2 if connection.vendor == "postgresql" else 1, lambda _number: digests.tell()
        )
        digests.tell()
    keys = SentMessage.objects.filter(kind="digest").values_list("chat__telegram_id", "key")
    people = (company.boris, company.vera)
    assert sorted(keys) == [(company.telegram_id(person), "2026-11-24") for person in people]


def test_who_has_chosen_another_hour_gets_it_then(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    asks(company, line)
    boris.says("/settings")
    boris.presses("📋 Digest: 9:00")
    boris.presses("○ 10:00")
    before = boris.reads()
    morning(clock, line)
    assert boris.reads() == before
    morning(clock, line, datetime(2026, 11, 24, 7, 0, 1, tzinfo=UTC))
    assert "1 request waits" in boris.reads()[-1]


def test_an_hour_that_is_over_is_for_tomorrow(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    asks(company, line)
    clock.move_to(datetime(2026, 11, 24, 12, tzinfo=UTC))
    boris.says("/settings")
    boris.presses("📋 Digest: 9:00")
    boris.presses("○ 10:00")
    before = boris.reads()
    morning(clock, line, datetime(2026, 11, 24, 12, 1, tzinfo=UTC))
    assert boris.reads() == before
    morning(clock, line, datetime(2026, 11, 25, 7, 1, tzinfo=UTC))
    assert "1 request waits" in boris.reads()[-1]


def test_who_wants_none_gets_none(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    asks(company, line)
    boris.says("/settings")
    boris.presses("📋 Digest: 9:00")
    boris.presses("○ none")
    assert "● none" in boris.offers()
    before = boris.reads()
    morning(clock, line)
    assert boris.reads() == before


def test_it_comes_by_his_own_clock_also_at_the_years_end(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    """In Vladivostok the last day of the year begins seven hours earlier."""
    CalendarDay.objects.create(date=date(2026, 12, 31), kind=CalendarDay.Kind.WORKING)
    asks(company, line)
    chats = Chat.objects.filter(telegram_id=boris.telegram_id)
    chats.update(zone="Asia/Vladivostok", digest_at=time(9))
    morning(clock, line, datetime(2026, 12, 30, 22, 59, tzinfo=UTC))
    assert not SentMessage.objects.filter(kind="digest").exists()
    morning(clock, line, datetime(2026, 12, 30, 23, 0, 1, tzinfo=UTC))
    assert boris.reads()[-1].startswith("31.12.2026: 1 request waits")
    assert SentMessage.objects.get(kind="digest").key == "2026-12-31"


def test_yesterdays_is_not_sent_any_more(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    """The chat was closed for a day: it gets today's alone."""
    asks(company, line)
    chat = Chat.objects.filter(telegram_id=boris.telegram_id)
    chat.update(state=Chat.State.BLOCKED)
    morning(clock, line)
    chat.update(state=Chat.State.ACTIVE)
    morning(clock, line, datetime(2026, 11, 25, 6, 30, tzinfo=UTC))
    told = [said for said in boris.reads() if "waits for your decision" in said]
    assert [said.partition(":")[0] for said in told] == ["25.11.2026"]


def test_a_deputy_is_told_too(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    sergey: Phone,
) -> None:  # fmt: skip
    asks(company, line)
    boris.goes_away()
    morning(clock, line)
    assert "1 request waits" in sergey.reads()[-1]


@pytest.mark.parametrize("fault", ["drop_after", "killed"])
def test_what_may_have_arrived_is_sent_again_as_it_was(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    telegram: Sandbox, fault: str,
) -> None:  # fmt: skip
    """The first copy's button asks for what is read above it, whatever has come since."""
    told = asks(company, line, **company.sums(1000))
    row = _lost(clock, line, company, telegram, fault)
    asks(company, line, **company.sums(2000))
    morning(clock, line, NINE + timedelta(minutes=5))
    first, second = (said for said in boris.reads() if "waits for your decision" in said)
    assert first == second
    boris.presses_data(boris.newest(), str(CallbackData("usual", row.pk)))
    assert boris.reads()[-1] == f"Approve 1 request for 1,000.00{NARROW}₽?"
    boris.presses("✅ Yes, approve")
    assert channels(told)


def test_what_an_administrator_sends_once_more_is_as_it_was(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    telegram: Sandbox,
) -> None:  # fmt: skip
    """Two copies may stand there by then."""
    asks(company, line)
    row = _lost(clock, line, company, telegram, "drop_after", times=2)
    morning(clock, line, NINE + timedelta(minutes=5))
    row.refresh_from_db()
    assert row.state == SentMessage.State.UNKNOWN
    asks(company, line)
    with line.committed():
        SentMessage.objects.filter(pk=row.pk).retry()
    line.deliver()
    copies = [said for said in boris.reads() if "waits for your decision" in said]
    assert len(copies) == 3
    assert len(set(copies)) == 1


def test_what_was_surely_not_sent_tells_what_waits_by_then(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    telegram: Sandbox,
) -> None:  # fmt: skip
    asks(company, line)
    telegram.fail("error", chat_id=boris.telegram_id, error_code=502, description="Bad Gateway")
    morning(clock, line)
    asks(company, line)
    morning(clock, line, NINE + timedelta(minutes=5))
    told = [said for said in boris.reads() if "for your decision" in said]
    assert [said.splitlines()[0].partition(": ")[2] for said in told] == [
        "2 requests wait for your decision"
    ]


def test_yesterdays_is_not_sent_once_more(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    telegram: Sandbox,
) -> None:  # fmt: skip
    asks(company, line)
    row = _lost(clock, line, company, telegram, "drop_after")
    morning(clock, line, NINE + timedelta(days=1))
    told = [said for said in boris.reads() if "waits for your decision" in said]
    assert [said.partition(":")[0] for said in told] == ["24.11.2026", "25.11.2026"]
    row.refresh_from_db()
    assert not row.form


def test_what_was_composed_for_another_is_not_sent_to_who_reads_there_now(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    telegram: Sandbox,
) -> None:  # fmt: skip
    """The handset is a colleague's now, and what was sent to Boris never came."""
    request = asks(company, line)
    row = _lost(clock, line, company, telegram, "killed")
    before = len(boris.reads())
    with line.committed():
        for person in (company.boris, company.sergey):
            linking.unlink(telegram_id=company.telegram_id(person), channel="telegram")
        linking._link(company.sergey, boris.telegram_id, "Сергей")
    line.deliver()
    row.refresh_from_db()
    assert row.lost == 1
    morning(clock, line, NINE + timedelta(minutes=5))
    assert request.number not in "\n".join(boris.reads()[before:])
    row.refresh_from_db()
    assert not row.form
    assert not row.is_behind


def test_what_he_may_read_no_more_is_not_sent_once_more(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    sergey: Phone,
) -> None:  # fmt: skip
    """He stood in for Boris, who was back before he had it."""
    request = asks(company, line)
    boris.goes_away()
    morning(clock, line)
    row = _sending(digest_of(company, company.sergey))
    before = len(sergey.reads())
    with line.committed():
        delegations.end(delegation=Delegation.objects.get(), actor=company.boris, channel=TELEGRAM)
    line.deliver()
    row.refresh_from_db()
    assert row.lost == 1
    morning(clock, line, NINE + timedelta(minutes=5))
    assert request.number not in "\n".join(sergey.reads()[before:])
    row.refresh_from_db()
    assert not row.form
    assert not row.is_behind


def _sending(row: SentMessage) -> SentMessage:
    """As a worker leaves it that was killed before the answer came."""
    SentMessage.objects.filter(pk=row.pk).update(
        state=SentMessage.State.SENDING, form="", message_ids=[], shown=0, shown_hash=""
    )
    return row


def _lost(
    clock: Traveller, line: Line, company: Company, telegram: Sandbox, fault: str, times: int = 1
) -> SentMessage:
    """Boris' digest, of which nobody knows whether he has it."""
    chat_id = company.telegram_id(company.boris)
    if fault == "killed":
        morning(clock, line)
        return _sending(digest_of(company, company.boris))
    telegram.fail(fault, chat_id=chat_id, count=times)
    morning(clock, line)
    row = digest_of(company, company.boris)
    assert row.lost == 1
    return row


def test_each_that_it_names_has_its_number(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    for number in range(9):
        company.submitted(invoice_number=f"Много-{number}", priority="high")
    last = company.submitted(invoice_number="Много-10", priority="high")
    morning(clock, line)
    assert numbers_of(boris) == [str(number) for number in range(1, 11)]
    boris.presses("10")
    assert last.number in boris.reads()[-1]


def test_of_very_many_it_says_how_many_more_there_are(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    for number in range(60):
        company.submitted(invoice_number=f"Много-{number}", priority="high")
    morning(clock, line)
    said = boris.reads()[-1]
    assert "60 requests wait" in said
    assert "… and " in said.splitlines()[-1]
    assert said.splitlines()[-1].endswith(" more: /pending")
    assert len(said) <= 4096
    named = said.count("❗ High priority")
    assert 8 < named < 60
    assert numbers_of(boris) == [str(number) for number in range(1, named + 1)]


def test_all_usual_are_approved_by_one_tap_and_a_yes(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    first, second = asks(company, line), asks(company, line)
    asks(company, line, priority="high")
    morning(clock, line)
    boris.presses(f"✅ Approve all usual ones (2 for 250,001.00{NARROW}₽)")
    assert boris.reads()[-1] == f"Approve 2 requests for 250,001.00{NARROW}₽?"
    assert Decision.objects.exclude(request=known).count() == 0
    assert boris.presses("✅ Yes, approve") == "Approving: 2…"
    assert boris.reads()[-1].splitlines() == [
        "Approved: 2 of 2",
        f"✅ {first.number} · 125,000.50{NARROW}₽",
        f"✅ {second.number} · 125,000.50{NARROW}₽",
    ]
    for request in (first, second):
        assert channels(request) == [("Орлов", "telegram")]
    assert Decision.objects.exclude(request=known).count() == 2


def test_a_no_approves_nothing(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    asks(company, line)
    morning(clock, line)
    boris.presses(f"✅ Approve all usual ones (1 for 125,000.50{NARROW}₽)")
    boris.presses("No")
    assert boris.reads()[-1] == "Nothing was changed."
    assert not BulkApproval.objects.exists()
    assert Decision.objects.exclude(request=known).count() == 0


def test_what_has_changed_since_is_left_out_and_said(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    same, changed = asks(company, line), asks(company, line)
    morning(clock, line)
    with line.committed():
        lanes.change(company, changed)
    boris.presses(f"✅ Approve all usual ones (2 for 250,001.00{NARROW}₽)")
    assert boris.reads()[-1].splitlines() == [
        f"Approve 1 request for 125,000.50{NARROW}₽?",
        f"Left out, for they have changed since the digest: {changed.number}",
    ]
    boris.presses("✅ Yes, approve")
    assert channels(same)
    assert not channels(changed)


def test_what_is_only_said_of_a_request_changes_nothing(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line)
    morning(clock, line)
    with line.committed():
        comments.add(request=request, author=company.anna, channel=ADMIN, text="Спасибо")
    boris.presses(f"✅ Approve all usual ones (1 for 125,000.50{NARROW}₽)")
    boris.presses("✅ Yes, approve")
    assert channels(request)


def test_what_is_asked_about_is_no_usual_one(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line)
    with line.committed():
        comments.add(request=request, author=company.boris, channel=ADMIN, text="Где договор?")
    morning(clock, line)
    assert "❓ Question, Б. Орлов: Где договор?" in boris.reads()[-1]
    assert not any(label.startswith("✅ Approve all usual") for label in boris.offers())


def test_what_is_approved_by_a_tap_was_named() -> None:
    name = "ООО «Общество с очень длинным названием номер %02d»"
    payees = [Counterparty(pk=key, name=name % key) for key in range(40)]
    department = Department(pk=1, name="Производство")
    usual = [
        PaymentRequest(
            pk=key, number=f"РОМ-2026-{key:05}", amount=Decimal(1000), currency="RUB",
            counterparty=payees[key % 40], department=department,
        )
        for key in range(100)
    ]  # fmt: skip
    totals = [("RUB", 100, Decimal(100_000))]
    with translation.override("ru"):
        told = content.told(date(2026, 11, 24), totals, [], usual)
    assert 0 < len(told.usual) < 100
    assert [request for request in usual if request.number in told.text] == told.usual
    assert f"Обычные: {len(told.usual)}" in told.text
    assert f"и ещё {100 - len(told.usual)}" in told.text


Act = Callable[[Company, PaymentRequest], object]


def _declined(company: Company, request: PaymentRequest) -> None:
    task = company.task(request, company.vera)
    decisions.decline(task=task, actor=company.vera, channel=TELEGRAM, reason="Нет средств")


def _made_urgent(company: Company, request: PaymentRequest) -> None:
    """Behind the journal, as a look at what is unusual may find something new."""
    PaymentRequest.objects.filter(pk=request.pk).update(priority="high")


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lanes.change, "has changed since the digest: look at it"),
        (_declined, "Declined"),
        (lambda company, request: company.approve(request, company.vera),
         "does not wait for you any more"),
        (lambda company, request: company.approve(request, company.boris),
         "already approved by you"),
        (_made_urgent, "❗ High priority"),
    ],
    ids=["changed", "declined", "decided", "decided by himself", "unusual"],
)  # fmt: skip
def test_what_happens_between_question_and_answer_counts(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone, act: Act,
    why: str,
) -> None:  # fmt: skip
    """One refusal undoes no other."""
    before, request, after = (asks(company, line) for _number in range(3))
    morning(clock, line)
    boris.presses(f"✅ Approve all usual ones (3 for 375,001.50{NARROW}₽)")
    with line.committed():
        act(company, request)
    made = channels(request)
    boris.presses("✅ Yes, approve")
    assert boris.reads()[-1].splitlines() == [
        "Approved: 2 of 3",
        f"✅ {before.number} · 125,000.50{NARROW}₽",
        f"— {request.number}: {why}",
        f"✅ {after.number} · 125,000.50{NARROW}₽",
    ]
    assert channels(request) == made


def test_nothing_is_left_after_it(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line)
    morning(clock, line)
    button = f"✅ Approve all usual ones (1 for 125,000.50{NARROW}₽)"
    boris.presses(button)
    boris.presses("✅ Yes, approve")
    said = boris.presses(button)
    assert said == "Nothing of it is left to approve so. /pending tells what waits."
    assert channels(request) == [("Орлов", "telegram")]


def test_a_second_yes_approves_nothing_more(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone
) -> None:
    request = asks(company, line)
    morning(clock, line)
    boris.presses(f"✅ Approve all usual ones (1 for 125,000.50{NARROW}₽)")
    asked = BulkApproval.objects.get()
    boris.presses("✅ Yes, approve")
    assert boris.presses_data(boris.newest(), f"bulk:{asked.pk}:1") == "This button is out of date."
    assert channels(request) == [("Орлов", "telegram")]


def test_others_can_neither_ask_nor_answer(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    phone: PhoneOf,
) -> None:  # fmt: skip
    """A colleague who may decide too, and a stranger."""
    request = asks(company, line)
    morning(clock, line)
    vera = phone(company.vera)
    own = CallbackData("usual", digest_of(company, company.boris).pk)
    assert vera.presses_data(vera.newest(), str(own)) == "This button is out of date."
    boris.presses(f"✅ Approve all usual ones (1 for 125,000.50{NARROW}₽)")
    asked = BulkApproval.objects.get()
    assert vera.presses_data(vera.newest(), f"bulk:{asked.pk}:1") == "This button is out of date."
    linking.unlink(telegram_id=boris.telegram_id, channel="telegram")
    said = boris.presses_data(boris.newest(), f"bulk:{asked.pk}:1")
    assert "no access" in said or "нет доступа" in said.lower()
    line.deliver()
    assert not channels(request)


@pytest.mark.parametrize("way", ["unlinked", "dismissed"])
def test_who_has_gone_since_approves_nothing(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone, way: str
) -> None:
    request = asks(company, line)
    morning(clock, line)
    boris.presses(f"✅ Approve all usual ones (1 for 125,000.50{NARROW}₽)")
    asked = BulkApproval.objects.get()
    assert bulk.confirm(asked, None)
    if way == "unlinked":
        linking.unlink(telegram_id=boris.telegram_id, channel="telegram")
    else:
        company.department.budget_holders.remove(company.boris)
    line.deliver()
    asked.refresh_from_db()
    assert asked.done_at
    assert not channels(request)


def test_of_very_many_a_part_is_approved_at_a_time(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, boris: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(bulk, "MOST", 3)
    for _number in range(5):
        number = f"Много-{next(_invoices)}"
        company.submitted(invoice_number=number, purpose=PURPOSE, **company.sums(100))
    morning(clock, line)
    button = f"✅ Approve all usual ones (5 for 500.00{NARROW}₽)"
    boris.presses(button)
    assert boris.reads()[-1] == f"Approve 3 requests for 300.00{NARROW}₽?"
    boris.presses("✅ Yes, approve")
    assert "Approved: 3 of 3" in boris.reads()[-1]
    boris.presses(button)
    assert boris.reads()[-1] == f"Approve 2 requests for 200.00{NARROW}₽?"


@pytest.mark.django_db(transaction=True)
def test_two_workers_approve_each_once(company: Company) -> None:
    """And one that is killed in the middle has lost nothing."""
    company.approved(invoice_number="1")
    waiting = [usual(company) for _number in range(6)]
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    told = [(request.pk, bot.fresh(request).journal_length) for request in waiting]
    begun = bulk.begin(chat, company.boris, told)
    assert begun
    with transaction.atomic():
        assert bulk.confirm(begun.asked, None)
    workers = 3 if connection.vendor == "postgresql" else 1
    bot.in_threads(workers, lambda _number: bulk.work(begun.asked.pk))
    begun.asked.refresh_from_db()
    assert [line[0] for line in begun.asked.results] == ["✅"] * 6
    assert begun.asked.done_at
    assert bulk.to_do() == []
    assert Decision.objects.filter(request__in=waiting).count() == 6


@pytest.mark.django_db(transaction=True)
def test_a_decision_that_races_with_it_is_recorded_once(company: Company) -> None:
    """The request is either approved by one tap, or by the press under its card."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    company.approved(invoice_number="1")
    waiting = [usual(company) for _number in range(8)]
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    told = [(request.pk, bot.fresh(request).journal_length) for request in waiting]
    begun = bulk.begin(chat, company.boris, told)
    assert begun
    bulk.confirm(begun.asked, None)

    def decide(number: int) -> None:
        if number:
            for request in reversed(waiting):
                press = bot.press(
                    company.telegram_id(company.boris),
                    f"approve:{company.task(request, company.boris).pk}",
                )
                bot.post(press)
        else:
            bulk.work(begun.asked.pk)

    bot.in_threads(2, decide)
    begun.asked.refresh_from_db()
    assert len(begun.asked.results) == len(waiting)
    for request in waiting:
        assert channels(request) == [("Орлов", "telegram")]


def test_the_treasurer_chooses_accounts_himself(
    clock: Traveller, line: Line, company: Company, known: PaymentRequest, phone: PhoneOf
) -> None:
    request = asks(company, line, own_account=None)
    with line.committed():
        for person in (company.boris, company.fedor):
            company.approve(request, person)
    line.deliver()
    morning(clock, line)
    tamara = phone(company.tamara)
    assert "🏦 Choose the account from which it is paid" in tamara.reads()[-1]
    assert not [label for label in tamara.offers() if "usual" in label]


def test_an_approval_of_what_has_changed_is_refused(company: Company) -> None:
    """Whatever the caller has looked at before."""
    request = company.submitted()
    seen = bot.fresh(request).journal_length
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields={"comment": "Нет"})
    task = company.task(request, company.boris)
    with pytest.raises(Outdated):
        decisions.approve(task=task, actor=company.boris, channel=TELEGRAM, seen=seen)
    assert not channels(request)


def _of_every_kind(company: Company, number: int) -> None:
    """Requests of a department and a payee of their own, one for each reason to look at it."""
    payee = Counterparty.objects.create(name=f"ООО «{number}»", inn=f"77430139{number:02}")
    account = CounterpartyAccount.objects.create(
        counterparty=payee, bank=company.account.bank, number=f"408028105{number:011}"
    )
    department = Department.objects.create(organization=company.organization, name=f"Цех {number}")
    department.budget_holders.add(company.boris, company.vera)

    def submitted(**changes: Any) -> PaymentRequest:
        changes = {"department": department, "purpose": PURPOSE, **changes}
        return company.submitted(**{"invoice_number": f"С-{next(_invoices)}", **changes})

    submitted()
    submitted(purpose="Оплата за металлопрокат")
    submitted(own_account=None)
    submitted(counterparty=payee, counterparty_account=account)
    for _twin in range(2):
        submitted(invoice_number=f"Дважды-{number}")
    comments.add(request=submitted(), author=company.boris, channel=ADMIN, text="Где договор?")
    act = uploads.stage(owner=company.anna, file=ContentFile(PDF, name="Акт.pdf"))
    requests.change(
        request=submitted(), actor=company.anna, channel=ADMIN, fields={}, documents=[act]
    )
    requests.change(
        request=submitted(), actor=company.anna, channel=ADMIN, fields={"contract": f"№ {number}"}
    )
    returned = submitted()
    decisions.return_for_rework(
        task=company.task(returned, company.boris), actor=company.boris, channel=ADMIN,
        reason="Нет акта",
    )  # fmt: skip
    requests.submit(request=bot.fresh(returned), actor=company.anna, channel=ADMIN)
    submitted().stages.filter(position=1).update(due_at=EARLY - timedelta(days=1))


def test_it_is_composed_by_few_queries(telegram: Sandbox, company: Company) -> None:
    """As many for all that it looks at as for a few."""
    with time_machine.travel(EARLY):
        company.approved(invoice_number="1")
        _of_every_kind(company, 1)
        few = _queries_of_digest(company)
        for number in range(2, 11):
            _of_every_kind(company, number)
        many = _queries_of_digest(company)
    assert many <= few <= 38, (few, many)


def test_of_many_the_doubts_are_those_of_each(telegram: Sandbox, company: Company) -> None:
    company.approved(invoice_number="1")
    for number in range(1, 3):
        _of_every_kind(company, number)
    waiting = PaymentRequest.objects.waiting_for(company.boris).with_facts()
    each = {request.pk: doubts(request) for request in waiting}
    assert len([text for text in each.values() if text]) == 12
    assert doubts_of_each(list(waiting)) == each


def _queries_of_digest(company: Company) -> int:
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    row = digest.row(chat, date(2026, 11, 24))
    row.save()
    with CaptureQueriesContext(connection) as queries:
        [rendered] = bot.shown([row])
    assert "Где договор?" in rendered.text
    row.delete()
    return len(queries)
