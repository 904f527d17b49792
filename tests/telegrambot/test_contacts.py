"""A telephone number is kept with its owner's consent alone, and forgotten at his word."""

import pytest

from config.logs import masked
from telegrambot.models import Update
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from tests.telegrambot.bot import Say
from tests.telegrambot.phone import Line, Phone
from treasury.models import AccountEvent, Employee
from treasury.services import people

NUMBER = "79161234567"


def shares(phone: Phone, owner: int | None, number: str = NUMBER) -> str:
    known = {} if owner is None else {"user_id": owner}
    contact = {"phone_number": number, "first_name": "Имя", **known}
    return phone.says("", contact=contact)


def kept(company: Company) -> str:
    return Employee.objects.get(pk=company.boris.pk).phone


def test_whoever_shares_his_own_number_is_asked_first_and_can_take_it_back(
    boris: Phone, company: Company
) -> None:
    asked = boris.says("/phone")
    assert "you agree" in asked
    [[button]] = boris._messages()[-1]["reply_markup"]["keyboard"]
    assert button["request_contact"] is True
    assert f"+{NUMBER}" in shares(boris, boris.telegram_id)
    assert kept(company) == f"+{NUMBER}"
    assert f"+{NUMBER}" in boris.says("/whoami")
    assert "deleted" in boris.says("/forget")
    assert kept(company) == ""
    assert "no number" in boris.says("/forget")
    told = AccountEvent.objects.filter(employee=company.boris).order_by("sequence")
    assert list(told.values_list("action", flat=True)) == ["phone_given", "phone_forgotten"]
    assert NUMBER not in str([event.data for event in told])


@pytest.mark.parametrize("owner", [5007, None])
def test_another_persons_number_is_refused(
    boris: Phone, company: Company, owner: int | None
) -> None:
    assert "not your own number" in shares(boris, owner)
    assert kept(company) == ""


@pytest.mark.parametrize("number", ["", "12", "1" * 16, "+7 (916) CALL-ME", "٧٩١٦١٢٣٤٥٦٧"])
def test_what_is_no_number_is_not_kept(company: Company, say: Say, number: str) -> None:
    Employee.objects.update(language="en")
    chat = company.telegram_id(company.boris)
    contact = {"phone_number": number, "first_name": "Имя", "user_id": chat}
    assert "cannot read this number" in say(chat, "", contact=contact)["text"]
    assert kept(company) == ""


def test_of_what_is_handled_once_more_the_number_is_asked_for_again(
    company: Company, say: Say
) -> None:
    """The inbox keeps none."""
    Employee.objects.update(language="en")
    said = say(company.telegram_id(company.boris), "", contact={})["text"]
    assert "I could not take your number. Send /phone" in said


def test_a_strangers_number_opens_nothing(company: Company, say: Say) -> None:
    answer = say(6001, "", contact={"phone_number": NUMBER, "first_name": "Имя", "user_id": 6001})
    assert "/login" in answer["text"]


def test_the_inbox_keeps_no_number(company: Company) -> None:
    chat = company.telegram_id(company.boris)
    contact = {"phone_number": NUMBER, "first_name": "Имя", "user_id": chat}
    bot.post(bot.message(chat, "", contact=contact))
    assert NUMBER not in str(Update.objects.values())
    assert kept(company) == f"+{NUMBER}"


def test_what_could_not_be_kept_leaves_no_number_in_its_error(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    """PostgreSQL quotes the row that it refuses."""
    chat = company.telegram_id(company.boris)
    contact = {"phone_number": NUMBER, "first_name": "Имя", "user_id": chat}
    bot.refuse_updates("treasury_employee", f"Failing row contains (7, {NUMBER}, +{NUMBER}).")
    bot.post(bot.message(chat, "", contact=contact))
    bot.accept_updates("treasury_employee")
    [failed] = Update.objects.poisoned()
    assert failed.error
    assert NUMBER not in str(Update.objects.values())
    assert NUMBER not in caplog.text


def test_no_error_tells_a_number_that_is_kept(company: Company) -> None:
    people.give_phone(employee=company.boris, phone=NUMBER, channel="telegram")
    bot.refuse_updates("treasury_employee", f"Failing row contains (7, +{NUMBER}, ru).")
    bot.post(bot.message(company.telegram_id(company.boris), "/forget"))
    bot.accept_updates("treasury_employee")
    assert "Failing row contains (7, <phone>, ru)" in Update.objects.poisoned().get().error
    assert NUMBER not in masked(f"DETAIL:  Failing row contains (7, +{NUMBER}, ru).")


def test_who_leaves_takes_it_along(company: Company, line: Line) -> None:
    people.give_phone(employee=company.boris, phone=NUMBER, channel="telegram")
    boss = company.allow(company.anna, "change_employee")
    people.change(employee=company.boris, actor=boss, channel=ADMIN, fields={"is_active": False})
    assert kept(company) == ""


def test_a_voice_message_is_answered_by_what_to_do(boris: Phone) -> None:
    boris.answers_with(("voice", "voice.ogg", b"OggS" + bytes(100)), to=0)
    assert "cannot listen" in boris.reads()[-1]
