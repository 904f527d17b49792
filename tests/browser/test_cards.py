"""Every kind of card of the bot on a phone; the pictures are kept to be looked at."""

from playwright.sync_api import Browser, Page, expect

from tests.acceptance.firm import Firm
from tests.acceptance.harness import ROOT

from .visit import PHONE, Visit

PICTURES = ROOT / "artifacts" / "cards"


def chat(visit: Visit, firm: Firm, person: str, key: int | None = None) -> Page:
    own = firm.telegram_ids[person]
    address = f"{firm.installation.sandbox_url}/?people={own}&chat={key or own}"
    return visit.open(address, PHONE)


def show(visit: Visit, tab: Page, text: str, name: str) -> None:
    """The newest message with this text, as far as the window reaches up from the last one."""
    expect(tab.locator(".message", has_text=text).last).to_be_visible(timeout=15_000)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    visit.picture(tab, name)


def test_each_kind_of_card_fits_a_phone(browser: Browser, firm: Firm) -> None:
    visit = Visit(browser, firm.installation, PICTURES, "ru-RU")
    declined = firm.submitted(invoice_number="45")
    returned = firm.submitted(invoice_number="46")
    changed = firm.submitted(invoice_number="47")
    boris = chat(visit, firm, "boris")
    number = {pk: firm.look(pk)["number"] for pk in (declined, returned, changed)}
    show(visit, boris, number[changed], "asked")
    firm.press("boris", changed, "details")
    # Only the details have it.
    show(visit, boris, "Журнал", "details")
    firm.press("boris", declined, "decline")
    show(visit, boris, number[declined], "ready-reasons")
    firm.press("boris", declined, "reason")
    firm.press("boris", returned, "return_for_rework")
    firm.press("boris", returned, "reason")
    firm.office.change(changed, amount="99000", vat_amount="")
    firm.settle()
    show(visit, boris, "99", "changed")
    firm.say("boris", "/pending")
    firm.settle()
    show(visit, boris, number[changed], "pending")
    for person in ("boris", "fedor", "tamara"):
        firm.press(person, changed, "approve")
    firm.settle()
    show(visit, chat(visit, firm, "fedor"), number[changed], "approved")
    show(visit, chat(visit, firm, "anna"), number[returned], "the-author-hears")
    show(visit, chat(visit, firm, "vera", firm.group), number[declined], "the-group-hears")
    visit.close()
    assert visit.complaints == []
