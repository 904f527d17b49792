"""The list of the bot's commands, and links that lead to the bot and away from it."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import ALICE, BOB, GROUP, Bot, OpenPage

PRIVATE = f"/?people={ALICE}&chat={ALICE}"
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
COMMANDS = [
    {"command": "login", "description": "Sign in"},
    {"command": "logout", "description": "Forget me"},
    {"command": "pending", "description": "What waits for me"},
]


@pytest.fixture
def username(bot: Bot) -> str:
    return str(bot.call("getMe")["username"])


@pytest.fixture
def _commands(bot: Bot) -> None:
    bot.call("setMyCommands", commands=COMMANDS)


@pytest.mark.usefixtures("_commands")
def test_a_chosen_command_is_sent_at_once(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(PRIVATE, **PHONE)
    page.locator("[data-action=commands]").tap()
    expect(page.locator("[data-command]")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("[data-command=login]").tap()
    assert bot.next_update("message")["text"] == "/login"
    expect(page.locator("[data-command]:visible")).to_have_count(0)


@pytest.mark.usefixtures("_commands")
def test_a_command_is_completed_while_it_is_typed(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(PRIVATE)
    page.locator("textarea[name=text]").press_sequentially("/log")
    expect(page.locator("[data-command]:visible")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert bot.next_update("message")["text"] == "/logout"
    expect(page.locator("textarea[name=text]")).to_have_value("")


@pytest.mark.usefixtures("_commands")
def test_in_a_group_a_command_names_its_bot(bot: Bot, open_page: OpenPage, username: str) -> None:
    page = open_page(f"/?people={ALICE}&chat={GROUP}")
    page.locator("[data-action=commands]").click()
    page.locator("[data-command=pending]").click()
    assert bot.next_update("message")["text"] == f"/pending@{username}"


def test_a_bot_without_commands_says_so(bot: Bot, open_page: OpenPage) -> None:
    bot.call("deleteMyCommands")
    page = open_page(PRIVATE, locale="en")
    page.locator("[data-action=commands]").click()
    expect(page.get_by_text("No such command")).to_be_visible()


def test_a_link_to_the_bot_asks_who_opens_it(bot: Bot, open_page: OpenPage, username: str) -> None:
    page = open_page("/", **PHONE)
    page.goto(f"/{username}?start=link-ABCD-2345")
    page.select_option("select[name=who]", str(BOB))
    page.locator("dialog.link button[value=ok]").tap()
    message = bot.next_update("message")
    assert (message["from"]["id"], message["text"]) == (BOB, "/start link-ABCD-2345")
    expect(page.locator(f".chat-pane[data-chat='{BOB}']")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/\?people={BOB}&chat={BOB}$"))


def test_a_link_to_the_bot_can_be_left_alone(bot: Bot, open_page: OpenPage, username: str) -> None:
    page = open_page("/")
    page.goto(f"/{username}?start=link-ABCD-2345")
    page.locator("dialog.link button[value=cancel]").click()
    expect(page.locator("[data-person]").first).to_be_visible()
    assert bot.call("getUpdates") == []
    assert "link" not in page.url


def test_a_link_of_another_bot_leads_nowhere(open_page: OpenPage, username: str) -> None:
    page = open_page("/")
    answer = page.request.get(f"/{username}x?start=1")
    assert answer.status == 404


def test_whoever_left_by_a_button_comes_back_by_the_link(
    bot: Bot, open_page: OpenPage, sandbox: str, username: str
) -> None:
    away = f"{sandbox}/static/favicon.svg"
    sent = bot.send(
        BOB, "Sign in", reply_markup={"inline_keyboard": [[{"text": "Google", "url": away}]]}
    )
    page = open_page(f"/?people={BOB}&chat={BOB}")
    with page.context.expect_page() as opened:
        page.locator(f"[data-message-id='{sent}']").get_by_role("button", name="Google").click()
    tab = opened.value
    expect(tab).to_have_url(away)
    tab.goto(f"/{username}?start=a")
    expect(tab.locator("select[name=who]")).to_have_value(str(BOB))
    tab.close()


def test_a_payload_against_telegrams_rules_is_passed_over(
    bot: Bot, open_page: OpenPage, username: str
) -> None:
    page = open_page("/")
    page.goto(f"/{username}?people={ALICE}&start={'x' * 65}")
    expect(page.locator("select[name=who]")).to_have_value(str(ALICE))
    page.locator("dialog.link button[value=ok]").click()
    assert bot.next_update("message")["text"] == "/start"
