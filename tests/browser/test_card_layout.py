"""What cards show is arranged on a page that shows at once how they look."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from telegrambot.models import CardLayout
from tests.admin.conftest import browse
from tests.company import Company

from .visit import PHONE, opened

pytestmark = pytest.mark.usefixtures("office")


def test_a_field_is_moved_and_taken_away_and_the_preview_follows(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    request = company.submitted()
    client = browse(company.gleb, "Администратор")
    tab = opened(browser, client, live_server.url, PHONE, complaints)
    tab.goto("/admin/telegrambot/cardlayout/add/")
    text, rich = (tab.locator(f"[data-dress={dress}]") for dress in ("text", "rich"))
    expect(text).to_contain_text(request.purpose)
    expect(rich.locator("li")).to_have_count(3)
    expect(text.locator("details p").first).to_contain_text("Desired date")
    expect(rich.locator("table").first).to_contain_text("Documents")

    tab.get_by_label("Down: Desired date").click()
    expect(text.locator("details p").first).to_contain_text("Cash-flow item")
    tab.get_by_label("Desired date", exact=True).uncheck()
    expect(rich.locator("table").first).to_contain_text("Paid from")
    tab.get_by_label("VAT", exact=True).uncheck()
    expect(text).not_to_contain_text("VAT:")
    expect(rich.get_by_role("rowheader", name="VAT", include_hidden=True)).to_have_count(0)

    tab.select_option("select[name=organization]", str(company.organization.pk))
    tab.click("input[name=_save]")
    expect(tab.locator(".messagelist")).to_be_visible()
    names = CardLayout.objects.get().names
    assert names[:2] == ["cash_flow_item", "requester"]
    assert "vat" not in names
    assert complaints == []
