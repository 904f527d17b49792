"""What a person may type."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from oauth.models import UserToken
from telegrambot.models import Chat, SentMessage
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import CounterpartyAccount, Employee, Priority


def write(company: Company, who: Employee, text: str) -> bot.Json:
    return bot.reply_to(bot.message(company.telegram_id(who), text))


def buttons(answer: bot.Json) -> list[list[str]]:
    rows = answer["reply_markup"]["inline_keyboard"]
    return [[button["callback_data"] for button in row] for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "/start",
        "/start r1",
        "/pending",
        "/request 1",
        "/help",
        "/cancel",
        "/whoami",
        "/why 1",
        "/away",
        "/back",
        "/logout",
        "hello",
        "",
    ],
)
def test_a_stranger_learns_the_way_in_and_nothing_else(company: Company, text: str) -> None:
    request = company.submitted()
    answer = bot.reply_to(bot.message(999, text))
    assert answer["method"] == "sendMessage"
    assert "/login" in answer["text"]
    assert "/pending" not in answer["text"]
    assert request.number not in answer["text"]
    assert company.organization.name not in answer["text"]
    assert not SentMessage.objects.exclude(kind="answer").exists()


def test_who_has_left_is_a_stranger(company: Company) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(is_active=False)
    answer = write(company, company.boris, "/pending")
    assert "/login" in answer["text"]


def test_a_stranger_is_answered_in_the_language_of_his_messenger(company: Company) -> None:
    body = bot.message(999, "/start", **{"from": bot.person(999, "en-GB")})
    assert "We have not met yet" in bot.reply_to(body)["text"]


def test_start_opens_the_chat_and_brings_what_waits(company: Company) -> None:
    Chat.objects.all().delete()
    request = company.submitted()
    bot.project()
    assert not SentMessage.objects.exclude(kind="answer").exists()

    write(company, company.boris, "/start")

    card = SentMessage.objects.exclude(kind="answer").get()
    assert (card.kind, card.task) == ("task", company.task(request, company.boris))
    write(company, company.boris, "/start")
    assert SentMessage.objects.exclude(kind="answer").count() == 1


def test_start_revives_a_chat_that_was_closed(company: Company) -> None:
    Chat.objects.update(state=Chat.State.BLOCKED, state_reason="kicked")
    write(company, company.boris, "/start")
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    assert (chat.state, chat.state_reason) == (Chat.State.ACTIVE, "")


def test_start_greets_by_name(company: Company) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(first_name="Бо<&", language="en")
    assert "<b>Hello, Бо&lt;&amp;!</b>" in write(company, company.boris, "/start")["text"]


def test_a_deep_link_opens_the_request(company: Company) -> None:
    request = company.submitted()
    assert write(company, company.anna, f"/start r{request.pk}") == {}
    assert SentMessage.objects.exclude(kind="answer").get().kind == "details"


@pytest.mark.parametrize("payload", ["r999", "r", "rx", "r٣", "x1", "r99999999999999999999999"])
def test_a_deep_link_that_leads_nowhere_is_no_trouble(company: Company, payload: str) -> None:
    assert write(company, company.anna, f"/start {payload}")["method"] == "sendMessage"


def test_a_deep_link_shows_only_what_one_may_see(company: Company) -> None:
    request = company.submitted()
    answer = write(company, company.sergey, f"/start r{request.pk}")
    assert request.number not in answer["text"]
    assert not SentMessage.objects.exclude(kind="answer").exists()


def test_pending_lists_what_waits_for_the_person(company: Company) -> None:
    mine = company.submitted(amount=Decimal("1234567.89"))
    decided = company.submitted()
    company.approve(decided, company.boris)
    answer = write(company, company.boris, "/pending")

    assert answer["text"].count(mine.number) == 1
    assert "<b>1\u202f234\u202f567,89\u202f₽ · АО «Северсталь»</b>" in answer["text"]
    assert f"{mine.number} · оплатить до 28.11.2036" in answer["text"]
    assert decided.number not in answer["text"]
    assert bot.offered(answer) == {"1": f"details:{mine.pk}"}
    assert "reply_markup" not in write(company, company.sergey, "/pending")


def test_pending_marks_a_high_priority(company: Company) -> None:
    first, second = company.submitted(), company.submitted(priority=Priority.HIGH)
    text = write(company, company.boris, "/pending")["text"]
    assert text.endswith(f"{first.number} · оплатить до 28.11.2036")
    assert f"{second.number} · оплатить до 28.11.2036 · ❗ Высокий приоритет" in text


def test_pending_adds_up_each_currency(company: Company) -> None:
    dollars = CounterpartyAccount.objects.create(
        counterparty=company.counterparty,
        bank=company.account.bank,
        number="40702840400000000001",
        currency="USD",
    )
    for amount in ("1000.50", "2000"):
        company.submitted(amount=Decimal(amount))
    company.submitted(amount=Decimal(300), currency="USD", counterparty_account=dollars)
    text = write(company, company.boris, "/pending")["text"]
    assert "Всего: 3\u202f000,50\u202f₽, 300,00\u202f$" in text


def test_pending_has_pages(company: Company) -> None:
    requests = [company.submitted() for _number in range(7)]
    answer = write(company, company.boris, "/pending")
    assert buttons(answer) == [[f"details:{request.pk}" for request in requests[:5]], ["page:2"]]


def test_the_menu_may_add_the_bots_name(company: Company) -> None:
    assert write(company, company.boris, "/Pending@treasury_bot")["text"]
    assert write(company, company.boris, "/Pending@treasury_bot") == write(
        company, company.boris, "/pending"
    )


def test_request_shows_details_by_number_or_its_last_digits(company: Company) -> None:
    request = company.submitted()
    for argument in (request.number, request.number.lower(), "1", "00001"):
        SentMessage.objects.all().delete()
        assert write(company, company.boris, f"/request {argument}") == {}
        assert SentMessage.objects.exclude(kind="answer").get().request == request


def test_of_several_requests_with_the_same_digits_one_is_chosen(company: Company) -> None:
    request = company.submitted()
    twin = company.submitted()
    year = timezone.localdate().year - 1
    type(twin).objects.filter(pk=twin.pk).update(number=f"РОМ-{year}-00001")
    answer = write(company, company.boris, "/request 1")
    assert buttons(answer) == [[f"details:{twin.pk}", f"details:{request.pk}"]]


def test_without_a_number_the_newest_are_offered(company: Company) -> None:
    assert "/request 17" in write(company, company.boris, "/request")["text"]
    many = [company.submitted() for _number in range(6)]
    company.draft()
    answer = write(company, company.boris, "/request")
    assert "/request 17" in answer["text"]
    assert buttons(answer) == [[f"details:{request.pk}" for request in reversed(many[1:])]]
    assert "reply_markup" not in write(company, company.gleb, "/request")


@pytest.mark.parametrize("text", ["/request 77", "/request нет", "/request %"])
def test_a_request_that_is_not_there_is_not_found(company: Company, text: str) -> None:
    company.submitted()
    assert write(company, company.boris, text)["method"] == "sendMessage"
    assert not SentMessage.objects.exclude(kind="answer").exists()


def test_what_one_may_not_see_is_not_found(company: Company) -> None:
    request = company.submitted()
    hidden = write(company, company.gleb, f"/request {request.number}")
    missing = write(company, company.gleb, "/request РОМ-2026-77777")
    assert hidden["text"] == missing["text"]


def test_help_names_every_command(company: Company) -> None:
    text = write(company, company.boris, "/help")["text"]
    for command in (
        *("/pending", "/request", "/why", "/away", "/back", "/whoami", "/login", "/logout"),
        *("/cancel", "/help"),
    ):
        assert f"{command} –" in text


def test_cancel_without_a_question_says_so(company: Company) -> None:
    assert write(company, company.boris, "/cancel")["method"] == "sendMessage"


def test_commands_in_a_group_are_not_answered(company: Company) -> None:
    company.submitted()
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    body = bot.message(company.telegram_id(company.boris), "/whoami", chat=group)
    assert bot.reply_to(body) == {}


def test_a_newly_linked_person_is_known_at_once(company: Company) -> None:
    UserToken.objects.filter(employee=company.boris).delete()
    assert "/pending" not in write(company, company.boris, "/help")["text"]
    UserToken.objects.create(kind="telegram", token="5002", employee=company.boris)
    assert "/pending" in write(company, company.boris, "/help")["text"]


def test_pending_begins_with_what_is_urgent(company: Company) -> None:
    later = company.submitted(desired_date=date(2036, 12, 20))
    sooner = company.submitted(desired_date=date(2036, 12, 3))
    important = company.submitted(desired_date=date(2036, 12, 30), priority=Priority.HIGH)
    text = write(company, company.boris, "/pending")["text"]
    places = [text.index(request.number) for request in (important, sooner, later)]
    assert places == sorted(places)
