"""Rich and ephemeral messages on the chat page."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .conftest import ALICE, BOB, GROUP, Bot, OpenPage, act

PRIVATE = f"/?people={ALICE}&chat={ALICE}"
BOTH = f"/?people={ALICE},{BOB}&chat={GROUP},{GROUP}"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
ONLY_YOU = ".only-you"
PRESS = {"inline_keyboard": [[{"text": "Mine", "callback_data": "mine"}]]}


def paragraph(text: Any) -> dict[str, Any]:
    return {"type": "paragraph", "text": text}


def send(bot: Bot, *blocks: dict[str, Any]) -> int:
    message = bot.call("sendRichMessage", chat_id=ALICE, rich_message={"blocks": list(blocks)})
    return int(message["message_id"])


def bubble(page: Page | Locator, key: int | str) -> Locator:
    return page.locator(f"[data-message-id='{key}'] .bubble")


def column(page: Page, person_id: int) -> Locator:
    return page.locator(f"[data-person='{person_id}']")


def whisper(bot: Bot, person_id: int, text: str, **fields: Any) -> str:
    """The key under which the page shows it."""
    parameters = {"receiver_user_id": person_id, **fields.pop("parameters", {})}
    call = {"chat_id": GROUP, "text": text, "ephemeral_message_parameters": parameters}
    return f"e{bot.call('sendMessage', **call, **fields)['ephemeral_message_id']}"


def rule(sandbox: str) -> None:
    """The bot becomes an administrator of the group."""
    act(f"{sandbox}/control/chats/{GROUP}/members", {"status": "administrator"})


def test_a_card_has_its_parts(bot: Bot, open_page: OpenPage) -> None:
    row = [{"text": "Payee", "is_header": True}, {"text": {"type": "bold", "text": "A < B"}}]
    items = [
        {"has_checkbox": True, "is_checked": True, "blocks": [paragraph("Ann")]},
        {"has_checkbox": True, "blocks": [paragraph("Bea")]},
    ]
    sent = send(
        bot,
        {"type": "heading", "size": 3, "text": "Request 7"},
        {"type": "table", "is_compact": True, "is_striped": True, "cells": [row]},
        {"type": "list", "items": items},
        {"type": "divider"},
        {"type": "blockquote", "blocks": [paragraph("Soon")], "credit": "Olga"},
        {"type": "footer", "text": "Round 2"},
    )
    card = bubble(open_page(PRIVATE), sent)
    expect(card.get_by_role("heading", name="Request 7")).to_be_visible()
    expect(card.locator("table[data-compact][data-striped] th")).to_have_text("Payee")
    expect(card.locator("td b")).to_have_text("A < B")
    expect(card.get_by_role("checkbox").first).to_be_checked()
    expect(card.get_by_role("checkbox").last).not_to_be_checked()
    expect(card.locator("hr")).to_be_visible()
    expect(card.locator("blockquote cite")).to_have_text("Olga")
    expect(card.locator(".rich-footer")).to_have_text("Round 2")


def test_details_fold_and_a_long_quotation_too(bot: Bot, open_page: OpenPage) -> None:
    lines = "\n".join(f"Line {number}" for number in range(9))
    quotation = {"type": "expandable_blockquote", "text": lines}
    blocks = [paragraph("Server rent"), quotation]
    sent = send(bot, {"type": "details", "summary": "Purpose", "blocks": blocks})
    card = bubble(open_page(PRIVATE), sent)
    expect(card.get_by_text("Server rent")).to_be_hidden()
    card.get_by_text("Purpose").click()
    expect(card.get_by_text("Server rent")).to_be_visible()
    height = "node => node.clientHeight"
    short = card.locator("blockquote").evaluate(height)
    card.locator("blockquote").click()
    assert card.locator("blockquote").evaluate(height) > 2 * short


def test_a_document_in_a_card_is_opened(bot: Bot, open_page: OpenPage) -> None:
    bill = {"type": "document", "media": "attach://bill"}
    block = {"type": "document", "document": bill, "caption": {"text": "for March"}}
    message = bot.upload(
        "sendRichMessage",
        {"bill": ("bill.pdf", b"%PDF-1.4")},
        chat_id=ALICE,
        rich_message=json.dumps({"blocks": [block]}),
    )
    page = open_page(PRIVATE)
    link = bubble(page, message["message_id"]).get_by_role("link", name="bill.pdf")
    assert page.request.get(str(link.get_attribute("href"))).body() == b"%PDF-1.4"
    expect(bubble(page, message["message_id"])).to_contain_text("for March")


def test_a_button_in_a_card_is_pressed(bot: Bot, open_page: OpenPage) -> None:
    label = ["Approve ", {"type": "custom_emoji", "custom_emoji_id": "1", "alternative_text": "!"}]
    given = [{"text": label, "callback_data": "in", "style": "link"}]
    sent = send(bot, {"type": "buttons", "buttons": given, "align": "left"})
    page = open_page(PRIVATE)
    bubble(page, sent).get_by_role("button", name="Approve !").click()
    query = bot.next_update("callback_query")
    assert (query["data"], query["message"]["message_id"]) == ("in", sent)
    bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Done")
    expect(page.locator(".toast")).to_have_text("Done")


def test_a_disabled_button_does_nothing(bot: Bot, open_page: OpenPage) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Decided", "disabled": {}}]]}
    bot.send(ALICE, "Request 7", reply_markup=keyboard)
    expect(open_page(PRIVATE).get_by_role("button", name="Decided")).to_be_disabled()


def test_a_card_with_buttons_may_ask_for_a_reply(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(ALICE, "Why?", reply_markup=PRESS | {"force_reply": True})
    page = open_page(PRIVATE)
    expect(page.locator(f"[data-reply-to='{sent}']")).to_be_visible()
    expect(bubble(page, sent).locator("..").get_by_role("button", name="Mine")).to_be_visible()


def test_an_edit_turns_text_into_a_card(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(ALICE, "Plain")
    page = open_page(PRIVATE)
    expect(bubble(page, sent)).to_contain_text("Plain")
    rich = {"blocks": [paragraph("Rich")]}
    bot.call("editMessageText", chat_id=ALICE, message_id=sent, rich_message=rich)
    expect(bubble(page, sent).locator(".rich-message")).to_have_text("Rich")
    expect(bubble(page, sent)).not_to_contain_text("Plain")


def test_a_card_fits_a_phone(bot: Bot, open_page: OpenPage) -> None:
    row = [{"text": f"Column {number}"} for number in range(12)]
    wide = {"type": "table", "cells": [row]}
    given = [{"text": "A long label of a button", "copy_text": {"text": "x"}}] * 4
    sent = send(bot, wide, {"type": "buttons", "buttons": given, "align": "left"})
    page = open_page(PRIVATE, **PHONE)
    card = bubble(page, sent)
    expect(card.locator("table")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    edge = card.evaluate("node => node.getBoundingClientRect().right")
    key = "nodes => Math.max(...nodes.map(node => node.getBoundingClientRect().right))"
    assert card.locator(".key").evaluate_all(key) <= edge <= 390


def test_an_ephemeral_message_is_seen_by_one_person(
    sandbox: str, bot: Bot, open_page: OpenPage
) -> None:
    rule(sandbox)
    page = open_page(BOTH)
    first = whisper(bot, ALICE, "Balance 4 200", reply_markup=PRESS)
    bot.send(GROUP, "For all")
    alice, bob = column(page, ALICE), column(page, BOB)
    expect(bubble(alice, first)).to_contain_text("Balance 4 200")
    expect(bubble(alice, first).locator(ONLY_YOU)).to_have_text("Visible to you only")
    expect(bob.get_by_text("For all").last).to_be_visible()
    expect(bob.locator(ONLY_YOU)).to_have_count(0)
    page.reload()
    expect(column(page, ALICE).locator(ONLY_YOU)).to_have_count(1)
    expect(column(page, BOB).locator(ONLY_YOU)).to_have_count(0)

    alice.get_by_role("button", name="Mine").click()
    query = bot.next_update("callback_query")
    bot.call("answerCallbackQuery", callback_query_id=query["id"])
    place = {"chat_id": GROUP, "receiver_user_id": ALICE}
    place["ephemeral_message_id"] = query["message"]["ephemeral_message_id"]
    bot.call("editEphemeralMessageText", **place, text="Balance 0")
    expect(bubble(alice, first)).to_contain_text("Balance 0")
    bot.call("deleteEphemeralMessage", **place)
    expect(alice.locator(ONLY_YOU)).to_have_count(0)


def test_an_answer_in_place_of_a_card_hides_it_for_one_person(
    bot: Bot, open_page: OpenPage
) -> None:
    card = bot.send(GROUP, "Card", reply_markup=PRESS)
    page = open_page(BOTH)
    alice, bob = column(page, ALICE), column(page, BOB)
    alice.get_by_role("button", name="Mine").click()
    query = bot.next_update("callback_query")
    parameters = {"callback_query_id": query["id"], "replace_callback_query_message": True}
    key = whisper(bot, ALICE, "Instead", parameters=parameters)
    expect(bubble(alice, key)).to_contain_text("Instead")
    expect(bubble(alice, card)).to_have_count(0)
    expect(bubble(bob, card)).to_contain_text("Card")
    place = {"chat_id": GROUP, "receiver_user_id": ALICE, "ephemeral_message_id": int(key[1:])}
    bot.call("deleteEphemeralMessage", **place)
    expect(bubble(alice, card)).to_contain_text("Card")


def test_a_command_chosen_in_the_menu_stays_between_two(bot: Bot, open_page: OpenPage) -> None:
    command = {"command": "queue", "description": "Mine", "is_ephemeral": True}
    bot.call("setMyCommands", commands=[command])
    page = open_page(BOTH)
    alice = column(page, ALICE)
    alice.locator("[data-action='commands']").click()
    alice.locator("[data-command='queue']").click()
    expect(alice.locator(ONLY_YOU)).to_have_count(1)
    message = bot.next_update("message")
    assert (message["message_id"], message["from"]["id"]) == (0, ALICE)
    expect(column(page, BOB).locator(ONLY_YOU)).to_have_count(0)
    bot.call("deleteMyCommands")
