"""Cards as rich messages, for chats that want them: where the server can, and never twice."""

from collections.abc import Iterator
from typing import Any

import pytest

from telegrambot.delivery import abilities, results
from telegrambot.models import Chat, SentMessage, TelegramFile
from tests.company import GROUP_CHAT, Company
from tests.telegrambot import bot, lanes
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest

AMOUNT = "125\u202f000,50\u202f₽"
State, Form, Dress = SentMessage.State, SentMessage.Form, Chat.Dress


@pytest.fixture(autouse=True)
def servers(sandbox: Sandbox) -> Iterator[None]:
    """Each test meets a server of the newest version, of which nothing is known."""
    abilities.forget()
    yield
    sandbox.post("/control/settings", bot_api="10.4")


@pytest.fixture
def boris(company: Company) -> int:
    return company.telegram_id(company.boris)


@pytest.fixture
def card(telegram: Sandbox, company: Company) -> SentMessage:
    """Boris likes rich messages, and is asked."""
    request = lanes.submit(company)
    Chat.objects.update(dress=Dress.RICH)
    return lanes.card(company, request)


def blocks(seen: dict[str, Any]) -> list[dict[str, Any]]:
    return list(seen["rich_message"]["blocks"])


def words(thing: Any) -> str:
    """All that a rich message says, one thing a line."""
    match thing:
        case str():
            return thing
        case dict():
            shown = ("summary", "text", "blocks", "items", "cells", "caption", "document")
            return "\n".join(words(thing[key]) for key in shown if key in thing)
        case list():
            return "\n".join(map(words, thing))
    return ""


def ticked(seen: dict[str, Any]) -> list[bool]:
    [stages] = [block for block in blocks(seen) if block["type"] == "list"]
    return [item.get("is_checked", False) for item in stages["items"]]


def sendings(telegram: Sandbox, chat_id: int) -> list[str]:
    calls = telegram.calls(chat_id=chat_id)
    return [call["method"] for call in calls if call["method"].startswith("send")]


