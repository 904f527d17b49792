"""The topics of groups on a phone, for each of what may have one; the pictures are kept."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.firm import Firm
from tests.acceptance.harness import ROOT

from .visit import PATIENCE_MS, Visit, go, write

TITLES = {
    "request": "Тема на заявку",
    "organization": "Тема на организацию",
    "department": "Тема на подразделение",
    "payee": "Тема на получателя",
    "ticket": "Тема на отказ",
}


@pytest.fixture
def visit(browser: Browser, firm: Firm) -> Iterator[Visit]:
    visit = Visit(browser, firm.installation, ROOT / "artifacts" / "group_topics", "ru-RU")
    yield visit
    visit.close()
    assert visit.complaints == []


def enter_group(tab: Page, per: str) -> None:
    go(tab, TITLES[per])
    expect(tab.locator("[data-topic=all]")).to_be_in_viewport(ratio=1)


def topics(tab: Page) -> Locator:
    """But for that of everything, and General."""
    return tab.locator("[data-topic]:not([data-topic=all], [data-topic='1'])")


def enter(visit: Visit, tab: Page, name: str, topic: str, *words: str) -> Locator:
    """A picture of the inside of a topic, whose last message has these words."""
    topics(tab).filter(has_text=topic).click()
    return visit.show(tab, name, *words)


def test_each_policy_has_its_topics(visit: Visit, firm: Firm) -> None:
    for per, title in TITLES.items():
        firm.open_group(title, topic_per=per, is_forum=True)
    asked, declined = firm.submitted(), firm.submitted()
    firm.press("boris", declined, "decline")
    firm.press("boris", declined, "reason")
    firm.settle()
    number = {pk: firm.look(pk)["number"] for pk in (asked, declined)}
    tab = visit.chat(firm, "anna", firm.group)

    enter_group(tab, "request")
    visit.show(tab, "request", number[declined])
    expect(topics(tab)).to_contain_text([number[asked], number[declined]])
    card = enter(visit, tab, "request-asked", number[asked], number[asked], "На согласовании")
    expect(card.get_by_role("button", name="Моё решение")).to_be_visible()
    expect(tab.locator(".message", has_text=number[declined])).to_have_count(0)
    card = enter(visit, tab, "request-declined", number[declined], number[declined], "Отклонена")
    expect(card.get_by_role("button", name="Моё решение")).to_have_count(0)
    expect(topics(tab).filter(has_text=number[declined])).to_have_attribute("data-closed", "")

    shared = {"organization": "Ромашка", "department": "Производство", "payee": "Северсталь"}
    for per, topic in shared.items():
        enter_group(tab, per)
        expect(topics(tab)).to_contain_text([topic])
        enter(visit, tab, per, topic, number[asked], "На согласовании")
        expect(tab.locator(".message", has_text=number[declined])).to_be_attached()

    enter_group(tab, "ticket")
    visit.show(tab, "ticket", number[declined])
    expect(topics(tab)).to_contain_text([number[declined]])
    enter(visit, tab, "ticket-inside", number[declined], number[declined], "Отклонена")
    expect(tab.locator(".message", has_text=number[asked])).to_have_count(0)


def test_the_small_menu_of_topics(visit: Visit, firm: Firm) -> None:
    title = "Группа с темами"
    tab = visit.chat(firm, "anna", firm.open_group(title, is_forum=True))
    write(tab, "/topic")
    visit.show(tab, "menu", "рассказал вам лично")
    tab.get_by_role("button", name="🆕 Новая тема").click()
    visit.show(tab, "asks-for-a-name", "как назвать тему")
    write(tab, "Аренда")
    expect(topics(tab)).to_contain_text(["Аренда"], timeout=PATIENCE_MS)
    enter(visit, tab, "made", "Аренда", "Аренда")
