"""Topics of a group on the page: chosen, written in, created, changed, and turned on and off."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import ALICE, BOB, Bot, OpenPage, act

FORUM = -1000000000900
RIGHTS = ["can_manage_topics", "can_pin_messages"]


@pytest.fixture
def forum(bot: Bot, sandbox: str) -> str:
    """The address of the topics of a group of Alice, in which Bob is a member."""
    group = {"id": FORUM, "title": "Office", "type": "supergroup", "is_forum": True}
    act(f"{sandbox}/control/groups", {**group, "members": [ALICE, BOB], "bot_rights": RIGHTS})
    return f"{sandbox}/control/chats/{FORUM}/topics"


def open_topic(bot: Bot, name: str, **looks: Any) -> int:
    made = bot.call("createForumTopic", chat_id=FORUM, name=name, **looks)
    return int(made["message_thread_id"])


def column(page: Page, person: int) -> Locator:
    return page.locator(f"[data-person='{person}']")


def write(column: Locator, text: str) -> None:
    column.locator("textarea[name=text]").fill(text)
    column.locator("textarea[name=text]").press("Enter")


def change(page: Page, button: str) -> None:
    page.locator("[data-action=change-topic]").click()
    page.locator("dialog.topic").get_by_role("button", name=button).click()


ADDRESS = f"/?people={ALICE}&chat={FORUM}"


def test_one_topic_is_seen_and_written_in_at_a_time(
    bot: Bot, forum: str, open_page: OpenPage
) -> None:
    rent = open_topic(bot, "Rent", icon_color=16766590)
    bot.send(FORUM, "Request 7", message_thread_id=rent)
    bot.send(FORUM, "Hello")
    page = open_page(ADDRESS)
    told = page.locator(".message", has_text="Request 7").locator(".topic")
    expect(told).to_contain_text("Rent")
    expect(told.locator("[data-colour='16766590']")).to_have_text("R")

    page.locator("[data-topic='1']").click()
    expect(page.locator(".message")).to_have_count(1)
    expect(page.locator(".message")).to_contain_text("Hello")
    page.locator(f"[data-topic='{rent}']").click()
    expect(page.locator(".message")).to_have_count(1)
    expect(page.locator(".message")).to_contain_text("Request 7")
    expect(page.locator(".quote")).to_have_count(0)
    write(page.locator(".chat-pane"), "In April")

    assert bot.next_update("message")["forum_topic_created"]["name"] == "Rent"
    said = bot.next_update("message")
    assert (said["text"], said["message_thread_id"]) == ("In April", rent)
    page.locator("[data-topic=all]").click()
    expect(page.locator(".message")).to_have_count(3)


def test_a_topic_is_created_changed_and_deleted(bot: Bot, forum: str, open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    page.locator("[data-action=new-topic]").click()
    page.fill("dialog.topic input[name=name]", "Rent")
    page.select_option("dialog.topic select[name=icon]", label="💰")
    page.get_by_role("button", name="Create").click()
    created = bot.next_update("message")
    icon = created["forum_topic_created"]["icon_custom_emoji_id"]
    assert created["forum_topic_created"]["name"] == "Rent"
    tab = page.locator(f"[data-topic='{created['message_thread_id']}']")
    expect(tab).to_have_attribute("aria-current", "true")
    expect(tab.locator(".topic-icon")).to_have_text("💰")

    page.locator("[data-action=change-topic]").click()
    expect(page.locator("dialog.topic select[name=icon]")).to_have_value(icon)
    page.fill("dialog.topic input[name=name]", "Lease")
    page.get_by_role("button", name="Save").click()
    assert bot.next_update("message")["forum_topic_edited"] == {"name": "Lease"}
    expect(tab).to_contain_text("Lease")

    change(page, "Close")
    assert bot.next_update("message")["forum_topic_closed"] == {}
    expect(tab).to_have_attribute("data-closed", "")
    change(page, "Reopen")
    assert bot.next_update("message")["forum_topic_reopened"] == {}
    change(page, "Delete")
    expect(tab).to_have_count(0)
    expect(page.locator("[data-topic=all]")).to_have_attribute("aria-current", "true")


def test_the_general_topic_is_hidden_from_whom_it_is_not_for(
    bot: Bot, forum: str, open_page: OpenPage
) -> None:
    page = open_page(f"/?people={ALICE},{BOB}&chat={FORUM}")
    general = "[data-topic='1']"
    expect(column(page, BOB).locator(general)).to_be_visible()
    column(page, ALICE).locator(general).click()
    change(page, "Hide")
    assert bot.next_update("message")["general_forum_topic_hidden"] == {}
    expect(column(page, BOB).locator(general)).to_have_count(0)
    expect(column(page, ALICE).locator(general)).to_have_attribute("data-hidden", "")
    change(page, "Show")
    assert bot.next_update("message")["general_forum_topic_unhidden"] == {}
    expect(column(page, BOB).locator(general)).to_have_attribute("data-closed", "")


def test_a_closed_topic_is_read_by_all_and_written_by_who_may(
    bot: Bot, forum: str, open_page: OpenPage
) -> None:
    rent = open_topic(bot, "Rent")
    bot.send(FORUM, "Request 7", message_thread_id=rent)
    page = open_page(f"/?people={ALICE},{BOB}&chat={FORUM}")
    alice, bob = column(page, ALICE), column(page, BOB)
    for side in (alice, bob):
        side.locator(f"[data-topic='{rent}']").click()
    expect(bob.locator("form[name=composer]")).to_be_visible()
    act(f"{forum}/{rent}", {"is_closed": True})
    expect(bob.locator("form[name=composer]")).to_be_hidden()
    expect(bob.locator(".closed-topic")).to_have_text("The topic is closed")
    expect(bob.locator("[data-action=change-topic]")).to_have_count(0)
    write(alice, "Last word")
    expect(bob.locator(".message")).to_contain_text(["Request 7", "Last word"])

    act(f"{forum}/{rent}/delete")
    expect(bob.locator("form[name=composer]")).to_be_visible()
    expect(bob.locator(".message")).to_have_count(0)


def test_topics_are_turned_off_and_on_by_the_owner(
    bot: Bot, forum: str, open_page: OpenPage
) -> None:
    rent = open_topic(bot, "Rent")
    page = open_page(f"/?people={ALICE},{BOB}&chat={FORUM}")
    alice, bob = column(page, ALICE), column(page, BOB)
    expect(alice.locator(".kind")).to_have_text("group with topics · bot: topics, pins")
    expect(bob.locator("[data-action=topics]")).to_have_count(0)
    alice.locator("[data-action=topics]").click()
    expect(bob.locator(".topic-bar")).to_be_hidden()
    expect(alice.locator(".kind")).to_have_text("group · bot: topics, pins")
    alice.locator("[data-action=topics]").click()
    expect(bob.locator(f"[data-topic='{rent}']")).to_be_visible()


@pytest.fixture
def private_topics(bot: Bot, sandbox: str) -> Iterator[None]:
    names = ("has_topics_enabled", "allows_users_to_create_topics")
    act(f"{sandbox}/control/settings", dict.fromkeys(names, True))
    yield
    act(f"{sandbox}/control/settings", dict.fromkeys(names, False))


@pytest.mark.usefixtures("private_topics")
def test_a_private_chat_has_topics_too(bot: Bot, open_page: OpenPage) -> None:
    page = open_page(f"/?people={ALICE}&chat={ALICE}")
    page.locator("[data-action=new-topic]").click()
    page.get_by_role("button", name="Create").click()
    created = bot.next_update("message")
    assert created["forum_topic_created"]["is_name_implicit"] is True
    thread = created["message_thread_id"]
    expect(page.locator(f"[data-topic='{thread}']")).to_have_attribute("aria-current", "true")
    write(page.locator(".chat-pane"), "Rent")
    assert bot.next_update("message")["message_thread_id"] == thread
    page.locator("[data-action=change-topic]").click()
    expect(page.locator("dialog.topic").get_by_role("button")).to_have_text(
        ["Delete", "Cancel", "Save"]
    )


def test_a_phone_shows_the_open_topic_and_its_buttons(
    bot: Bot, forum: str, open_page: OpenPage
) -> None:
    ids = [open_topic(bot, f"Topic number {number}") for number in range(9)]
    phone = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
    page = open_page(ADDRESS, locale="en-US", **phone)
    tab = page.locator(f"[data-topic='{ids[5]}']")
    tab.evaluate("node => node.click()")
    expect(tab).to_be_in_viewport(ratio=1)
    for action in ("change-topic", "new-topic", "topics", "back"):
        expect(page.locator(f"[data-action={action}]")).to_be_in_viewport(ratio=1)
    small = "node => node.offsetParent && Math.min(node.offsetWidth, node.offsetHeight) < 40"
    assert page.evaluate(f"[...document.querySelectorAll('button')].filter({small}).length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 390
