"""A payment request prepared in the chat, by way of the sandbox."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from telegrambot.dialogs import known, new_request
from telegrambot.incoming.handlers import files
from telegrambot.models import BegunRequest, Dialog
from tests.company import TELEGRAM, Company
from tests.telegrambot import bot
from tests.telegrambot.papers import pdf
from tests.telegrambot.phone import Line, Phone, PhoneOf
from tests.telegrambot.preparing import (
    DAY,
    NEW_ACCOUNT,
    NEW_INN,
    RATE,
    answers,
    starts,
    up_to_amount,
    up_to_papers,
    up_to_purpose,
    up_to_summary,
)
from treasury import working_time
from treasury.models import (
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Department,
    Employee,
    Organization,
    PaymentRequest,
    Upload,
    VatRate,
)
from treasury.workflow import Status


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ALBUM_PAUSE", timedelta(0))


def test_a_request_is_prepared_step_by_step_and_submitted(company: Company, anna: Phone) -> None:
    assert "Who is paid?" in anna.says("/new")
    question = anna.says("3528000597")
    assert "How much?" in question
    assert "Payee: АО «Северсталь»\nTo …0001, ПАО Сбербанк, in RUB" in question
    assert "Which VAT" in anna.says("125 тыс")
    anna.presses(RATE)
    assert "Which department?" in anna.reads()[-1]
    anna.presses("Производство")
    assert "В т.ч. НДС 22% - 22540.98 руб." in anna.reads()[-1]
    assert "By which invoice?" in anna.says("Оплата по счёту «45» за металлопрокат")
    assert "When is it to be paid?" in anna.says("45 от 10.11.2026")
    assert "Which documents" in anna.says(DAY)
    anna.answers_with(("document", "Счёт 45.pdf", pdf()), to=0)
    assert anna.reads()[-1].startswith("✅ Taken:\nСчёт 45.pdf, 69 bytes\n\n")
    anna.presses("Go on")
    summary = anna.reads()[-1]
    for fact in (
        "Organization: ООО «Ромашка»", "Payee: АО «Северсталь», INN 3528000597", "KPP: 997550001",
        "Account: 40702810200000000001, ПАО Сбербанк", "Amount: 125,000.00\u202f₽",
        "VAT: 22 %, 22,540.98\u202f₽", "Cash-flow item: 01.1 Оплата поставщикам",
        "Department: Производство", 'Purpose: Оплата по счёту "45" за металлопрокат',
        "Invoice: 45 of 10.11.2026", f"Desired date: {DAY}", "📎 Счёт 45.pdf, 69 bytes",
    ):  # fmt: skip
        assert fact in summary
    assert not PaymentRequest.objects.exists()

    toast = anna.presses("✅ Submit")

    request = PaymentRequest.objects.get()
    assert toast == f"{request.number} is submitted."
    assert request.status == Status.IN_APPROVAL
    assert (request.author, request.requester) == (company.anna, company.anna)
    assert (request.amount, request.vat_amount) == (Decimal("125000.00"), Decimal("22540.98"))
    assert (request.counterparty_account, request.own_account) == (
        company.account, company.own_account,
    )  # fmt: skip
    assert (request.invoice_number, request.invoice_date) == ("45", date(2026, 11, 10))
    assert [document.name for document in request.documents.all()] == ["Счёт 45.pdf"]
    assert set(request.events.values_list("channel", flat=True)) == {TELEGRAM}
    assert not Upload.objects.exists()
    assert not Dialog.objects.exists()
    assert any(request.number in text and "Journal" in text for text in anna.reads())


def test_what_is_asked_next_stands_below_what_was_said_since(company: Company, anna: Phone) -> None:
    up_to_amount(anna)
    anna.says("125 тыс")
    refused = anna.says("15300,50")
    assert "Choose with a button above" in refused
    anna.presses(RATE)
    assert "Which department?" in anna.reads()[-1]
    assert anna.reads()[-2] == refused
    # Of what was asked above only the words are left.
    answered = anna.find("Which VAT is in it?")
    assert (answered["text"], answered.get("reply_markup")) == ("Which VAT is in it?", None)
    anna.presses("Производство")
    assert "What is it paid for?" in anna.reads()[-1]
    assert anna.reads()[-2] == refused


def test_in_russian_too(company: Company, anna: Phone) -> None:
    Employee.objects.update(language="ru")
    assert "Кому платим?" in anna.says("/new")
    up_to_amount(anna)
    assert "Сколько?" in anna.reads()[-1]
    refused = anna.says("много")
    assert "Например: 1 250 000,50" in refused
    anna.says("1,2 млн")
    assert answers()[known.AMOUNT] == "1200000.00"
    assert "✖ Отмена" in anna.offers()
    assert "← Назад" in anna.offers()


def test_a_draft_may_be_kept(company: Company, anna: Phone) -> None:
    up_to_summary(anna)
    toast = anna.presses("💾 Keep as a draft")
    request = PaymentRequest.objects.get()
    assert toast == f"{request.number} is kept as a draft."
    assert request.status == Status.DRAFT


def test_it_goes_on_with_the_next_device_and_after_a_restart(
    company: Company, line: Line, phone: PhoneOf
) -> None:
    """Nothing is in memory: what is asked stands in the chat, and what was answered in the
    database."""
    up_to_purpose(phone(company.anna))
    restarted = Line(line.telegram, line._commits)
    tablet = Phone(restarted, company.telegram_id(company.anna))
    assert "By which invoice?" in tablet.says("Оплата по счёту 45 за металлопрокат")
    tablet.presses("Without an invoice")
    telephone = Phone(restarted, company.telegram_id(company.anna))
    telephone.presses(starts(tablet, "Next working day"))
    assert "Which documents" in tablet.reads()[-1]
    tablet.presses("There are none: say why")
    telephone.says("Оплата по договору")
    tablet.presses("✅ Submit")
    request = PaymentRequest.objects.get()
    assert (request.status, request.comment) == (Status.IN_APPROVAL, "Оплата по договору")
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert request.desired_date == working_time.current().working_day(tomorrow)


def test_an_old_button_on_the_other_device_changes_nothing(company: Company, anna: Phone) -> None:
    up_to_amount(anna)
    anna.says("100")
    number, label = anna.newest(), RATE
    data = f"vat:{Dialog.objects.get().pk}:{company.vat_rate.pk}"
    anna.presses(label)
    before = answers()
    anna.presses_data(number, data)
    assert answers() == before
    anna.presses("Маркетинг")
    anna.presses_data(number, data)
    assert answers()[known.OF_DEPARTMENT] == company.other_department.pk
    assert "What is it paid for?" in anna.reads()[-1]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("0", "The amount must be more than zero."),
        ("−5", "The amount must be more than zero."),
        ("много", "I read no amount in “много”. For example: 1,250,000.50"),
        ("1,255 млн", "an amount has at most two digits after the point. For example: 1,250"),
        ("1" * 17, "The amount is too large: at most 16 digits before the point."),
    ],
)
def test_no_amount_that_cannot_be_is_taken(anna: Phone, said: str, why: str) -> None:
    up_to_amount(anna)
    answer = anna.says(said)
    assert why in answer
    assert answer.count("xample") <= 1
    assert known.AMOUNT not in answers()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Счёт 😀", "does not take 😀"),
        ("x" * 211, "there are 211"),
        ("Счёт 45. В т.ч. НДС 20%", "rate in the purpose is 20"),
        ("Счёт 45. В т.ч. НДС 22% - 5.00 руб.", "VAT in the purpose is 5.00"),
    ],
)
def test_no_purpose_that_a_bank_would_refuse_is_taken(anna: Phone, said: str, why: str) -> None:
    up_to_purpose(anna)
    assert why in anna.says(said)
    assert known.PURPOSE not in answers()


@pytest.mark.parametrize("said", ["31.12", "вчера", "01.01.2020", "31.02.2027", "24.12–10.01"])
def test_a_day_is_one_that_is_to_come(anna: Phone, said: str) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    anna.presses("Without an invoice")
    anna.says(said)
    assert (known.DAY in answers()) == (said == "31.12")


def up_to_day(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    anna.presses("Without an invoice")


# A Monday.
NOVEMBER_30 = datetime(2026, 11, 30, 9, tzinfo=UTC)


@time_machine.travel(NOVEMBER_30)
@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("05.12.26", "2026-12-05"), ("5.12", "2026-12-05"), ("5 декабря", "2026-12-05"),
        ("5 дек. 2027 г.", "2027-12-05"), ("5-го января", "2027-01-05"),
        ("December 5", "2026-12-05"), ("5th of December, 2027", "2027-12-05"),
        ("завтра", "2026-12-01"), ("Послезавтра", "2026-12-02"), ("tomorrow", "2026-12-01"),
        ("day after tomorrow", "2026-12-02"), ("сегодня", "2026-11-30"),
        ("в пятницу", "2026-12-04"), ("до пятницы", "2026-12-04"), ("friday", "2026-12-04"),
        ("через 3 дня", "2026-12-03"),
        ("через неделю", "2026-12-07"), ("через две недели", "2026-12-14"),
        ("in a week", "2026-12-07"), ("in 10 days", "2026-12-10"),
        ("во вторник", "2026-12-01"), ("вс", "2026-12-06"), ("on Wednesday", "2026-12-02"),
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_say_it(anna: Phone, said: str, day: str) -> None:
    up_to_day(anna)
    anna.says(said)
    assert answers()[known.DAY] == day


@time_machine.travel(NOVEMBER_30)
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("29.11.26", "29.11.2026 has passed: send a day that is still to come."),
        ("5 ноября 2026", "05.11.2026 has passed"),
        ("5 ноября", "05.11 has passed. Do you mean 05.11.2027?"),
        ("в понедельник", "“в понедельник” may be 30.11 or 07.12: send which."),
        ("в следующую пятницу", "“в следующую пятницу” may be 04.12 or 11.12"),
        ("next Friday", "“next friday” may be 04.12 or 11.12"),
        ("31.02.27", "Send a day that exists"), ("05/12/26", "Send a day that exists"),
        ("вчера", "29.11.2026 has passed"), ("yesterday", "29.11.2026 has passed"),
        ("10", "I do not understand “10”. Send a day that exists"),
        ("в конце месяца", "I do not understand “в конце месяца”. Send a day"),
        ("через день", "I do not understand “через день”. Send a day"),
        ("5 мартобря 2027 x", "Send a day that exists"), ("5", "Send a day that exists"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_is_refused_with_the_reason(anna: Phone, said: str, why: str) -> None:
    up_to_day(anna)
    assert why in anna.says(said)
    assert known.DAY not in answers()


def test_a_day_of_the_next_year_is_asked_about(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    anna.presses("Without an invoice")
    passed = timezone.localdate() - timedelta(days=20)
    assert "has passed. Do you mean" in anna.says(f"{passed:%d.%m}")
    anna.presses(starts(anna, "Yes, "))
    assert answers()[known.DAY] == passed.replace(year=passed.year + 1).isoformat()


def test_the_number_of_an_invoice_may_look_like_that_of_a_request(
    company: Company, anna: Phone
) -> None:
    other = company.draft()
    up_to_purpose(anna)
    anna.says(other.number)
    # Of a purpose it is none, and opens the request.
    assert known.PURPOSE not in answers()
    anna.says("Счёт 45")
    anna.says(f"{other.number}")
    assert answers()[known.INVOICE] == f"/{other.number}"


def test_a_reason_without_documents_is_one_that_can_be_read(anna: Phone) -> None:
    up_to_papers(anna)
    anna.presses("There are none: say why")
    assert "at most 1000 characters" in anna.says("x" * 1001)
    assert "Comment: Аванс" in anna.says("Аванс")


def test_an_invoice_of_tomorrow_is_none(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    assert "this day cannot be" in anna.says(f"45 от {DAY}")


@pytest.mark.parametrize(
    "said",
    ["45 от 10.11.2026", "№ 45 от 10.11.26", "Счёт № 45 от 10.11.2026 г.", "45 10.11.2026",
     "invoice 45 of 10.11.2026"],
)  # fmt: skip
def test_the_day_of_an_invoice_is_no_part_of_its_number(anna: Phone, said: str) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    anna.says(said)
    assert answers()[known.INVOICE] == "2026-11-10/45"


@time_machine.travel(NOVEMBER_30)
@pytest.mark.parametrize(
    ("said", "invoice"),
    [
        ("№ 45 от 5.12", "2025-12-05/45"), ("45 от 10.11", "2026-11-10/45"),
        ("А-45 от 5 ноября", "2026-11-05/А-45"), ("45 от вчера", "2026-11-29/45"),
        ("45 от 30.11", "2026-11-30/45"), ("45", "/45"), ("Счёт № 45/1", "/45/1"),
    ],
)  # fmt: skip
def test_the_day_of_an_invoice_is_the_latest_that_is_not_to_come(
    anna: Phone, said: str, invoice: str
) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    anna.says(said)
    assert answers()[known.INVOICE] == invoice


@pytest.mark.parametrize("said", ["счёт", "№", "счет №"])
def test_an_invoice_without_a_digit_is_asked_for_once_more(anna: Phone, said: str) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    assert "Send the number, and the day if there is one" in anna.says(said)
    assert known.INVOICE not in answers()


@time_machine.travel(NOVEMBER_30)
def test_what_was_typed_is_told_as_it_was_understood(company: Company, anna: Phone) -> None:
    up_to_amount(anna)
    assert anna.says("125 тыс").startswith("Amount: 125,000.00\N{NARROW NO-BREAK SPACE}₽\n")
    anna.presses(RATE)
    anna.presses("Производство")
    assert not anna.says("Оплата металлопроката").startswith("Purpose")
    assert anna.says("45 от 10.11").startswith("Invoice: 45 of 10.11.2026\n")
    Employee.objects.update(language="ru")
    assert anna.says("в пятницу").startswith("Желаемая дата: 04.12.2026 (пятница)\n")
    Employee.objects.update(language="en")
    anna.answers_with(("document", "Счёт 45.pdf", pdf()), to=0)
    anna.presses("Go on")
    # The summary tells all.
    anna.presses("✏️ Change …")
    anna.presses("Amount")
    assert anna.says("130 тыс").count("130,000.00") == 1


def test_a_day_that_cannot_be_read_is_asked_for_once_more(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45")
    assert "I cannot read the day" in anna.says("45 от десятого ноября")
    assert known.INVOICE not in answers()


def test_back_goes_to_the_question_before_and_cancel_leaves(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.presses("← Back")
    assert "Which department?" in anna.reads()[-1]
    anna.presses("← Back")
    assert "Which VAT" in anna.reads()[-1]
    anna.presses("✖ Cancel")
    assert "is put aside" in anna.reads()[-1]
    assert not Dialog.objects.exists()
    assert BegunRequest.objects.exists()


def test_what_is_wrong_in_the_summary_is_asked_again(company: Company, anna: Phone) -> None:
    up_to_summary(anna)
    anna.presses("✏️ Change …")
    assert "Department" in anna.offers()
    anna.presses("Amount")
    assert "How much?" in anna.reads()[-1]
    summary = anna.says("61 р.")
    assert "Amount: 61.00\u202f₽" in summary
    assert "VAT: 22 %, 11.00\u202f₽" in summary
    anna.presses("✏️ Change …")
    anna.presses("← As it is")
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().vat_amount == Decimal("11.00")


def test_another_payee_takes_his_own_account(company: Company, anna: Phone) -> None:
    other = Counterparty.objects.create(name="ООО «Лютик»", inn=NEW_INN, kpp="770701001")
    bank = company.account.bank
    theirs = CounterpartyAccount.objects.create(counterparty=other, bank=bank, number=NEW_ACCOUNT)
    up_to_summary(anna)
    anna.presses("✏️ Change …")
    anna.presses("Payee")
    anna.says("лютик")
    anna.presses(starts(anna, "ООО «Лютик»"))
    assert answers()[known.ACCOUNT] == theirs.pk
    anna.presses("← Back")
    anna.presses("← Back")
    assert answers()[known.ACCOUNT] == company.account.pk


def test_the_phrase_of_the_vat_keeps_up_with_the_amount(anna: Phone) -> None:
    up_to_purpose(anna)
    anna.says("Счёт 45. В т.ч. НДС 22% - 22540.98 руб.")
    anna.presses("Without an invoice")
    anna.says(DAY)
    anna.answers_with(("document", "1.pdf", pdf()), to=0)
    anna.presses("Go on")
    anna.presses("✏️ Change …")
    anna.presses("Amount")
    assert "НДС 22% - 22.00 руб." in anna.says("122")


def test_a_purpose_that_says_nothing_of_the_vat_gets_it_by_one_tap(anna: Phone) -> None:
    up_to_summary(anna)
    assert "❗ The purpose says nothing of the VAT." in anna.reads()[-1]
    anna.presses("➕ In the purpose: В т.ч. НДС 22% - 22540.98 руб.")
    purpose = "Оплата по счёту 45 за металлопрокат. В т.ч. НДС 22% - 22540.98 руб."
    assert f"Purpose: {purpose}\n" in anna.reads()[-1]
    assert "says nothing of the VAT" not in anna.reads()[-1]
    assert not any(label.startswith("➕") for label in anna.offers())
    anna.presses("← Back")
    assert answers()[known.PURPOSE] == "Оплата по счёту 45 за металлопрокат"
    anna.presses(starts(anna, "➕ In the purpose"))
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().purpose == purpose


@pytest.mark.parametrize("purpose", ["x" * 200, "Счёт 45. Без НДС"])
def test_no_vat_is_offered_where_it_has_no_room_or_stands_already(
    company: Company, anna: Phone, purpose: str
) -> None:
    VatRate.objects.create(name="Без НДС", percent=None)
    up_to_amount(anna)
    anna.says("125 тыс")
    anna.presses("Без НДС" if "НДС" in purpose else RATE)
    anna.presses("Производство")
    anna.says(purpose)
    anna.presses("Without an invoice")
    anna.says(DAY)
    anna.presses("There are none: say why")
    anna.says("Аванс")
    assert "Is that right?" in anna.reads()[-1]
    assert "says nothing of the VAT" not in anna.reads()[-1]
    assert not any(label.startswith("➕") for label in anna.offers())


def test_an_urgent_one_is_so_by_one_tap(anna: Phone) -> None:
    up_to_summary(anna)
    anna.presses("❗ Urgent")
    assert "Priority: High" in anna.reads()[-1]
    assert "❗ Urgent" not in anna.offers()
    anna.presses("✏️ Change …")
    anna.presses("Priority")
    anna.presses("Normal")
    assert "Priority" not in anna.reads()[-1]
    anna.presses("❗ Urgent")
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().priority == "high"


def test_contract_and_requester_are_named_by_who_wants_to(company: Company, anna: Phone) -> None:
    other = company.draft()
    up_to_summary(anna)
    assert "Contract" not in anna.reads()[-1]
    anna.presses("✏️ Change …")
    anna.presses("Contract")
    assert "at most 120 characters" in anna.says("x" * 121)
    # It may look like the number of a request.
    assert f"Contract: {other.number}\n" in anna.says(other.number)
    anna.presses("✏️ Change …")
    anna.presses("Contract")
    anna.presses("Without a contract")
    assert "Contract:" not in anna.reads()[-1]
    anna.presses("✏️ Change …")
    anna.presses("Contract")
    anna.says("12-П от 01.02.2026")
    anna.presses("✏️ Change …")
    anna.presses("Requester")
    assert "confirms once that you ask in this name" in anna.reads()[-1]
    anna.says("Сергей")
    anna.presses(starts(anna, "Посторонних Сергей"))
    assert "Requester: Посторонних Сергей" in anna.reads()[-1]
    anna.presses("💾 Keep as a draft")
    request = PaymentRequest.objects.latest("id")
    assert (request.contract, request.requester) == ("12-П от 01.02.2026", company.sergey)
    assert (request.author, request.priority) == (company.anna, "normal")


def test_a_requester_who_has_left_is_none(company: Company, anna: Phone) -> None:
    up_to_summary(anna)
    anna.presses("✏️ Change …")
    anna.presses("Requester")
    anna.presses(starts(anna, "Посторонних Сергей"))
    Employee.objects.filter(pk=company.sergey.pk).update(is_active=False)
    anna.presses("✅ Submit")
    # He has confirmed something else than it is now.
    assert not PaymentRequest.objects.exists()
    anna.presses("✅ Submit")
    assert PaymentRequest.objects.get().requester == company.anna


def test_what_can_be_changed_stands_two_in_a_row(anna: Phone) -> None:
    up_to_summary(anna)
    anna.presses("✏️ Change …")
    *asked, way_back, _ways_out = anna.find("Is that right?")["reply_markup"]["inline_keyboard"]
    assert {len(row) for row in asked[:-1]} == {2}
    assert [one["text"] for one in way_back] == ["← As it is"]


def test_the_last_purpose_is_offered_with_the_vat_of_now(company: Company, anna: Phone) -> None:
    company.draft(purpose="Аренда за ноябрь. В т.ч. НДС 22% - 22541.07 руб.")
    up_to_purpose(anna)
    anna.presses(starts(anna, "Аренда за ноябрь"))
    assert answers()[known.PURPOSE] == "Аренда за ноябрь. В т.ч. НДС 22% - 22540.98 руб."


def test_the_last_payees_are_one_tap_away(company: Company, anna: Phone) -> None:
    company.draft()
    anna.says("/new")
    anna.presses("АО «Северсталь» · 3528000597/997550001")
    assert "How much?" in anna.reads()[-1]
    anna.says("100")
    # What the last request to this payee had comes first.
    assert next(label for label in anna.offers() if "%" in label) == RATE
    anna.presses(RATE)
    assert anna.offers().index("Производство") < anna.offers().index("Маркетинг")


def test_of_several_organizations_and_accounts_one_is_chosen(company: Company, anna: Phone) -> None:
    lotus = Organization.objects.create(name="ООО «Лотос»", code="ЛОТ", inn="7701928417")
    Department.objects.create(organization=lotus, name="Всё")
    CounterpartyAccount.objects.create(
        counterparty=company.counterparty, bank=company.account.bank, number=NEW_ACCOUNT
    )
    CashFlowItem.objects.create(code="02", name="Аренда")
    assert "Which organization pays?" in anna.says("/new")
    anna.says("лотос")
    anna.presses("ООО «Лотос»")
    anna.says("северсталь")
    anna.presses(starts(anna, "АО «Северсталь»"))
    assert "To which account?" in anna.reads()[-1]
    anna.presses("…0021, ПАО Сбербанк")
    anna.says("100")
    anna.presses(RATE)
    anna.presses("02 Аренда")
    # Its one department needs no question.
    assert "What is it paid for?" in anna.reads()[-1]


def test_who_prepares_nothing_is_told_who_does(company: Company, sergey: Phone) -> None:
    assert sergey.says("/new") == ("You prepare no payment requests. Those who do: А. Смирнова.")
    assert not Dialog.objects.exists()


def test_a_right_that_is_lost_meanwhile_is_asked_for_at_the_end(
    company: Company, anna: Phone
) -> None:
    up_to_summary(anna)
    company.anna.user_permissions.clear()
    anna.presses("✅ Submit")
    assert anna.reads()[-1].startswith("You have no right to do this.")
    assert not PaymentRequest.objects.exists()
    assert Dialog.objects.exists()


def test_a_submit_that_is_refused_leaves_a_draft_and_says_what_to_do(
    company: Company, anna: Phone
) -> None:
    company.route.stages.all().delete()
    up_to_summary(anna)
    anna.presses("✅ Submit")
    request = PaymentRequest.objects.get()
    assert request.status == Status.DRAFT
    said = [text for text in anna.reads() if "is kept as a draft, and not submitted." in text]
    assert "\n• " in said[0]
    assert "📤 Submit" in anna.offers()


def test_why_an_invoice_is_to_be_paid_again_is_asked_at_once(company: Company, anna: Phone) -> None:
    twin = company.submitted(invoice_number="45", invoice_date=date(2026, 11, 10))
    up_to_summary(anna)
    anna.presses("✅ Submit")
    request = PaymentRequest.objects.exclude(pk=twin.pk).get()
    asked = anna.find("Why is the invoice to be paid once more?")["text"]
    assert f"{request.number} is kept as a draft, and not submitted." in asked
    assert f"The same invoice is also in {twin.number}" in asked
    assert request.status == Status.DRAFT
    anna.says("Вторая часть поставки")
    assert bot.fresh(request).status == Status.IN_APPROVAL


def test_pressed_twice_it_is_one_request(company: Company, anna: Phone) -> None:
    up_to_summary(anna)
    number = anna.newest()
    data = f"send:{Dialog.objects.get().pk}:2"
    anna.presses_data(number, data)
    assert "out of date" in anna.presses_data(number, data)
    assert PaymentRequest.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_pressed_twice_at_the_same_moment_it_is_one_request(company: Company) -> None:
    anna = company.telegram_id(company.anna)
    known_ = {
        **new_request.copy_of(company.draft(), company.anna),
        known.AMOUNT: "100.00", known.INVOICE: "", known.DAY: "2036-11-28",
        known.PAPERS: "none", known.COMMENT: "Без документов", known.PURPOSE: "Аренда",
    }  # fmt: skip
    del known_[known.COPIED_FROM]
    dialog = Dialog.objects.create(telegram_id=anna, subject="new", answers=known_)
    presses = [bot.press(anna, f"send:{dialog.pk}:2") for _ in range(4)]
    bot.in_threads(len(presses), lambda number: bot.post(presses[number]))
    assert PaymentRequest.objects.filter(amount=100).count() == 1


def test_who_may_not_add_payees_is_told_who_may(company: Company, anna: Phone) -> None:
    anna.says("/new")
    assert "are added in the back office" in anna.says(NEW_INN)
    company.allow(company.tamara, "add_counterparty")
    assert anna.says(NEW_INN) == (
        "There is no payee with the INN 7707049388. Payees and their accounts are added by: "
        "Т. Белова."
    )
    data = f"payee:{Dialog.objects.get().pk}:1{NEW_INN}"
    anna.presses_data(anna.newest(), data)
    assert "are added by: Т. Белова." in anna.reads()[-1]
    assert known.PAYEE not in answers()


def test_who_is_in_use_no_more_is_not_paid(company: Company, anna: Phone) -> None:
    Counterparty.objects.update(is_active=False, out_of_use_reason="Ликвидирован")
    anna.says("/new")
    assert "is no longer in use. Ликвидирован" in anna.says("3528000597")
