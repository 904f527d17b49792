"""What is typed without thinking: a number, a word, an unknown command, a command in a group."""

import pytest
from django.conf import LazySettings

from telegrambot.models import Dialog, SentMessage
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import Employee

STRANGER = 999


@pytest.fixture(autouse=True)
def _english(company: Company) -> None:
    Employee.objects.update(language="en")


def write(company: Company, who: Employee, text: str) -> bot.Json:
    return bot.reply_to(bot.message(company.telegram_id(who), text))


def in_group(company: Company, telegram_id: int, text: str) -> bot.Json:
    group = {"id": company.group_chat, "type": "supergroup", "title": "Г"}
    return bot.reply_to(bot.message(telegram_id, text, chat=group))


@pytest.mark.parametrize(
    "text",
    [
        "{number}", "1", "00001", " № 1 ", "#00001", "№{number}", "{lower}", "{spaced}", "{dashed}",
        "{short}",
    ],
)  # fmt: skip
def test_a_number_opens_the_request(company: Company, text: str) -> None:
    request = company.submitted()
    number = request.number
    typed = text.format(
        number=number,
        lower=number.lower(),
        spaced=number.replace("-", " - "),
        dashed=number.replace("-", "–"),
        short=number.replace("-00001", "-1"),
    )
    assert write(company, company.boris, typed) == {}
    shown = SentMessage.objects.exclude(kind="answer").get()
    assert (shown.kind, shown.request) == ("details", request)


def test_a_number_is_no_key_to_what_one_may_not_see(company: Company) -> None:
    request = company.submitted()
    answers = [write(company, company.sergey, text)["text"] for text in (request.number, "77")]
    assert answers[0] == answers[1]
    assert not SentMessage.objects.exclude(kind="answer").exists()


def test_what_is_not_understood_is_answered_with_what_can_be_done(company: Company) -> None:
    text = write(company, company.boris, "согласен")["text"]
    assert "I find nothing for “согласен”." in text
    for way in ("number of a request", "/pending", "/help"):
        assert way in text


def test_a_command_that_is_none_is_said_to_be_unknown(company: Company) -> None:
    for typed in ("/foo", "/foo@treasury_bot 1"):
        text = write(company, company.boris, typed)["text"]
        assert "I do not know the command /foo" in text
        assert "/help" in text
    assert "&lt;b&gt;" in write(company, company.boris, "/<b>")["text"]


def test_a_newcomer_hears_who_speaks_and_how_to_sign_in(company: Company) -> None:
    body = bot.message(STRANGER, "/start", **{"from": bot.person(STRANGER, "en")})
    text = bot.reply_to(body)["text"]
    assert "I am the Treasury bot" in text
    assert "payment requests" in text
    assert "/login" in text


def test_a_person_is_spoken_to_by_name_and_patronymic_in_russian(company: Company) -> None:
    names = {"first_name": "Борис", "patronymic": "Игоревич"}
    Employee.objects.filter(pk=company.boris.pk).update(**names)
    assert "Hello, Борис!" in write(company, company.boris, "/start")["text"]
    Employee.objects.filter(pk=company.boris.pk).update(language="ru")
    assert "Борис Игоревич!" in write(company, company.boris, "/start")["text"]


def test_a_command_to_the_bot_in_a_group_is_answered_in_private(
    company: Company, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    request = company.submitted()
    boris = company.telegram_id(company.boris)
    answer = in_group(company, boris, "/pending@Treasury_Bot")
    assert answer["chat_id"] == boris
    assert request.number in answer["text"]
    # The group hears only that there was an answer.
    [note] = SentMessage.objects.filter(kind="answer", chat__telegram_id=company.group_chat)
    assert note.text == "Ответил вам в личных сообщениях."
    shown = in_group(company, boris, f"/request@treasury_bot {request.number}")
    assert shown["chat_id"] == company.group_chat
    assert request.number not in shown["text"]
    assert bot.chat_of(company, company.boris).get().kind == "details"


def test_what_is_about_requests_needs_no_name_of_the_bot(
    company: Company, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    request = company.submitted()
    boris = company.telegram_id(company.boris)
    for text in ("/pending", f"/why {request.number}", f"/request {request.number}"):
        in_group(company, boris, text)
    listed, why = SentMessage.objects.filter(kind="answer", chat__telegram_id=boris)
    assert all(request.number in answer.text for answer in (listed, why))
    assert bot.chat_of(company, company.boris).get().kind == "details"
    notes = SentMessage.objects.filter(kind="answer", chat__telegram_id=company.group_chat)
    assert {note.text for note in notes} == {"Ответил вам в личных сообщениях."}
    # Of who is no employee nobody knows which bot he means.
    assert in_group(company, STRANGER, "/pending") == {}


def test_a_question_from_a_group_is_asked_in_private(
    company: Company, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    boris = company.telegram_id(company.boris)
    assert in_group(company, boris, "/away@treasury_bot")["chat_id"] == boris
    assert Dialog.objects.get().telegram_id == boris


@pytest.mark.parametrize("text", ["/whoami", "/pending@weather_bot", "/foo@treasury_bot", "да"])
def test_what_is_not_meant_for_the_bot_is_not_answered_in_a_group(
    company: Company, settings: LazySettings, text: str
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    assert in_group(company, company.telegram_id(company.boris), text) == {}


def test_a_stranger_in_a_group_learns_only_how_to_sign_in(
    company: Company, settings: LazySettings
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    request = company.submitted()
    answer = in_group(company, STRANGER, "/pending@treasury_bot")
    assert "/login" in answer["text"]
    assert request.number not in answer["text"]
