"""From the accountant's form to the document in the group, as people see it."""

from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.acceptance.back_office import PDF
from tests.acceptance.firm import MARKS, PASSWORD, Firm
from tests.acceptance.harness import ROOT

from .visit import DESK, PHONE, Visit

PICTURES = ROOT / "artifacts" / "main_flow"
DOCUMENT = "Счёт № 45 от 10.11.2026.pdf"


def fill_in(tab: Page, organization: int) -> None:
    """The payee's only account is chosen already."""
    tab.select_option("#id_organization", str(organization))
    tab.select_option("#id_department", label="Производство")
    tab.click(".field-cash_flow_item .select2-selection")
    tab.click(".select2-results__option:has-text('Оплата поставщикам')")
    tab.click(".field-counterparty .select2-selection")
    tab.fill(".select2-search__field", "Северсталь")
    tab.click(".select2-results__option:has-text('3528000597')")
    expect(tab.locator("#id_counterparty_account")).not_to_have_value("")
    tab.select_option("#id_vat_rate", label="22 %")
    tab.fill("#id_amount", "125000,50")
    tab.press("#id_amount", "Tab")
    tab.fill("#id_purpose", "Оплата по счёту 45 за металлопрокат")
    # No other firm has asked for it.
    tab.fill("#id_invoice_number", "45/М")
    tab.fill("#id_desired_date", "2036-12-10")
    document = FilePayload(name=DOCUMENT, mimeType="application/pdf", buffer=PDF)
    tab.set_input_files("#id_documents", [document])


def approve(visit: Visit, firm: Firm, person: str) -> None:
    """On the phone: the card has come, a press is answered, the buttons are gone."""
    key = firm.telegram_ids[person]
    tab = visit.open(f"{firm.installation.sandbox_url}/?people={key}&chat={key}", PHONE)
    button = tab.locator("[data-callback^='approve:']")
    expect(button).to_be_visible(timeout=15_000)
    visit.picture(tab, f"{person}-is-asked")
    button.tap()
    expect(tab.locator(".toast")).to_contain_text("125")
    expect(button).to_have_count(0, timeout=15_000)
    visit.picture(tab, f"{person}-has-approved")
    fills_the_phone(tab)


def fills_the_phone(tab: Page) -> None:
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    composer = tab.locator("form[name=composer]").bounding_box()
    assert composer
    assert composer["y"] + composer["height"] == PHONE["height"]


def test_a_request_goes_from_the_form_to_the_group(browser: Browser, firm: Firm) -> None:
    visit = Visit(browser, firm.installation, PICTURES, "ru-RU")
    anna = visit.open(f"{firm.installation.web_url}/admin/", DESK)
    anna.fill("#id_username", firm.accountant)
    anna.fill("#id_password", PASSWORD)
    anna.press("#id_password", "Enter")
    anna.goto(f"{firm.installation.web_url}/admin/treasury/paymentrequest/add/")
    fill_in(anna, firm.organization)
    visit.picture(anna, "the-form-is-filled")
    anna.click(".page-head button[name=_submit]")
    expect(anna.locator(".request-title")).to_be_visible()
    visit.picture(anna, "the-request-is-submitted")

    for person in ("boris", "fedor", "tamara"):
        approve(visit, firm, person)

    members = f"/?people={firm.telegram_ids['vera']}&chat={firm.group}"
    group = visit.open(f"{firm.installation.sandbox_url}{members}", PHONE)
    card = group.locator(".message", has=group.locator(".file-card"))
    expect(card).to_contain_text(MARKS["approved"], timeout=30_000)
    expect(card.locator(".file-card")).to_contain_text(DOCUMENT)
    visit.picture(group, "the-group-has-the-document")
    href = str(card.locator(".file-card").get_attribute("href"))
    assert group.request.get(firm.installation.sandbox_url + href).body() == PDF
    anna.reload()
    visit.picture(anna, "the-request-is-approved")
    request = int(anna.url.split("/paymentrequest/")[1].split("/")[0])
    assert firm.look(request)["status"] == "approved"
    visit.close()
    assert visit.complaints == []