def test_a_card_has_heading_table_stages_and_the_rest_folded(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    message = lanes.delivered(card)
    [seen] = telegram.messages(boris)
    kinds = [block["type"] for block in blocks(seen)]
    assert (message.form, message.state) == (Form.RICH, State.SENT)
    assert message.request is not None
    assert kinds == ["heading", *["paragraph"] * 4, "table", "list", "details"]
    assert AMOUNT in words(blocks(seen)[0])
    assert message.request.purpose in words(blocks(seen)[2])
    assert message.request.requester.get_short_name() in words(blocks(seen)[5])
    assert ticked(seen) == [False] * 3
    assert "text" not in seen
    first = seen["reply_markup"]["inline_keyboard"][0][0]
    assert first["callback_data"] == f"approve:{message.task_id}:0:1"


def test_what_people_have_typed_is_no_markup(telegram: Sandbox, company: Company) -> None:
    request = lanes.submit(company, comment="<b>&amp; **нет** [ссылка](https://example.com)")
    Chat.objects.update(dress=Dress.RICH)
    lanes.delivered(lanes.card(company, request))
    [seen] = telegram.messages(company.telegram_id(company.boris))
    assert "<b>&amp; **нет** [ссылка](https://example.com)" in words(blocks(seen)).replace("\n", "")


def test_it_follows_each_decision(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    message = lanes.delivered(card)
    press = bot.press(boris, f"approve:{card.task_id}", message_id=message.message_ids[0])
    bot.reply_to(press)
    bot.project()
    assert lanes.delivered(message).form == Form.RICH
    [seen] = telegram.messages(boris)
    assert ticked(seen) == [True, False, False]
    assert "Вы согласовали" in words(blocks(seen))
    assert sendings(telegram, boris) == ["sendRichMessage"]


def test_a_question_stands_under_it(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    message = lanes.delivered(card)
    bot.reply_to(bot.press(boris, f"decline:{card.task_id}", message_id=message.message_ids[0]))
    lanes.delivered(message)
    [seen] = telegram.messages(boris)
    assert "Почему" in words(blocks(seen)[-2])


def test_the_announcement_carries_its_document_through_all_edits(
    telegram: Sandbox, company: Company
) -> None:
    request = lanes.submit(company, documents=2)
    Chat.objects.update(dress=Dress.RICH)
    announcement = lanes.delivered(lanes.announcement(request))
    comment = lanes.change(company, request)
    assert lanes.delivered(announcement).form == Form.RICH
    seen, others = telegram.messages(GROUP_CHAT)
    assert blocks(seen)[-1]["document"]["file_name"] == "Счёт 1.pdf"
    assert others["document"]["file_name"] == "Счёт 2.pdf"
    assert comment in words(blocks(seen))
    [edit] = telegram.calls("editMessageText", chat_id=GROUP_CHAT)
    assert not edit["params"].get("document0")


def carries(telegram: Sandbox) -> bool:
    """Whether anything in the group has a document."""
    seen = telegram.messages(GROUP_CHAT)
    return any("document" in each or "document" in str(each.get("rich_message")) for each in seen)


@pytest.fixture
def announcement(telegram: Sandbox, company: Company) -> SentMessage:
    """Rich, with a document."""
    request = lanes.submit(company, documents=1)
    Chat.objects.update(dress=Dress.RICH)
    return lanes.delivered(lanes.announcement(request))


@pytest.mark.parametrize("dress", Dress.values)
@pytest.mark.parametrize("fault", ["drop_before", "error", "retry_after"])
def test_a_server_that_cannot_be_asked_undresses_nothing(
    telegram: Sandbox, company: Company, announcement: SentMessage, fault: str, dress: str
) -> None:
    assert announcement.request
    Chat.objects.update(dress=dress)
    abilities.forget()
    telegram.fail(fault, method=abilities.RICH.method)
    comment = lanes.change(company, announcement.request)
    assert lanes.delivered(announcement).form == Form.RICH
    assert carries(telegram)
    assert comment in words(blocks(telegram.messages(GROUP_CHAT)[0]))


@pytest.mark.parametrize(
    "refusal",
    [
        "Bad Request: not enough rights to send the rich message to the chat",
        "Bad Request: RICH_MESSAGE_TEXT_TOO_LONG",
    ],
)
def test_a_document_that_is_lost_with_the_dress_comes_by_itself(
    telegram: Sandbox, company: Company, announcement: SentMessage, refusal: str
) -> None:
    assert announcement.request
    telegram.fail("error", method="editMessageText", error_code=400, description=refusal)
    lanes.change(company, announcement.request)
    assert lanes.delivered(announcement).form == Form.TEXT
    assert not carries(telegram)
    lanes.change(company, announcement.request)
    lanes.deliver(announcement.chat_id)
    assert carries(telegram)


def test_a_file_that_cannot_be_read_keeps_no_card_from_its_newest_state(
    telegram: Sandbox, company: Company, announcement: SentMessage
) -> None:
    assert announcement.request
    TelegramFile.objects.all().delete()
    for attachment in announcement.request.attachments.all():
        attachment.file.storage.delete(str(attachment.file.name))
    comment = lanes.change(company, announcement.request)
    assert lanes.delivered(announcement).form == Form.RICH
    assert comment in words(blocks(telegram.messages(GROUP_CHAT)[0]))


def test_a_server_in_trouble_is_not_asked_for_each_card(
    telegram: Sandbox, company: Company
) -> None:
    telegram.fail("retry_after", method=abilities.RICH.method, seconds=30, count=100)
    requests = [lanes.submit(company) for _number in range(5)]
    Chat.objects.update(dress=Dress.RICH)
    for request in requests:
        lanes.delivered(lanes.card(company, request))
    assert len(telegram.calls(abilities.RICH.method)) == 1


def test_a_text_that_may_not_become_rich_stays_one(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    Chat.objects.update(dress=Dress.TEXT)
    message = lanes.delivered(card)
    refusal = "Bad Request: there is no text in the message to edit"
    telegram.fail("error", method="editMessageText", error_code=400, description=refusal)
    Chat.objects.update(dress=Dress.RICH)
    SentMessage.objects.filter(pk=message.pk).refresh()
    message = lanes.delivered(message)
    assert (message.form, message.state) == (Form.TEXT, State.SENT)
    assert sendings(telegram, boris)[0] == "sendMessage"
    assert len([seen for seen in telegram.messages(boris) if AMOUNT in seen.get("text", "")]) == 1


@pytest.mark.parametrize("refusal", ["message can't be edited", "MESSAGE_ID_INVALID"])
def test_a_sending_that_is_refused_for_ever_is_given_up(
    telegram: Sandbox, card: SentMessage, refusal: str
) -> None:
    Chat.objects.update(dress=Dress.TEXT)
    telegram.fail(
        "error",
        method="sendMessage",
        error_code=400,
        description=f"Bad Request: {refusal}",
        count=99,
    )
    for _number in range(results.ATTEMPTS):
        lanes.deliver(card.chat_id)
        lanes.due_again(card)
    assert lanes.fresh(card).state == State.FAILED


def test_a_chat_that_likes_text_again_gets_text(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    message = lanes.delivered(card)
    bot.reply_to(bot.press(boris, "dress:1"))
    assert lanes.delivered(message).form == Form.TEXT
    assert AMOUNT in telegram.messages(boris)[0]["text"]
    bot.reply_to(bot.press(boris, "dress:2"))
    assert lanes.delivered(message).form == Form.RICH
    assert telegram.messages(boris)[0]["rich_message"]
    assert sendings(telegram, boris)[0] == "sendRichMessage"


@pytest.mark.parametrize("version", ["10.0", "10.1"])
def test_an_older_server_is_asked_first_and_gets_one_message_of_text(
    telegram: Sandbox, card: SentMessage, boris: int, version: str
) -> None:
    telegram.post("/control/settings", bot_api=version)
    assert lanes.delivered(card).form == Form.TEXT
    assert sendings(telegram, boris) == ["sendMessage"]
    assert len(telegram.messages(boris)) == 1


def test_a_server_that_has_become_older_is_noticed_by_the_first_refusal(
    telegram: Sandbox, card: SentMessage, boris: int
) -> None:
    assert abilities.can(abilities.RICH)
    telegram.post("/control/settings", bot_api="10.0")
    message = lanes.delivered(card)
    assert (message.form, message.rich_refused) == (Form.TEXT, False)
    assert sendings(telegram, boris) == ["sendRichMessage", "sendMessage"]
    assert len(telegram.messages(boris)) == 1
    assert not abilities.can(abilities.RICH)


def test_an_older_server_edits_what_was_rich_into_text(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int
) -> None:
    message = lanes.delivered(card)
    assert message.request
    telegram.post("/control/settings", bot_api="10.0")
    comment = lanes.change(company, message.request)
    assert lanes.delivered(message).form == Form.TEXT
    assert comment in telegram.messages(boris)[0]["text"]


@pytest.mark.parametrize(
    "refusal",
    [
        "Bad Request: RICH_MESSAGE_TEXT_TOO_LONG",
        'Bad Request: can\'t parse InputRichBlock: type "details" is unsupported',
        "Bad Request: not enough rights to send the rich message to the chat",
    ],
)
def test_what_is_refused_of_one_card_concerns_that_card_alone(
    telegram: Sandbox, company: Company, card: SentMessage, boris: int, refusal: str
) -> None:
    telegram.fail("error", method="sendRichMessage", error_code=400, description=refusal)
    message = lanes.delivered(card)
    assert (message.form, message.rich_refused) == (Form.TEXT, True)
    assert len(telegram.messages(boris)) == 1
    other = lanes.submit(company)
    assert lanes.delivered(lanes.card(company, other)).form == Form.RICH


@pytest.mark.parametrize(
    ("fault", "details"),
    [
        ("drop_after", {}),
        ("error", {"error_code": 500, "description": "Internal Server Error: restart"}),
        ("retry_after", {"seconds": 30}),
    ],
)
def test_trouble_is_no_refusal(
    telegram: Sandbox, card: SentMessage, boris: int, fault: str, details: dict[str, Any]
) -> None:
    assert abilities.can(abilities.RICH)
    telegram.fail(fault, method="sendRichMessage", **details)
    message = lanes.delivered(card)
    assert not message.rich_refused
    assert sendings(telegram, boris) == ["sendRichMessage"]


def test_who_cannot_be_asked_gets_text(telegram: Sandbox, card: SentMessage, boris: int) -> None:
    telegram.fail("drop_before", method=abilities.RICH.method)
    assert lanes.delivered(card).form == Form.TEXT


def test_too_much_for_a_rich_message_is_shortened_as_text(
    telegram: Sandbox, company: Company, request_: PaymentRequest, boris: int
) -> None:
    PaymentRequest.objects.filter(pk=request_.pk).update(comment="Слово " * 6_000)
    Chat.objects.update(dress=Dress.RICH)
    assert lanes.delivered(lanes.card(company, request_)).form == Form.TEXT
    assert len(telegram.messages(boris)[0]["text"]) <= 4096


def test_everyone_chooses_for_himself(telegram: Sandbox, company: Company) -> None:
    boris, vera = company.telegram_id(company.boris), company.telegram_id(company.vera)
    lanes.submit(company)
    offered = bot.reply_to(bot.message(boris, "/settings"))
    [text, rich], *_others = offered["reply_markup"]["inline_keyboard"]
    assert text["text"].startswith("●")
    answer = bot.reply_to(bot.press(boris, rich["callback_data"]))
    assert answer["text"]
    chats = Chat.objects.in_bulk(field_name="telegram_id")
    assert (chats[boris].dress, chats[vera].dress) == (Dress.RICH, Dress.TEXT)
    bot.reply_to(bot.press(boris, "dress:9"))
    assert Chat.objects.get(telegram_id=boris).dress == Dress.RICH
