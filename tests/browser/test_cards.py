"""Every kind of card of the bot on a phone; the pictures are kept to be looked at."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.acceptance.back_office import PDF
from tests.acceptance.firm import Firm
from tests.acceptance.harness import BOT_USERNAME, ROOT
from tests.telegrambot.papers import VOICE

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


def test_comments(visit: Visit, firm: Firm) -> None:
    request = firm.submitted(invoice_number="45")
    number = firm.look(request)["number"]
    boris, anna = visit.chat(firm, "boris"), visit.chat(firm, "anna")
    firm.answer("boris", request, "Где подписанный договор? " * 12)
    firm.settle()
    visit.show(boris, "asked", number, "❓ Вопрос, Б. Орлов")
    visit.show(anna, "the-author-hears", number, "Ответьте на это сообщение")
    firm.answer("anna", request, "Оригинал у меня, скан приложу сегодня")
    firm.settle()
    visit.show(boris, "answered", number, "💬 2 · А. Смирнова")
    # The line that it answers is cut there, as every app does.
    answer = boris.locator(".message", has_text="скан приложу сегодня").last
    expect(answer).to_contain_text("Где подписанный договор?")
    answer.scroll_into_view_if_needed()
    visit.picture(boris, "the-answer")
    firm.press("boris", request, "details")
    visit.show(boris, "details", number, "Комментарии", "Журнал")


def test_cards_with_tables(visit: Visit, firm: Firm) -> None:
    firm.open_group("Заявки карточками", dress="rich")
    boris = visit.chat(firm, "boris")
    write(boris, "/settings")
    boris.get_by_role("button", name="○ Карточка с таблицами").click()
    expect(boris.get_by_role("button", name="● Карточка с таблицами")).to_be_visible()
    visit.show(boris, "settings", "Заявки приходят текстом")
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


def scan(width: int, height: int) -> bytes:
    """A grey page, lighter below."""
    page = BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(page, "JPEG")
    return page.getvalue()


def test_files_of_every_kind(visit: Visit, firm: Firm) -> None:
    scans = [(f"Скан {n}.jpg", scan(500 + n, 700)) for n in range(1, 5)]
    large = ("Проект.pdf", PDF + bytes(51_000_000))
    request = firm.submitted(papers=[*scans, ("Голос.ogg", VOICE), large])
    group = visit.chat(firm, "vera", firm.group)
    seen = group.locator(".message")
    too_large = visit.show(group, "too-large", "Слишком велико для Telegram", "Проект.pdf")
    expect(too_large).to_contain_text("48,6")
    voice = visit.show_last(group, "voice", seen.filter(has=group.locator(".file-card")))
    expect(voice).to_contain_text("Документы заявки")
    album = visit.show_last(group, "album", group.locator(".message[data-album]"))
    expect(album.locator("img")).to_have_count(3)
    mine = group.get_by_role("button", name="Моё решение")
    card = visit.show_last(group, "photo", seen.filter(has=mine))
    expect(card).to_contain_text(firm.number(request))
    expect(card.locator("img")).to_have_count(1)
    for picture in (*card.locator("img").all(), *album.locator("img").all()):
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 500


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
