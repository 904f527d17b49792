"""What a person sees and does on the chat page, while a bot answers by the Bot API."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from .conftest import ALICE, BOB, GROUP, Bot, OpenPage, act, running_sandbox, start_bot

PRIVATE = f"/?people={ALICE}&chat={ALICE}"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def bubble(page: Page | Locator, message_id: int) -> Locator:
    return page.locator(f"[data-message-id='{message_id}']")


def column(page: Page, person_id: int) -> Locator:
    return page.locator(f"[data-person='{person_id}']")


def keyboard(*buttons: dict[str, object]) -> dict[str, object]:
    return {"inline_keyboard": [list(buttons)]}


APPROVE = keyboard({"text": "Approve", "callback_data": "approve:7"})


def test_a_message_appears_without_reloading(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(PRIVATE)
    sent = bot.send(ALICE, "<b>Request 7</b> of A &lt; B", parse_mode="HTML")
    expect(bubble(page, sent).locator("b")).to_have_text("Request 7")
    expect(bubble(page, sent)).to_contain_text("of A < B")


def test_an_edit_is_marked_and_takes_the_buttons_away(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(ALICE, "Request 7", reply_markup=APPROVE)
    page = open_page(PRIVATE)
    expect(bubble(page, sent).get_by_role("button", name="Approve")).to_be_visible()
    expect(bubble(page, sent).locator(".edited")).to_have_count(0)

    bot.call("editMessageText", chat_id=ALICE, message_id=sent, text="Request 7 is approved")

    expect(bubble(page, sent)).to_contain_text("is approved")
    expect(bubble(page, sent).locator(".edited")).to_have_text("edited")
    expect(bubble(page, sent).locator("[data-callback]")).to_have_count(0)


def test_a_deleted_message_disappears(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(ALICE, "Request 7")
    page = open_page(PRIVATE)
    expect(bubble(page, sent)).to_be_visible()
    bot.call("deleteMessage", chat_id=ALICE, message_id=sent)
    expect(bubble(page, sent)).to_have_count(0)


def test_a_folded_quotation_shows_three_lines_and_all_at_a_click(
    bot: Bot, open_page: OpenPage
) -> None:
    lines = "\n".join(f"Line {number}" for number in range(9))
    folded = f"<blockquote expandable>{lines}</blockquote>"
    sent = bot.send(ALICE, f"Request 7\n{folded}", parse_mode="HTML")
    quotation = bubble(open_page(PRIVATE), sent).locator("blockquote")
    expect(quotation).to_contain_text("Line 8")
    height = "node => node.clientHeight"
    short = quotation.evaluate(height)
    quotation.click()
    assert quotation.evaluate(height) > 2 * short
    quotation.press("Enter")
    assert quotation.evaluate(height) == short


def test_the_colours_of_buttons_are_shown(bot: Bot, open_page: OpenPage) -> None:
    coloured = keyboard(
        {"text": "Yes", "callback_data": "y", "style": "success"},
        {"text": "No", "callback_data": "n", "style": "danger"},
        {"text": "Later", "callback_data": "l"},
    )
    sent = bot.send(ALICE, "Request 7", reply_markup=coloured)
    keys = bubble(open_page(PRIVATE), sent).locator(".key")
    expect(keys).to_have_count(3)
    colour = "nodes => nodes.map(node => getComputedStyle(node).backgroundColor)"
    assert len(set(keys.evaluate_all(colour))) == 3


def test_a_press_waits_for_the_answer_and_shows_it_once(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(ALICE, "Request 7", reply_markup=APPROVE)
    page = open_page(PRIVATE)
    button = bubble(page, sent).locator("[data-callback='approve:7']")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")

    query = bot.next_update("callback_query")
    bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Approved")

    assert (query["from"]["id"], query["data"]) == (ALICE, "approve:7")
    expect(page.locator(".toast")).to_have_text("Approved")
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_an_alert_stays_until_dismissed(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(ALICE, "Request 7", reply_markup=APPROVE)
    page = open_page(PRIVATE)
    bubble(page, sent).get_by_role("button", name="Approve").click()
    query = bot.next_update("callback_query")
    answer = {"callback_query_id": query["id"], "text": "Not yours", "show_alert": True}
    bot.call("answerCallbackQuery", **answer)

    alert = page.locator("dialog.alert")
    expect(alert).to_contain_text("Not yours")
    alert.get_by_role("button").click()
    expect(alert).to_have_count(0)


def test_a_file_with_a_caption_reaches_the_bot(
    bot: Bot, open_page: OpenPage, tmp_path: Path
) -> None:
    invoice = tmp_path / "Счёт 44.pdf"
    invoice.write_bytes(b"%PDF-1.4 invoice")
    page = open_page(PRIVATE)
    page.set_input_files("input[name=file]", invoice)
    page.fill("textarea[name=text]", "For April")
    page.press("textarea[name=text]", "Enter")

    message = bot.next_update("message")

    assert message["caption"] == "For April"
    assert message["document"]["file_name"] == "Счёт 44.pdf"
    assert message["document"]["file_size"] == invoice.stat().st_size
    card = bubble(page, message["message_id"]).locator(".file-card")
    expect(card).to_contain_text("Счёт 44.pdf")
    assert page.request.get(str(card.get_attribute("href"))).body() == invoice.read_bytes()


def test_an_album_is_one_bubble(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(PRIVATE)
    media = [{"type": "document", "media": f"attach://{name}"} for name in ("act", "bill")]
    files = {"act": ("Act.docx", b"act"), "bill": ("Bill.pdf", b"bill")}
    sent = bot.upload("sendMediaGroup", files, chat_id=ALICE, media=json.dumps(media))
    album = page.locator(".message:has(.album)")
    expect(album).to_have_count(1)
    expect(bubble(album, sent[0]["message_id"])).to_contain_text("Act.docx")
    expect(bubble(album, sent[1]["message_id"])).to_contain_text("Bill.pdf")


def test_a_forced_reply_answers_that_message(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(PRIVATE)
    forced = {"force_reply": True, "input_field_placeholder": "Reason"}
    sent = bot.send(ALICE, "Why is it declined?", reply_markup=forced)
    expect(page.locator(f"[data-reply-to='{sent}']")).to_be_visible()
    expect(page.get_by_placeholder("Reason")).to_be_visible()

    page.fill("textarea[name=text]", "No contract")
    page.press("textarea[name=text]", "Enter")

    message = bot.next_update("message")
    assert message["text"] == "No contract"
    assert message["reply_to_message"]["message_id"] == sent
    expect(bubble(page, message["message_id"]).locator(".quote")).to_contain_text("Why is it")
    expect(page.locator("[data-reply-to]")).to_have_count(0)


def test_a_chosen_message_is_replied_to_unless_escaped(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(ALICE, "Request 7")
    page = open_page(PRIVATE)
    reply = bubble(page, sent).locator("[data-action=reply]")
    reply.click()
    expect(page.locator(f"[data-reply-to='{sent}']")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-reply-to]")).to_have_count(0)

    reply.click()
    page.keyboard.type("Which one?")
    page.keyboard.press("Enter")
    assert bot.next_update("message")["reply_to_message"]["message_id"] == sent


def test_two_people_see_the_same_group_from_their_sides(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(f"/?people={ALICE},{BOB}&chat={GROUP}")
    alice, bob = column(page, ALICE), column(page, BOB)
    alice.locator("textarea[name=text]").fill("Please pay")
    alice.locator("textarea[name=text]").press("Enter")

    expect(alice.locator(".message.own")).to_contain_text("Please pay")
    expect(bob.locator(".message.peer")).to_contain_text("Please pay")
    expect(bob.locator(".message.peer .sender")).to_have_text("Alice")
    expect(alice.locator(".message.peer")).to_have_count(0)


def test_who_is_anonymous_appears_as_the_group(bot: Bot, sandbox: str, open_page: OpenPage) -> None:
    page = open_page(f"/?people={ALICE}&chat={GROUP}")
    bob = {"user_id": BOB, "status": "administrator", "rights": ["is_anonymous"]}
    act(f"{sandbox}/control/chats/{GROUP}/members", bob)
    act(f"{sandbox}/client/people/{BOB}/chats/{GROUP}/messages", {"text": "Who am I?"})
    act(f"{sandbox}/control/chats/{GROUP}/members", {"user_id": BOB, "status": "member"})
    said = page.locator(".message", has_text="Who am I?")
    expect(said.locator(".sender")).to_have_text("Payments")


def test_a_press_of_one_person_is_answered_to_nobody_else(bot: Bot, open_page: OpenPage) -> None:
    sent = bot.send(GROUP, "Request 7", reply_markup=APPROVE)
    page = open_page(f"/?people={ALICE},{BOB}&chat={GROUP}")
    bubble(column(page, BOB), sent).get_by_role("button", name="Approve").click()
    query = bot.next_update("callback_query")
    bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Thank you, Bob")

    assert query["from"]["id"] == BOB
    expect(column(page, BOB).locator(".toast")).to_have_text("Thank you, Bob")
    assert column(page, ALICE).locator(".toast").count() == 0


def test_the_columns_are_in_the_address(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(f"/?people={ALICE}")
    page.locator("[data-action=add]").click()
    column(page, BOB).locator(f"button[data-chat='{GROUP}']").click()
    expect(page).to_have_url(re.compile(rf"\?people={ALICE},{BOB}&chat=,{GROUP}$"))

    page.reload()
    expect(column(page, BOB).locator(f".chat-pane[data-chat='{GROUP}']")).to_be_visible()
    column(page, ALICE).locator("[data-action=remove]").click()
    expect(page.locator("[data-person]")).to_have_count(1)
    expect(page).to_have_url(re.compile(rf"\?people={BOB}&chat={GROUP}$"))


def test_an_unread_message_is_counted_until_the_chat_is_opened(
    bot: Bot, open_page: OpenPage
) -> None:
    page = open_page(f"/?people={ALICE}")
    row = page.locator(f"button[data-chat='{GROUP}']")
    bot.send(GROUP, "Request 7")
    bot.send(GROUP, "Request 8")
    expect(row.locator(".badge")).to_have_text("2")
    expect(row).to_contain_text("Request 8")
    row.click()
    expect(row.locator(".badge")).to_have_count(0)


def test_typed_text_survives_another_chat_and_a_reload(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(PRIVATE)
    page.fill("textarea[name=text]", "Half a thou")
    page.locator(f"button[data-chat='{GROUP}']").click()
    expect(page.locator("textarea[name=text]")).to_have_value("")
    page.locator(f"button[data-chat='{ALICE}']").click()
    expect(page.locator("textarea[name=text]")).to_have_value("Half a thou")
    page.reload()
    expect(page.locator("textarea[name=text]")).to_have_value("Half a thou")


def test_an_unsent_message_comes_back_to_be_sent_again(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(PRIVATE, locale="en-US")
    page.context.set_offline(True)
    page.fill("textarea[name=text]", "Too early")
    page.press("textarea[name=text]", "Enter")
    expect(page.locator(".toast[data-kind=error]")).to_have_text("The server is not available")
    expect(page.locator("textarea[name=text]")).to_have_value("Too early")

    page.context.set_offline(False)
    page.press("textarea[name=text]", "Enter")
    assert bot.next_update("message")["text"] == "Too early"


def test_the_page_catches_up_when_the_server_is_back(open_page: OpenPage) -> None:
    with running_sandbox() as base:
        page = open_page(f"{base}{PRIVATE}")
        start_bot(base, ALICE)
        expect(page.locator(".message.own")).to_contain_text("/start")
    expect(page.locator("body")).to_have_attribute("data-online", "no")
    expect(page.get_by_text("Connecting…")).to_be_visible()

    with running_sandbox(port=urlsplit(base).port or 0):
        start_bot(base, ALICE)
        sent = Bot(base).send(ALICE, "Meanwhile")
        expect(bubble(page, sent)).to_contain_text("Meanwhile")


def test_an_inline_query_is_answered_and_the_choice_is_sent(bot: Bot, open_page: OpenPage) -> None:
    username = bot.call("getMe")["username"]
    page = open_page(f"/?people={ALICE}&chat={GROUP}")
    page.locator("textarea[name=text]").press_sequentially(f"@{username} april")
    query = bot.next_update("inline_query")
    content = {"message_text": "Request 7, 1 000 RUB"}
    result = {"type": "article", "id": "7", "title": "Request 7", "description": "1 000 RUB"}
    answer = {"results": [{**result, "input_message_content": content}], "cache_time": 0}
    bot.call("answerInlineQuery", inline_query_id=query["id"], is_personal=True, **answer)

    assert query["query"] == "april"
    page.locator("[data-result='7']").click()
    expect(page.locator(".message.own")).to_contain_text("Request 7, 1 000 RUB")
    expect(page.locator(".message.own .via")).to_have_text(f"via @{username}")
    expect(page.locator("textarea[name=text]")).to_have_value("")


def test_a_button_of_the_bots_keyboard_shares_the_phone_number(
    bot: Bot, open_page: OpenPage
) -> None:
    button = {"text": "Send my number", "request_contact": True}
    bot.send(ALICE, "Who are you?", reply_markup={"keyboard": [[button]]})
    page = open_page(PRIVATE)
    page.get_by_role("button", name="Send my number").click()
    page.fill("dialog input[name=phone]", "+79991234567")
    page.get_by_role("button", name="OK").click()
    contact = bot.next_update("message")["contact"]
    assert (contact["phone_number"], contact["user_id"]) == ("+79991234567", ALICE)


def test_a_stranger_starts_the_bot_first(bot: Bot, open_page: OpenPage, newcomer: int) -> None:
    page = open_page(f"/?people={newcomer}&chat={newcomer}")
    expect(page.locator("form[name=composer]")).to_be_hidden()
    page.locator("[data-action=start]").click()
    assert bot.next_update("message")["text"] == "/start"
    expect(page.locator("form[name=composer]")).to_be_visible()


def test_reading_above_is_not_disturbed_by_new_messages(bot: Bot, open_page: OpenPage) -> None:
    for number in range(30):
        bot.send(ALICE, f"Request {number}")
    page = open_page(PRIVATE)
    scroller = page.locator(".scroller")
    expect(scroller.get_by_text("Request 29")).to_be_in_viewport()
    scroller.evaluate("node => { node.scrollTop = 0 }")
    jump = page.get_by_role("button", name="New messages")
    expect(jump).to_be_visible()

    sent = bot.send(ALICE, "The newest")

    expect(jump).to_contain_text("1")
    expect(scroller.get_by_text("Request 0", exact=True)).to_be_in_viewport()
    jump.click()
    expect(bubble(page, sent)).to_be_in_viewport()
    expect(jump).to_be_hidden()


def test_a_phone_shows_one_pane_at_a_time_without_sideways_scroll(
    bot: Bot, open_page: OpenPage
) -> None:
    bot.send(GROUP, "W" * 300, reply_markup=APPROVE)
    page = open_page(f"/?people={ALICE},{BOB}", **PHONE)
    expect(page.locator("[data-person]:visible")).to_have_count(1)
    column(page, ALICE).locator(f"button[data-chat='{GROUP}']").tap()
    expect(column(page, ALICE).get_by_role("button", name="Approve")).to_be_visible()
    expect(column(page, ALICE).locator(".chat-list")).to_be_hidden()

    sizes = "[document.documentElement, ...document.querySelectorAll('.scroller, .chat-list')]"
    wider = page.evaluate(f"{sizes}.filter(node => node.scrollWidth > node.clientWidth).length")
    small = "node => node.offsetParent && Math.min(node.offsetWidth, node.offsetHeight) < 40"
    assert wider == 0
    assert page.evaluate(f"[...document.querySelectorAll('button')].filter({small}).length") == 0

    column(page, ALICE).locator("[data-action=back]").tap()
    expect(column(page, ALICE).locator(".chat-list")).to_be_visible()
    page.get_by_role("button", name="Bob").tap()
    expect(column(page, BOB)).to_be_visible()
    expect(column(page, ALICE)).to_be_hidden()


def test_the_language_is_the_browsers_unless_asked(bot: Bot, open_page: OpenPage) -> None:
    russian = open_page(PRIVATE, locale="ru-RU")
    expect(russian.get_by_placeholder("Сообщение")).to_be_visible()
    russian.get_by_role("link", name="EN").click()
    expect(russian.get_by_placeholder("Message")).to_be_visible()
    expect(russian.locator(f".chat-pane[data-chat='{ALICE}']")).to_be_visible()
    asked = open_page(f"{PRIVATE}&lang=ru", locale="en-US")
    expect(asked.get_by_placeholder("Сообщение")).to_be_visible()
