"""The back office in a real browser: its scripts, its policy, its width on a phone."""

from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    FilePayload,
    expect,
)

from tests.admin.conftest import REQUESTS, browse, page
from tests.company import Company
from treasury.models import PaymentRequest

from .visit import DESK, PHONE, opened

pytestmark = pytest.mark.usefixtures("office")


def test_a_request_is_filled_in_a_minute(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, DESK, complaints)
    tab.goto(f"{REQUESTS}add/")
    # The only organization is chosen already.
    tab.select_option("#id_department", label="Производство")
    tab.click("[aria-labelledby~=select2-id_cash_flow_item-container]")
    tab.click(".select2-results__option:has-text('Оплата поставщикам')")
    tab.click("[aria-labelledby~=select2-id_counterparty-container]")
    tab.fill(".select2-search__field", "352800")
    tab.click(".select2-results__option:has-text('3528000597')")
    expect(tab.locator("#id_counterparty_account")).to_have_value(str(company.account.pk))
    tab.select_option("#id_vat_rate", str(company.vat_rate.pk))
    tab.fill("#id_amount", "125000,5")
    tab.press("#id_amount", "Tab")
    expect(tab.locator("#id_amount")).to_have_value("125,000.50")
    expect(tab.locator("#id_vat_amount")).to_have_value("22,541.07")
    tab.fill("#id_purpose", "Оплата  по «счёту» 45")
    expect(tab.locator(".counter")).to_have_text("20 / 210")
    tab.click(".link-quiet")
    expect(tab.locator("#id_purpose")).to_have_value(
        'Оплата по "счёту" 45. В т.ч. НДС 22% - 22541.07 руб.'
    )
    tab.fill("#id_desired_date", "2036-12-10")
    tab.fill("#id_comment", "Счёт будет позже")
    tab.click(".page-head button[name=_submit]")
    expect(tab.locator(".request-title")).to_contain_text("In approval")
    assert PaymentRequest.objects.get().vat_amount.as_tuple().digits == (2, 2, 5, 4, 1, 0, 7)
    assert complaints == []


def test_a_payee_is_asked_for_the_numbers_of_its_country(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, DESK, complaints)
    tab.goto("/admin/treasury/counterparty/add/")
    expect(tab.locator("#id_inn")).to_be_visible()
    expect(tab.locator("#id_tax_number")).to_be_hidden()
    tab.select_option("#id_country", "CN")
    expect(tab.locator("#id_inn")).to_be_hidden()
    tab.fill("#id_tax_number", "91440300MA5FK7T82Q")
    # What is filled in stays to be seen, and is said to be wrong there.
    tab.select_option("#id_country", "RU")
    expect(tab.locator("#id_tax_number")).to_be_visible()
    tab.fill("#id_name", "Bright Bearings")
    tab.click("[name=_save]")
    expect(tab.locator(".field-tax_number .errorlist")).to_contain_text("leave this empty")
    assert complaints == []


def test_a_large_file_is_named_before_it_is_sent(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, DESK, complaints)
    tab.goto(f"{REQUESTS}add/")
    empty: FilePayload = {"name": "пусто.pdf", "mimeType": "application/pdf", "buffer": b""}
    tab.set_input_files("#id_documents", [empty])
    expect(tab.locator(".files .is-refused")).to_contain_text("the file is empty")
    assert complaints == []


def test_the_size_of_a_file_is_shown_in_a_fitting_unit(
    browser: Browser, live_server: Any, company: Company
) -> None:
    client = browse(company.anna, "Бухгалтер")
    files: list[FilePayload] = [
        {"name": f"{size}.pdf", "mimeType": "application/pdf", "buffer": b"x" * size}
        for size in (192, 1024, 1_500_000)
    ]
    for locale, units in (
        ("en", ("192 bytes", "1 kB", "1.4 MB")), ("ru", ("192 байта", "1 кБ", "1,4 МБ")),
    ):  # fmt: skip
        tab = opened(browser, client, live_server.url, DESK, [], locale)
        tab.goto(f"{REQUESTS}add/")
        tab.set_input_files("#id_documents", files)
        rows = tab.locator(".files li").all()
        shown = [row.locator("span").first.inner_text().replace("\xa0", " ") for row in rows]
        assert shown == [
            f"{file['name']} · {size}" for file, size in zip(files, units, strict=True)
        ]


# Fields of which a part is hidden beyond the edge of their panel, or of the value within them.
CLIPPED = """
[...document.querySelectorAll("#content-main .form-row input, #content-main .form-row select")]
  .filter((field) => field.offsetParent)
  .filter((field) => field.matches("input") && field.scrollWidth > field.clientWidth
    || field.getBoundingClientRect().right > field.closest("fieldset").getBoundingClientRect().right
    || field.getBoundingClientRect().right > document.documentElement.clientWidth - 16)
  .map((field) => field.name)
"""


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_the_stages_of_a_route_are_read_in_full(
    browser: Browser, live_server: Any, company: Company, viewport: Any, complaints: list[str]
) -> None:
    company.route.stages.filter(position=3).update(min_amount=1_000_000)
    client = browse(company.gleb, "Администратор")
    tab = opened(browser, client, live_server.url, viewport, complaints, "ru")
    tab.goto(f"/admin/treasury/approvalroute/{company.route.pk}/change/")
    expect(tab.locator("#id_stages-1-name")).to_have_value("Финансовый менеджер")
    assert tab.evaluate(CLIPPED) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert complaints == []


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_the_filter_of_the_navigation_says_in_full_what_it_does(
    browser: Browser, live_server: Any, company: Company, locale: str
) -> None:
    client = browse(company.gleb, "Администратор")
    tab = opened(browser, client, live_server.url, DESK, [], locale)
    tab.goto(REQUESTS)
    # A field scrolls by its value alone, not by its placeholder.
    tab.evaluate("field = document.getElementById('nav-filter'); field.value = field.placeholder")
    assert tab.evaluate("field.scrollWidth <= field.clientWidth")


def test_an_impatient_second_press_sends_nothing(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    request = company.submitted()
    tab = opened(browser, browse(company.boris), live_server.url, PHONE, complaints)
    tab.goto(page(request))
    tab.dblclick("button:has-text('Approve')")
    expect(tab.locator(".messagelist")).to_contain_text("your approval is recorded")
    expect(tab.locator(".messagelist li")).to_have_count(1)
    assert request.decisions.count() == 1


def test_a_phone_is_wide_enough_and_the_policy_is_kept(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    draft, submitted = company.draft(), company.submitted()
    approver = opened(browser, browse(company.boris), live_server.url, PHONE, complaints)
    accountant = opened(
        browser, browse(company.anna, "Бухгалтер"), live_server.url, PHONE, complaints
    )
    visits = [(approver, url) for url in ("/admin/", REQUESTS, page(submitted))]
    visits += [(accountant, url) for url in (f"{REQUESTS}add/", page(draft), REQUESTS, "/admin/")]
    for tab, url in visits:
        tab.goto(url)
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], url
    approver.goto(page(submitted))
    approver.click("summary:has-text('Decline')")
    approver.fill("#decline_reason", "Нет договора")
    approver.click(".ask-form button:has-text('Decline')")
    expect(approver.locator(".timeline")).to_contain_text("Нет договора")
    assert complaints == []
