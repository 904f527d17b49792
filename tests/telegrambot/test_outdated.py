"""What was submitted with a row that is another now, or has gone out of use, on the cards of it."""

import pytest
from django.core.files.base import ContentFile

from telegrambot.kinds import registry
from telegrambot.models import SentMessage
from tests.company import ADMIN, PDF, Company
from tests.telegrambot import bot
from treasury.models import Decision, Employee, PaymentRequest
from treasury.services import directories, requests


@pytest.fixture(autouse=True)
def english(company: Company) -> None:
    Employee.objects.update(language="en")


def newest(company: Company, person: Employee) -> SentMessage:
    found: SentMessage = bot.chat_of(company, person).latest("id")
    return found


def shown(company: Company, person: Employee) -> str:
    return registry.render(newest(company, person)).text


def approved(company: Company) -> PaymentRequest:
    """With the cards of all who were asked."""
    request = company.submitted()
    for person in (company.boris, company.fedor, company.tamara):
        bot.project()
        bot.mark_sent(newest(company, person))
        company.approve(request, person)
    return request


def test_the_card_of_an_approved_request_says_that_its_account_is_closed(
    company: Company,
) -> None:
    approved(company)
    before = newest(company, company.tamara).wanted
    directories.retire(row=company.account, reason="Счёт закрыт банком")
    assert newest(company, company.tamara).wanted > before
    why = "“40702810200000000001, ПАО Сбербанк” is no longer in use. Счёт закрыт банком"
    assert f"⚠️ {why}" in shown(company, company.tamara)


def test_a_bank_speaks_for_the_accounts_there(company: Company) -> None:
    company.submitted()
    bot.project()
    before = newest(company, company.boris).wanted
    directories.retire(row=company.account.bank, reason="Лицензия отозвана")
    assert newest(company, company.boris).wanted > before
    assert "is no longer in use. Лицензия отозвана" in shown(company, company.boris)


def test_the_card_keeps_the_name_that_was_submitted(company: Company) -> None:
    request = company.submitted()
    bot.project()
    company.counterparty.name = "ООО «Рога и копыта»"
    company.counterparty.save()
    card = shown(company, company.boris)
    assert "· АО «Северсталь»" in card
    assert "counterparty: АО «Северсталь» → ООО «Рога и копыта»" in card
    task = company.task(request, company.boris)
    answer = bot.reply_to(bot.press(company.telegram_id(company.boris), f"approve:{task.pk}"))
    assert "АО «Северсталь» → ООО «Рога и копыта»" in answer["text"]
    assert len(answer["text"]) <= 200
    assert not Decision.objects.exists()


def test_what_is_settled_is_not_shown_anew(company: Company) -> None:
    request = approved(company)
    before = newest(company, company.tamara).wanted
    PaymentRequest.objects.filter(pk=request.pk).update(payment_status="paid")
    directories.retire(row=company.account, reason="Счёт закрыт банком")
    assert newest(company, company.tamara).wanted == before


def test_who_is_asked_sees_that_it_is_less_by_now(company: Company) -> None:
    request = company.submitted()
    bot.project()
    file = ContentFile(PDF + b"%", name="Акт.pdf")
    requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=company.sums(100000))
    card = shown(company, company.boris)
    assert "amount: 125,000.50 → 100,000.00" in card
    # Once, and with who has not seen it.
    assert card.count("Акт.pdf") == 1
    assert company.approve(request, company.boris).revision == 3
