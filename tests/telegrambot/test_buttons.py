"""What the buttons of a card look like, and what they put into the clipboard."""

from typing import Any

from telegrambot.kinds.details import NAME as DETAILS
from telegrambot.kinds.registry import render
from telegrambot.models import SentMessage
from tests.company import Company
from tests.telegrambot import bot


def buttons(message: SentMessage) -> list[dict[str, Any]]:
    keyboard = render(message).keyboard
    assert keyboard
    return [button for row in keyboard["inline_keyboard"] for button in row]


def test_to_approve_is_green_and_to_decline_is_red_and_the_words_say_so_too(
    company: Company,
) -> None:
    company.submitted()
    bot.project()
    card = bot.chat_of(company, company.boris).get(kind="task")
    styles = {button["text"].split()[0]: button.get("style") for button in buttons(card)}
    assert styles == {"✅": "success", "❌": "danger", "↩️": None, "👥": None} | {
        word: None for word in styles if word.isalpha()
    }


def test_the_details_put_number_inn_and_account_into_the_clipboard(company: Company) -> None:
    request = company.submitted()
    bot.project()
    card = bot.chat_of(company, company.boris).get(kind="task")
    details = SentMessage.objects.create(chat=card.chat, request=request, kind=DETAILS)
    copied = [button["copy_text"]["text"] for button in buttons(details) if "copy_text" in button]
    payee = request.counterparty
    assert copied == [request.number, payee.inn, request.counterparty_account.number]
    assert not any("copy_text" in button for button in buttons(card))
