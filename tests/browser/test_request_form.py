"""Filling a request in a real browser: what the scripts say and do, and where the focus is."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import Browser, Page, expect

from tests.admin.conftest import REQUESTS, browse, page
from tests.company import Company
from treasury.days import days_off
from treasury.models import Bank, PaymentRequest, VatRate

from .visit import DESK, PHONE, opened

pytestmark = pytest.mark.usefixtures("office")

ADD = f"{REQUESTS}add/"
TEXT = "Оплата по счёту 45"
INCLUDED = """
async ([amounts, percent]) => {
  const { includedVat } = await import("/static/back_office/vat.js");
  return amounts.map((amount) => includedVat(Number(amount), percent).toFixed(2));
}
"""


@pytest.fixture
def tab(browser: Browser, live_server: Any, company: Company, complaints: list[str]) -> Page:
    client = browse(company.anna, "Бухгалтер")
    return opened(browser, client, live_server.url, DESK, complaints, "ru")


def test_the_purpose_follows_the_amount(tab: Page, company: Company, complaints: list[str]) -> None:
    VatRate.objects.get_or_create(name="Без НДС", percent=None)
    request = company.draft(purpose=f"{TEXT}. В т.ч. НДС 22% - 22541.07 руб. Срочно")
    tab.goto(page(request))
    tab.fill("#id_amount", "1 220,00")
    expect(tab.locator("#id_purpose")).to_have_value(f"{TEXT}. В т.ч. НДС 22% - 220.00 руб. Срочно")
    tab.select_option("#id_vat_rate", label="Без НДС")
    expect(tab.locator("#id_purpose")).to_have_value(f"{TEXT}. НДС не облагается. Срочно")
    tab.fill("#id_amount", "12 345,678")
    tab.press("#id_amount", "Tab")
    expect(tab.locator("#id_amount")).to_have_value("12 345,678")
    assert complaints == []


def test_the_form_rounds_the_vat_as_the_server_does(tab: Page, company: Company) -> None:
    rate = VatRate.objects.create(name="Прежняя", percent=Decimal(20))
    tab.goto(ADD)
    tab.select_option("#id_vat_rate", label="Прежняя")
    tab.fill("#id_amount", "0,03")
    expect(tab.locator("#id_vat_amount")).to_have_value("0,01")
    amounts = [*(f"0.{kopecks:02}" for kopecks in range(1, 100)), "9999999999.99", "125000.50"]
    for percent in (22, 20, 10, 7):
        rate.percent = Decimal(percent)
        ours = [str(rate.included_in(Decimal(amount))) for amount in amounts]
        assert tab.evaluate(INCLUDED, [amounts, percent]) == ours


def test_the_vat_is_added_without_double_dots(tab: Page, company: Company) -> None:
    written = f"{TEXT}. В т.ч. НДС 22% - 22541.07 руб."
    # One page after another: to make the database anew for each takes longer than all of them.
    for number, ending in enumerate(("", ".", " ...")):
        request = company.draft(invoice_number=f"45-{number}")
        tab.goto(page(request))
        tab.fill("#id_purpose", TEXT + ending)
        button = tab.locator(".field-purpose .link-quiet")
        expect(button).to_have_text("Дописать НДС")
        button.click()
        expect(tab.locator("#id_purpose")).to_have_value(written)
        expect(button).to_have_text("Обновить НДС")
        tab.click(".request-head button[name=_save]")
        expect(tab.locator(".messagelist li")).to_have_count(1)
        assert PaymentRequest.objects.get(pk=request.pk).purpose == written


def test_a_day_off_is_said_while_the_date_is_typed(tab: Page) -> None:
    tab.goto(ADD)
    note = tab.locator(".field-desired_date .day-off")
    with translation.override("ru"):
        off = dict(days_off())
    day, said = next(iter(off.items()))
    tab.fill("#id_desired_date", day.isoformat())
    expect(note).to_have_text(said)
    while day in off:
        day += timedelta(days=1)
    tab.fill("#id_desired_date", day.isoformat())
    expect(note).to_be_hidden()
    tab.fill("#id_desired_date", "2100-01-01")
    expect(note).to_have_text("больше чем через год: тот ли это год?")


def test_everything_has_a_name_and_typing_begins_at_the_first_field(
    tab: Page, complaints: list[str]
) -> None:
    tab.goto(ADD)
    expect(tab.locator("#id_organization")).to_be_focused()
    for name in ("Статья ДДС", "Инициатор", "Контрагент"):
        expect(tab.get_by_role("combobox", name=re.compile(f"^{name}"))).to_have_count(1)
    for name in ("Добавить контрагента", "Добавить счёт контрагента"):
        expect(tab.get_by_role("link", name=name)).to_have_count(1)
    tab.get_by_role("combobox", name=re.compile("^Контрагент")).click()
    expect(tab.get_by_role("searchbox", name="Контрагент")).to_be_focused()
    assert complaints == []


def test_the_first_mistake_gets_the_focus(tab: Page, company: Company) -> None:
    tab.goto(ADD)
    tab.select_option("#id_department", label="Производство")
    tab.click(".page-head button[name=_save]")
    # A select with a search, whose own box is what can be seen.
    box = tab.locator("[aria-labelledby~=select2-id_cash_flow_item-container]")
    expect(box).to_be_focused()


def test_a_refused_submit_leads_to_what_is_missing(tab: Page, company: Company) -> None:
    request = company.draft(documents=0, comment="")
    tab.goto(page(request))
    tab.click(".request-head button[name=_submit]")
    expect(tab.locator(".messagelist li")).to_have_count(1)
    expect(tab.locator(".field-documents .errorlist")).to_contain_text("Приложите документ")
    expect(tab.locator("#id_documents")).to_be_focused()


def test_back_after_a_submit_offers_no_second_form(
    tab: Page, company: Company, complaints: list[str]
) -> None:
    original = company.approved()
    tab.goto(f"{ADD}?copy={original.pk}")
    tab.fill("#id_purpose", "Вторая поставка")
    tab.fill("#id_invoice_number", "46")
    tab.fill("#id_desired_date", "2036-12-01")
    tab.click(".page-head button[name=_submit]")
    expect(tab.locator(".messagelist")).to_contain_text("Ждём: Б. Орлов, В. Лебедева")
    tab.go_back()
    expect(tab.locator("#id_purpose")).to_have_value(original.purpose)
    expect(tab.locator("#id_invoice_number")).to_have_value("")
    assert complaints == []


def test_to_withdraw_takes_a_second_press(tab: Page, company: Company) -> None:
    request = company.submitted()
    tab.goto(page(request))
    tab.click("summary:has-text('Отозвать')")
    expect(tab.locator(".ask-form")).to_contain_text("полученные согласования пропадут")
    request.refresh_from_db()
    assert request.status == "in_approval"
    tab.click(".ask-form button:has-text('Отозвать')")
    expect(tab.locator(".request-title")).to_contain_text("Черновик")


# Selects whose chosen value is wider than what they show, without the arrow.
CUT = """
[...document.querySelectorAll("#request_form select:not(.select2-hidden-accessible)")]
  .filter((select) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.font = getComputedStyle(select).font;
    const { width } = canvas.measureText(select.selectedOptions[0]?.text ?? "");
    return width > select.clientWidth - 36;
  })
  .map((select) => select.name)
  .concat([...document.querySelectorAll(".select2-selection__rendered")]
    .filter((box) => box.scrollWidth > box.clientWidth).map((box) => box.id))
