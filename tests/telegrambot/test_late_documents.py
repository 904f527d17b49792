"""A document that came after an approval, as the card and the details of an approver show it."""

import pytest
from django.core.files.base import ContentFile

from telegrambot.kinds import registry
from telegrambot.models import SentMessage
from tests.company import ADMIN, PDF, Company
from tests.telegrambot import bot
from treasury.models import Employee
from treasury.services import requests

NOTE = "Акт.pdf — added after approval by Б. Орлов"


@pytest.fixture(autouse=True)
def english(company: Company) -> None:
    Employee.objects.update(language="en")


def shown(company: Company, person: Employee) -> str:
    newest: SentMessage = bot.chat_of(company, person).latest("id")
    return registry.render(newest).text


def test_who_decides_next_is_told_what_the_others_have_not_seen(company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    bot.project()
    assert "added after" not in shown(company, company.fedor)
    file = ContentFile(PDF + b"%", name="Акт.pdf")
    requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    bot.project()
    assert f"⚠️ {NOTE}" in shown(company, company.fedor)
    bot.post(bot.press(company.telegram_id(company.fedor), f"details:{request.pk}"))
    details = shown(company, company.fedor)
    assert "Акт.pdf, 70 bytes, added after approval by Б. Орлов" in details


def test_many_late_documents_leave_room_for_the_rest_of_the_card(company: Company) -> None:
    request = company.submitted()
    for number in range(30):
        file = ContentFile(PDF + b"%%%d" % number, name="Ж" * 180 + f"{number}.pdf")
        requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)
    bot.project()
    card = shown(company, company.boris)
    assert len(card) < 4096
    assert "Budget" in card or "Держатель бюджета" in card
    assert "Срочная поставка" in card
