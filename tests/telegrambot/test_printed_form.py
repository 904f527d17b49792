"""The printed form in the chats: for whoever asks, and under a request without documents."""

from io import BytesIO
from typing import Any

import pytest
import requests as http
from django.core.files.base import ContentFile
from django.utils import translation
from pypdf import PdfReader

from telegrambot.delivery import client
from telegrambot.kinds import registry
from telegrambot.kinds.base import NOTHING
from telegrambot.models import SentMessage, TelegramFile
from tests.company import ADMIN, GROUP_CHAT, PDF, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.phone import Phone
from tests.telegrambot.sandbox import TOKEN, Sandbox
from treasury.models import Employee, PaymentRequest
from treasury.printed import content, paper
from treasury.services import requests

State, Form = SentMessage.State, SentMessage.Form


def asked_for(company: Company, person: Employee, request: PaymentRequest) -> SentMessage:
    """What the bot owes to whoever has just pressed the button."""
    bot.reply_to(bot.press(company.telegram_id(person), f"printed:{request.pk}"))
    return bot.chat_of(company, person).filter(kind="printed").latest("pk")


def forms(telegram: Sandbox, company: Company, person: Employee) -> list[dict[str, Any]]:
    """The messages in the private chat that carry a file."""
    seen = telegram.messages(company.telegram_id(person))
    return [message for message in seen if "document" in message]


def downloaded(telegram: Sandbox, message: dict[str, Any]) -> bytes:
    path = client.call("getFile", {"file_id": message["document"]["file_id"]})["file_path"]
    return http.get(f"{telegram.url}/file/bot{TOKEN}/{path}", timeout=10).content


def text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.fixture
def bare(telegram: Sandbox, company: Company) -> PaymentRequest:
    """In approval, without a document."""
    return lanes.submit(company, documents=0)


def test_the_details_offer_it_and_it_comes(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    message = lanes.delivered(asked_for(company, company.boris, request_))
    assert (message.state, message.form) == (State.SENT, Form.CAPTION)
    [seen] = forms(telegram, company, company.boris)
    assert seen["caption"] == f"Печатная форма заявки {request_.number}"
    assert seen["document"]["file_name"] == f"Заявка на оплату {request_.number}.pdf"
    with translation.override("ru"):
        assert downloaded(telegram, seen) == paper.pdf(content.form(request_.pk))


def test_a_tap_on_a_phone_brings_it_in_the_language_of_its_reader(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: Phone
) -> None:
    boris.says(f"/request {request_.number}")
    assert boris.presses("Printed form") == ""
    [seen] = forms(telegram, company, company.boris)
    assert seen["caption"] == f"Printed form of request {request_.number}"
    assert "IN APPROVAL" in text(downloaded(telegram, seen))


def test_it_tells_the_state_of_the_moment_when_it_is_sent_and_stays(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    message = asked_for(company, company.anna, request_)
    company.approve(request_, company.boris)
    lanes.delivered(message)
    company.approve(request_, company.fedor)
    bot.project()
    lanes.delivered(message)
    [seen] = forms(telegram, company, company.anna)
    printed = text(downloaded(telegram, seen))
    assert "Орлов Борис Согласовано" in printed
    assert "Климов Фёдор Согласовано" not in printed
    assert telegram.calls("editMessageCaption") == []


def test_the_same_state_goes_up_once_and_another_one_anew(
    telegram: Sandbox, company: Company, request_: PaymentRequest
) -> None:
    for _tap in range(2):
        lanes.delivered(asked_for(company, company.boris, request_))
    first, second = forms(telegram, company, company.boris)
    assert second["document"]["file_id"] == first["document"]["file_id"]
    assert TelegramFile.objects.count() == 1
    lanes.change(company, request_)
    lanes.delivered(asked_for(company, company.boris, request_))
    assert TelegramFile.objects.count() == 2


def test_whoever_may_not_read_the_request_any_more_gets_none(
    company: Company, request_: PaymentRequest
) -> None:
    message = asked_for(company, company.boris, request_)
    request_.tasks.filter(employee=company.boris).delete()
    company.department.budget_holders.remove(company.boris)
    assert registry.render(lanes.fresh(message)) == NOTHING


def test_a_request_without_documents_stands_in_the_group_under_its_form(
    telegram: Sandbox, company: Company, bare: PaymentRequest
) -> None:
    message = lanes.delivered(lanes.announcement(bare))
    assert (message.state, message.form) == (State.SENT, Form.CAPTION)
    [seen] = telegram.messages(GROUP_CHAT)
    assert bare.number in seen["caption"]
    assert seen["reply_markup"]["inline_keyboard"]
    assert "НА СОГЛАСОВАНИИ" in text(downloaded(telegram, seen))


def test_there_its_caption_follows_each_change(
    telegram: Sandbox, company: Company, bare: PaymentRequest
) -> None:
    message = lanes.delivered(lanes.announcement(bare))
    [before] = telegram.messages(GROUP_CHAT)
    comment = lanes.change(company, bare)
    assert lanes.delivered(message).form == Form.CAPTION
    [seen] = telegram.messages(GROUP_CHAT)
    assert comment in seen["caption"]
    assert seen["document"] == before["document"]
    assert len(telegram.calls("sendDocument")) == 1


def test_a_group_that_takes_no_files_gets_the_text_alone(
    telegram: Sandbox, company: Company, bare: PaymentRequest
) -> None:
    refused = "Bad Request: not enough rights to send documents to the chat"
    telegram.fail("error", chat_id=GROUP_CHAT, error_code=400, description=refused)
    message = lanes.delivered(lanes.announcement(bare))
    assert (message.state, message.form) == (State.SENT, Form.TEXT)
    [seen] = telegram.messages(GROUP_CHAT)
    assert bare.number in seen["text"]


def test_a_document_that_comes_later_comes_under_the_form(
    telegram: Sandbox, company: Company, bare: PaymentRequest
) -> None:
    lanes.delivered(lanes.announcement(bare))
    file = ContentFile(PDF, name="Акт.pdf")
    requests.attach(request=bare, actor=company.anna, channel=ADMIN, file=file)
    bot.project()
    lanes.deliver(lanes.announcement(bare).chat_id)
    names = [seen["document"]["file_name"] for seen in telegram.messages(GROUP_CHAT)]
    assert names == [f"Заявка на оплату {bare.number}.pdf", "Акт.pdf"]
