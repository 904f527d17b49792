"""Choosing documents in a real browser: nothing that was chosen is lost."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from tests.acceptance.harness import ROOT
from tests.admin.conftest import REQUESTS, browse, page
from tests.company import PDF, Company
from treasury.models import PaymentRequest, Upload

from .visit import DESK, PHONE, opened

pytestmark = pytest.mark.usefixtures("office")


def payload(name: str, content: bytes | None = None) -> FilePayload:
    buffer = PDF + name.encode() if content is None else content
    return {"name": name, "mimeType": "application/octet-stream", "buffer": buffer}


def picture(tab: Page, name: str, viewport: Any) -> None:
    folder: Path = ROOT / "artifacts" / "documents"
    tab.screenshot(path=folder / f"{name}-{viewport['width']}.jpeg", full_page=True)


def chosen(tab: Page) -> Locator:
    return tab.locator(".files li")


def kept(tab: Page) -> Locator:
    return tab.locator(".group-documents .documents li")


def test_a_wrong_file_among_three_loses_none_of_the_others(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    request = company.draft(documents=0, comment="")
    client = browse(company.anna, "Бухгалтер")
    for viewport, number in ((DESK, 1), (PHONE, 2)):
        tab = opened(browser, client, live_server.url, viewport, complaints, "ru")
        tab.goto(page(request))
        wrong = payload(f"скан {number}.pdf", b"sixteen bytes ..")
        tab.set_input_files("#id_documents", [payload(f"Счёт {number}.pdf"), wrong])
        # Choosing again adds to what was chosen.
        tab.set_input_files("#id_documents", [payload(f"Акт {number}.pdf")])
        expect(chosen(tab)).to_have_count(3)
        picture(tab, "chosen", viewport)
        tab.locator("#request_form > .btn-row button[name=_save]").click()

        expect(tab.locator(".field-documents .errorlist")).to_contain_text("внутри не PDF, а TXT")
        expect(kept(tab).filter(has_text="приложится при сохранении")).to_have_count(2)
        expect(chosen(tab)).to_have_count(0)
        picture(tab, "refused", viewport)
        assert tab.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert request.documents.count() == 2 * (number - 1)
        tab.locator("#request_form > .btn-row button[name=_save]").click()

        expect(tab.locator(".messagelist")).to_contain_text("сохранена")
        expect(kept(tab)).to_have_count(2 * number)
        picture(tab, "saved", viewport)
    names = [document.name for document in request.documents]
    assert names == ["Счёт 1.pdf", "Акт 1.pdf", "Счёт 2.pdf", "Акт 2.pdf"]
    assert not Upload.objects.exists()
    assert complaints == []


def test_a_chosen_file_is_taken_off_before_and_after_an_error(
    browser: Browser, live_server: Any, company: Company, complaints: list[str]
) -> None:
    client = browse(company.anna, "Бухгалтер")
    tab = opened(browser, client, live_server.url, DESK, complaints)
    tab.goto(f"{REQUESTS}add/")
    tab.fill("#id_purpose", "Не потерять")
    tab.set_input_files("#id_documents", [payload("a.pdf"), payload("b.pdf"), payload("run.exe")])
    expect(chosen(tab).filter(has_text="such files are not taken")).to_have_count(1)
    tab.get_by_label("Remove: run.exe").click()
    tab.get_by_label("Remove: a.pdf").click()
    expect(chosen(tab)).to_have_text("b.pdf · 74 bytesRemove")
    tab.locator(".page-head button[name=_save]").click()

    expect(kept(tab)).to_have_count(1)
    tab.get_by_label("Remove “b.pdf”").click()
    expect(kept(tab)).to_have_count(0)
    expect(tab.locator("#id_purpose")).to_have_value("Не потерять")
    assert not Upload.objects.exists()
    assert not PaymentRequest.objects.exists()
    assert complaints == []


@pytest.mark.parametrize("viewport", [DESK, PHONE])
def test_a_late_document_is_pointed_out_to_who_decides(
    browser: Browser, live_server: Any, company: Company, viewport: Any, complaints: list[str]
) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    accountant = opened(
        browser, browse(company.anna, "Бухгалтер"), live_server.url, viewport, complaints, "ru"
    )
    accountant.goto(page(request) + "?edit=1")
    accountant.set_input_files("#id_documents", [payload("Акт.pdf")])
    accountant.locator("#request_form > .btn-row button[name=_save]").click()
    expect(accountant.locator("#documents")).to_contain_text("Акт.pdf")

    approver = opened(browser, browse(company.fedor), live_server.url, viewport, complaints, "ru")
    approver.goto(page(request))
    expect(approver.locator(".document-note")).to_have_text(
        "Добавлен позже, согласовали без него: Б. Орлов"
    )
    expect(approver.locator("#history")).to_contain_text("Акт.pdf")
    picture(approver, "late", viewport)
    assert complaints == []
