"""Every kind of card of the bot on a phone; the pictures are kept to be looked at."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.firm import Firm
from tests.acceptance.harness import BOT_USERNAME, ROOT

from .visit import Visit, go, write

FOLDER = ROOT / "artifacts"


@pytest.fixture
def visit(browser: Browser, firm: Firm, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """In Russian; its pictures are kept by the name of the test."""
    folder = FOLDER / request.node.name.removeprefix("test_")
    visit = Visit(browser, firm.installation, folder, "ru-RU")
    yield visit
    visit.close()
    assert visit.complaints == []


def test_cards_of_text(visit: Visit, firm: Firm) -> None:
    declined = firm.submitted(invoice_number="45")
    returned = firm.submitted(invoice_number="46")
    changed = firm.submitted(invoice_number="47")
    boris = visit.chat(firm, "boris")
    number = {pk: firm.look(pk)["number"] for pk in (declined, returned, changed)}
    visit.show(boris, "asked", number[changed])
    firm.press("boris", changed, "details")
    # Only the details have it.
    visit.show(boris, "details", number[changed], "Журнал")
    firm.press("boris", declined, "decline")
    visit.show(boris, "ready-reasons", number[declined], "Почему заявка отклоняется?")
    firm.press("boris", declined, "reason")
    firm.press("boris", returned, "return_for_rework")
    firm.press("boris", returned, "reason")
    firm.office.change(changed, amount="99000", vat_amount="")
    firm.settle()
    visit.show(boris, "changed", number[changed], "версия 2")
    firm.say("boris", "/pending")
    visit.show(boris, "pending", "Всего: ")
    for person in ("boris", "fedor", "tamara"):
        firm.press(person, changed, "approve")
    firm.settle()
    visit.show(visit.chat(firm, "fedor"), "approved", number[changed], "Согласована")
    visit.show(visit.chat(firm, "anna"), "the-author-hears", number[returned])
    group = visit.chat(firm, "vera", firm.group)
    visit.show(group, "the-group-hears", number[declined], "Отклонена")


def test_cards_with_tables(visit: Visit, firm: Firm) -> None:
    firm.open_group("Заявки карточками", dress="rich")
    boris = visit.chat(firm, "boris")
    write(boris, "/settings")
    boris.get_by_role("button", name="○ Карточка с таблицами").click()
    expect(boris.get_by_role("button", name="● Карточка с таблицами")).to_be_visible()
    visit.show(boris, "settings", "Как выглядят заявки")
    asked, declined = firm.submitted(), firm.submitted()
    number = {pk: firm.look(pk)["number"] for pk in (asked, declined)}
    card = visit.show(boris, "asked", number[asked])
    expect(card.locator("table").first).to_be_visible()
    card.get_by_role("button", name="Подробнее").click()
    visit.show(boris, "details", number[asked], "Журнал")
    about_declined = boris.locator(".message", has_text=number[declined]).last
    about_declined.get_by_role("button", name="Отклонить").click()
    asks = visit.show(boris, "ready-reasons", number[declined], "Почему заявка отклоняется?")
    asks.locator("[data-callback^='reason:']").first.click()
    outcome = visit.show(boris, "declined", number[declined], "Вы отклонили")
    expect(outcome.locator("table").first).to_be_visible()
    write(boris, "/pending")
    visit.show(boris, "pending", "Всего: ")

    go(boris, "Заявки карточками")
    card = visit.show(boris, "group-of-tables", number[asked])
    expect(card.locator("table").first).to_be_visible()
    expect(card.get_by_role("button", name="Моё решение")).to_be_visible()
    go(boris, "Платежи Ромашки")
    card = visit.show(boris, "group-of-text", number[asked])
    expect(card.locator("table")).to_have_count(0)
    card.get_by_role("button", name="Моё решение").click()
    card = visit.show(boris, "my-decision", "Видно только вам", number[asked])
    card.get_by_role("button", name="Согласовать").click()
    card = visit.show(boris, "decided", "Видно только вам", "Вы согласовали")
    expect(card.get_by_role("button", name="Согласовать")).to_have_count(0)


def test_what_administrators_see(visit: Visit, firm: Firm) -> None:
    firm.make_administrator("gleb")
    tab = visit.chat(firm, "gleb", firm.group)
    # Else it would hear of commands only where it has just spoken.
    write(tab, f"/bind@{BOT_USERNAME}")
    visit.show(tab, "bind-in-the-group", "Ответил вам в личных сообщениях")
    go(tab, "Treasury")
    visit.show(tab, "bind", "объявляются заявки")
    write(tab, "/alerts")
    visit.show(tab, "alerts", "О неполадках и новостях сообщается здесь")
    firm.installation.clerk.raise_alarm(text="Р1-2026-00003: запись 7 не на своём месте")
    visit.show(tab, "alarm", "Журнал", "запись 7 не на своём месте")
