"""What a card tells first, to whom it tells more, and how it ends."""

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from telegrambot.kinds.base import Rendered
from telegrambot.kinds.registry import render
from telegrambot.models import SentMessage
from tests.company import ADMIN, TELEGRAM, Company
from tests.telegrambot import bot
from treasury.models import Employee, GroupMembership, PaymentRequest, Priority
from treasury.services import decisions, requests


@pytest.fixture(autouse=True)
def _english(company: Company, settings: LazySettings) -> None:
    Employee.objects.update(language="en")
    settings.LANGUAGE_CODE = "en"


def submitted(company: Company, **changes: object) -> PaymentRequest:
    request = company.submitted(**changes)
    bot.project()
    return request


def show(company: Company, who: Employee | int) -> Rendered:
    return render(bot.chat_of(company, who).latest("id"))


def lines(company: Company, who: Employee | int) -> list[str]:
    return html.unescape(re.sub(r"<[^>]*>", "", show(company, who).text)).splitlines()


def moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d.%m %H:%M}"


def test_amount_and_payee_stand_first_and_the_number_and_status_below(company: Company) -> None:
    request = submitted(company)
    for who in (company.boris, company.group_chat):
        assert lines(company, who)[:7] == [
            "⏳ 125,000.50\u202f₽ · АО «Северсталь»",
            f"{request.number} · In approval",
            "",
            "Purpose: Оплата по счёту 45 за металлопрокат",
            "⚠️ The purpose says nothing of the VAT.",
            "⚠️ The first payment to this payee",
            "",
        ]


def test_who_waits_since_when_stands_before_what_is_folded(company: Company) -> None:
    request = submitted(company)
    assert request.stage
    assert request.stage.opened_at
    since = moment(request.stage.opened_at)
    text = show(company, company.boris).text
    shown, _fold, rest = text.partition("<blockquote expandable>")
    assert f"● Держатель бюджета — waits for Б. Орлов, В. Лебедева since {since}" in shown
    assert "Requester" not in shown
    assert "Requester" in rest
    assert "Cash-flow item" in rest
    assert rest.endswith("</blockquote>")


def test_a_high_priority_stands_on_every_card_and_no_other_does(company: Company) -> None:
    request = submitted(company, priority=Priority.HIGH)
    for who in (company.boris, company.group_chat):
        assert lines(company, who)[2] == "❗ High priority"
    requests.change(
        request=request, actor=company.anna, channel=ADMIN, fields={"priority": Priority.LOW}
    )
    for who in (company.boris, company.group_chat):
        assert lines(company, who)[2] == ""


def test_of_a_payee_abroad_it_says_the_country_and_the_number_there(company: Company) -> None:
    account = company.payee_abroad(country="DE", tax_number="DE136695976", kio="12345")
    submitted(company, **company.abroad(account))
    told = lines(company, company.boris)
    assert told[0] == "⏳ 1,500.00\u202f€ · Müller Werkzeuge GmbH"
    assert told[told.index("Country: Germany") + 1] == "KIO: 12345"
    assert not any(line.startswith("INN") for line in told)


def test_who_asks_how_many_documents_and_the_vat_have_lines_of_their_own(
    company: Company,
) -> None:
    submitted(company, documents=2, requester=company.sergey)
    told = lines(company, company.boris)
    first = told.index("Requester: С. Посторонних")
    assert told[first : first + 4] == [
        "Requester: С. Посторонних",
        "Documents: 2",
        "Paid from: …0013, ПАО Сбербанк",
        f"VAT: {company.vat_rate.name}, 22,541.07\u202f₽",
    ]
    assert "<i>Requester</i>: С. Посторонних" in show(company, company.boris).text


def test_a_request_without_documents_says_so(company: Company) -> None:
    request = submitted(company, documents=0)
    told = lines(company, company.boris)
    assert "Documents: none" in told
    # Why there are none stands where nobody has to look for it.
    assert told.index("Comment: Срочная поставка") == told.index(f"Purpose: {request.purpose}") + 1


def test_my_own_decision_stands_out_and_is_on_nobody_elses_card(company: Company) -> None:
    request = submitted(company)
    for person in (company.boris, company.vera):
        bot.mark_sent(bot.chat_of(company, person).get())
    decision = company.approve(request, company.boris)
    bot.project()
    said = f"You approved {moment(decision.decided_at)}"
    assert lines(company, company.boris)[2] == said
    assert f"<b>{said}</b>" in show(company, company.boris).text
    for who in (company.vera, company.fedor, company.group_chat):
        assert "You approved" not in show(company, who).text


def test_a_withdrawn_request_says_who_has_withdrawn_it_and_when(company: Company) -> None:
    request = submitted(company)
    for who in (company.boris, company.group_chat):
        bot.mark_sent(bot.chat_of(company, who).get())
    requests.withdraw(request=request, actor=company.anna, channel=ADMIN)
    bot.project()
    at = request.events.latest("id").at
    for who in (company.boris, company.group_chat):
        second = lines(company, who)[1]
        assert second == f"{request.number} · Withdrawn, А. Смирнова, {moment(at)}"


