"""The lists and the fields of the directories, as they are used."""

from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.admin.conftest import REQUESTS, browse
from tests.company import Company

from .visit import DESK, PHONE, opened

pytestmark = pytest.mark.usefixtures("office")

# A select tells by no property that its text is wider than itself.
IS_CUT = """
(select) => {
  const shown = select.offsetWidth;
  select.style.maxWidth = "none";
  select.style.width = "auto";
  return shown < select.offsetWidth;
}
"""
# As the browser opens it beside a field.
WINDOW = ViewportSize(width=800, height=500)
PASTED = "40702 81090 00000 00013"


def test_a_payee_is_chosen_by_name_and_taken_away_again(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    company.draft()
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, DESK, complaints)
    tab.goto(REQUESTS)
    expect(tab.locator(".filter-panel")).to_be_hidden()
    tab.click("summary:has-text('Filters')")
    tab.click(".filter-payee .select2-selection")
    tab.fill(".select2-search__field", "Северст")
    tab.click(".select2-results__option:has-text('3528000597')")
    expect(tab.locator(".chip")).to_contain_text("АО «Северсталь»")
    expect(tab).to_have_url(f"{live_server.url}{REQUESTS}?counterparty={company.counterparty.pk}")
    tab.click(".chip")
    expect(tab.locator(".chip")).to_have_count(0)
    assert complaints == []


def test_on_a_phone_one_button_unfolds_the_filters_and_another_sorts(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    company.draft()
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, PHONE, complaints)
    tab.goto(REQUESTS)
    status = tab.locator("select[name=status]")
    expect(status).to_be_hidden()
    tab.click("summary:has-text('Filters')")
    status.select_option("draft")
    expect(tab.locator(".chip")).to_contain_text("Draft")
    tab.click("summary:has-text('Sort')")
    tab.click(".sort-menu a:has-text('Amount')")
    expect(tab.locator(".sort-menu summary")).to_contain_text("amount ↑")
    expect(tab.locator(".chip")).to_contain_text("Draft")
    assert complaints == []


def test_an_account_is_pasted_with_its_spaces_and_seen_in_full(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    client = browse(company.anna, "Бухгалтер")
    for viewport in (DESK, WINDOW, PHONE):
        tab = opened(browser, client, live_server.url, viewport, complaints)
        tab.goto("/admin/treasury/counterparty/add/?_popup=1")
        tab.click(".add-row a")
        number = tab.locator("#id_accounts-0-number")
        number.focus()
        tab.keyboard.insert_text(PASTED)
        expect(number).to_have_value(PASTED)
        number.fill(PASTED.replace(" ", ""))
        assert number.evaluate("field => field.scrollWidth <= field.clientWidth")
        assert tab.locator("#accounts-group").evaluate(
            "rows => rows.scrollWidth <= rows.clientWidth"
        )
        assert not tab.locator("#id_accounts-0-currency").evaluate(IS_CUT)
    assert complaints == []


def test_a_bank_that_is_missing_is_added_beside_the_account_and_chosen(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, DESK, complaints)
    tab.goto("/admin/treasury/counterparty/add/")
    tab.click(".add-row a")
    with tab.expect_popup() as window:
        tab.click("#add_id_accounts-0-bank")
    with window.value as popup:
        popup.fill("#id_name", "АО «ТБанк»")
        popup.fill("#id_bik", "044525974")
        popup.fill("#id_correspondent_account", "30101810145250000974")
        with popup.expect_event("close"):
            popup.click("[name=_save]")
    chosen = tab.locator("#id_accounts-0-bank option:checked")
    expect(chosen).to_have_text("АО «ТБанк» (044525974)")
    expect(tab.locator(".field-bank .select2-selection__rendered")).to_contain_text("044525974")
    assert complaints == []
