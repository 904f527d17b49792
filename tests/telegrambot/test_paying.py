"""The treasurer chooses the paying account with the button by which he approves."""

import pytest
from django.conf import LazySettings

from telegrambot.kinds.registry import render
from tests.company import ADMIN, Company
from tests.telegrambot import bot
from tests.telegrambot.phone import Line, PhoneOf
from treasury.models import Employee, OwnAccount, PaymentRequest
from treasury.services import requests


@pytest.fixture(autouse=True)
def _english(company: Company, settings: LazySettings) -> None:
    Employee.objects.update(language="en")
    settings.LANGUAGE_CODE = "en"


def waiting(company: Company, own_account: OwnAccount | None = None) -> PaymentRequest:
    request = company.submitted(own_account=own_account)
    for person in (company.boris, company.fedor):
        company.approve(request, person)
    bot.project()
    return request


def labels(company: Company, request: PaymentRequest) -> dict[str, str]:
    """What the treasurer's card offers: label → data."""
    card = bot.chat_of(company, company.tamara).filter(request=request).latest("id")
    rows = (render(card).keyboard or {})["inline_keyboard"]
    return {key["text"]: key.get("callback_data", "") for row in rows for key in row}


def press(company: Company, data: str, who: Employee | None = None) -> str:
    person = who or company.tamara
    return str(bot.reply_to(bot.press(company.telegram_id(person), data))["text"])


def test_a_single_account_is_on_the_button(company: Company) -> None:
    request = waiting(company)
    task = company.task(request, company.tamara)
    data = labels(company, request)["✅ Approve, pay from …0013, ПАО Сбербанк"]
    assert data == f"approve:{task.pk}:{company.own_account.pk}:{request.revision}"
    assert request.number in press(company, data)
    request = bot.fresh(request)
    assert (request.status, request.own_account) == ("approved", company.own_account)


def test_of_a_few_each_has_a_button(company: Company) -> None:
    request, other = waiting(company), company.further_account()
    shown = labels(company, request)
    assert "✅ Approve" not in shown
    assert "✅ Approve, pay from …0013, ПАО Сбербанк" in shown
    press(company, shown["✅ Approve, pay from …0021, ПАО Сбербанк"])
    assert bot.fresh(request).own_account == other


def test_of_many_the_list_comes_when_it_is_asked_for(company: Company) -> None:
    request = waiting(company)
    for serial in range(22, 27):
        company.further_account(f"407028107000000000{serial}")
    task = company.task(request, company.tamara)
    assert labels(company, request)["✅ Approve: choose the account"] == f"accounts:{task.pk}:0:1"


def test_the_list_is_a_message_of_its_own(company: Company, line: Line, phone: PhoneOf) -> None:
    for serial in range(22, 27):
        company.further_account(f"407028107000000000{serial}")
    tamara = phone(company.tamara)
    request = waiting(company)
    line.deliver()
    tamara.presses("✅ Approve: choose the account")
    line.deliver()
    assert tamara.reads()[-1] == f"{request.number}: from which account is it paid?"
    label = "✅ Approve, pay from …0024, ПАО Сбербанк"
    assert label in tamara.offers()
    task = company.task(request, company.tamara)
    press(company, f"approve:{task.pk}:{OwnAccount.objects.get(number__endswith='24').pk}")
    line.deliver()
    assert bot.fresh(request).status == "approved"
    assert "Paid from: …0024, ПАО Сбербанк" in "\n".join(tamara.reads())


def test_what_stands_there_is_approved_by_one_tap_or_replaced(company: Company) -> None:
    request, other = waiting(company, company.own_account), company.further_account()
    shown = labels(company, request)
    assert shown["✅ Approve"] == bot.approves(company.task(request, company.tamara))
    assert "🏦 Another account" in shown
    card = bot.chat_of(company, company.tamara).filter(request=request).latest("id")
    assert "Paid from: …0013, ПАО Сбербанк" in render(card).text.replace("<i>", "").replace(
        "</i>", ""
    )
    task = company.task(request, company.tamara)
    press(company, f"approve:{task.pk}:{other.pk}:1")
    assert bot.fresh(request).own_account == other


def test_a_bare_approval_is_refused_with_what_to_do(company: Company) -> None:
    request = waiting(company)
    said = press(company, f"approve:{company.task(request, company.tamara).pk}")
    assert said == "Choose the account from which it is paid."
    assert bot.fresh(request).status == "in_approval"


def test_a_list_of_accounts_approves_what_was_shown_with_it(company: Company) -> None:
    """A smaller amount asks nobody anew, and the button stands there still."""
    request, other = waiting(company), company.further_account()
    task = company.task(request, company.tamara)
    old = f"approve:{task.pk}:{other.pk}:1"
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=company.sums(100))
    for data in (old, f"accounts:{task.pk}:0:1", f"approve:{task.pk}:{other.pk}",
                 f"accounts:{task.pk}"):  # fmt: skip
        assert "decide on its newest version" in press(company, data)
    assert bot.fresh(request).own_account is None
    assert request.number in press(company, f"approve:{task.pk}:{other.pk}:2")
    assert bot.fresh(request).own_account == other


@pytest.mark.parametrize("account", [0, 10**17])
def test_a_forged_account_pays_nothing(company: Company, account: int) -> None:
    request = waiting(company)
    task = company.task(request, company.tamara)
    assert press(company, f"approve:{task.pk}:{account}")
    assert bot.fresh(request).own_account is None


def test_only_who_decides_is_offered_accounts(company: Company) -> None:
    request = waiting(company)
    task = company.task(request, company.tamara)
    assert "not entitled" in press(company, f"accounts:{task.pk}", company.boris)


def test_others_approve_as_ever(company: Company) -> None:
    request = company.submitted(own_account=None)
    bot.project()
    card = bot.chat_of(company, company.boris).filter(request=request).latest("id")
    task = company.task(request, company.boris)
    assert bot.buttons(render(card))[0] == [bot.approves(task)]