@pytest.mark.parametrize("verb", ["return_for_rework", "decline"])
def test_a_refused_request_says_by_whom_and_when(company: Company, verb: str) -> None:
    request = submitted(company)
    task = company.task(request, company.boris)
    refuse = getattr(decisions, verb)
    refuse(task=task, actor=company.boris, channel=TELEGRAM, reason="Нет договора")
    bot.project()
    at = request.events.latest("id").at
    status = bot.fresh(request).get_status_display()
    for who in (company.anna, company.group_chat):
        assert lines(company, who)[1].endswith(f" · {status}, Б. Орлов, {moment(at)}")
        assert "Reason: Нет договора" in lines(company, who)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2036, 11, 28), "28.11.2036"),
        (date(2036, 11, 29), "29.11.2036 — Saturday: the bank will pay on Monday"),
        (date(2037, 1, 1), "01.01.2037 — Day off: the bank will pay on 09.01.2037"),
        (date(2046, 11, 29), "29.11.2046 — in more than a year: is that the right year?"),
    ],
)
@time_machine.travel(datetime(2036, 11, 20, 9, tzinfo=UTC))
def test_a_day_on_which_nobody_would_be_paid_is_called_so(
    company: Company, day: date, said: str
) -> None:
    request = submitted(company, desired_date=day)
    assert f"Desired date: {said}" in lines(company, company.boris)
    bot.reply_to(bot.message(company.telegram_id(company.boris), f"/request {request.number}"))
    assert f"Desired date: {said}" in lines(company, company.boris)


def test_a_cancelled_request_says_by_whom_and_when(company: Company) -> None:
    request = company.approved()
    requests.cancel(request=request, actor=company.anna, channel=ADMIN, reason="Сделки не будет")
    bot.project()
    at = request.events.latest("id").at
    assert lines(company, company.anna)[1].endswith(f"Cancelled, А. Смирнова, {moment(at)}")


def test_a_stage_that_the_amount_does_not_need_is_explained_in_the_details(
    company: Company,
) -> None:
    company.route.stages.filter(position=3).update(min_amount=Decimal(1_000_000))
    request = submitted(company)
    bot.reply_to(bot.message(company.telegram_id(company.boris), f"/request {request.number}"))
    assert "– Казначей — not needed for this amount" in lines(company, company.boris)


def test_only_who_may_enter_the_back_office_has_the_way_to_it(company: Company) -> None:
    request = submitted(company)
    assert [bot.address(request)] not in bot.buttons(show(company, company.boris))
    Employee.objects.filter(pk=company.boris.pk).update(is_staff=True)
    assert bot.buttons(show(company, company.boris))[-1] == [bot.address(request)]


def test_an_address_that_telegram_refuses_is_not_offered(
    company: Company, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    request = submitted(company)
    assert bot.buttons(show(company, company.group_chat)) == [[f"mine:{request.pk}"]]


def test_a_card_costs_the_same_however_many_twins_and_people_there_are(company: Company) -> None:
    def cost(message: SentMessage) -> int:
        with CaptureQueriesContext(connection) as queries:
            render(message)
        return len(queries)

    submitted(company)
    submitted(company)
    first = cost(bot.chat_of(company, company.boris).latest("id"))
    for _number in range(5):
        submitted(company, documents=3)
    assert cost(bot.chat_of(company, company.boris).latest("id")) == first


def test_a_card_says_who_was_chosen_without_the_role(company: Company) -> None:
    request = submitted(company)
    administrator = company.allow(company.gleb, "reassign_task")
    decisions.reassign(
        task=company.task(request, company.boris), to=company.sergey, actor=administrator,
        channel=ADMIN, reason="Все в отпуске",
    )  # fmt: skip
    bot.project()
    mark = "С. Посторонних (without this role, chosen by an administrator)"
    waits = f"● Держатель бюджета — waits for В. Лебедева, {mark} since "
    assert waits in "\n".join(lines(company, company.vera))
    own = "Handed over by administrator Г. Чужов to a person without this role: Все в отпуске"
    assert own in lines(company, company.sergey)
    company.approve(request, company.sergey)
    [line] = [line for line in lines(company, company.group_chat) if "✓ Держатель" in line]
    assert "(without this role, chosen by an administrator)" in line


def test_a_card_says_why_a_stage_waits_for_another_person(company: Company) -> None:
    GroupMembership.objects.update(employee=company.boris)
    company.department.budget_holders.add(company.sergey)
    request = submitted(company)
    said = (
        "The route wants 2 different people to approve: somebody who has not approved yet is "
        "waited for."
    )
    assert said not in lines(company, company.group_chat)
    company.approve(request, company.boris)
    for who in (company.vera, company.group_chat):
        assert said in lines(company, who)
    assert "✅ Approve" in bot.offered({"reply_markup": show(company, company.vera).keyboard})
    decisions.add_approver(
        task=company.task(request, company.vera), to=company.gleb, actor=company.vera,
        channel=ADMIN, reason="Нужна вторая подпись",
    )  # fmt: skip
    assert said not in lines(company, company.group_chat)


def test_the_first_payment_to_a_payee_is_the_first_no_more_once_another_is_approved(
    company: Company,
) -> None:
    waiting = submitted(company)
    card = bot.chat_of(company, company.boris).get(request=waiting)
    company.approved(invoice_number="№ 46/2")
    bot.project()
    assert SentMessage.objects.get(pk=card.pk).wanted == card.wanted + 1
    assert "The first payment" not in render(card).text