"""


def test_the_page_cuts_no_value(tab: Page, company: Company) -> None:
    request = company.draft(own_account=company.own_account)
    tab.goto(page(request))
    assert tab.evaluate(CUT) == []


def test_what_a_phone_cuts_of_an_account_stands_below_it(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    Bank.objects.update(name="АО «Первый промышленный банк»")
    request = company.draft(own_account=company.own_account)
    tab = opened(
        browser, browse(company.anna, "Бухгалтер"), live_server.url, PHONE, complaints, "ru"
    )
    tab.goto(page(request))
    cut = tab.evaluate(CUT)
    assert {"counterparty_account", "own_account"} <= set(cut)
    for name in cut:
        chosen = tab.locator(f"#id_{name} option:checked").text_content()
        expect(tab.locator(f".field-{name} .whole")).to_have_text(chosen or "")
    expect(tab.locator(".field-priority .whole")).to_be_hidden()
    tab.select_option("#id_own_account", "")
    expect(tab.locator(".field-own_account .whole")).to_be_hidden()
    assert complaints == []


def test_a_phone_shows_the_whole_form(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, PHONE, complaints, "ru")
    first = company.submitted()
    for address in (ADD, page(company.draft()), page(first), f"{page(first)}?edit"):
        tab.goto(address)
        assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
    assert complaints == []
