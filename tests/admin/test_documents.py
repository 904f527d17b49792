"""Documents: handed out to those who may see the request, safely."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import ADMIN, PDF, Company
from treasury.models import Attachment, PaymentRequest
from treasury.services import requests


def address(document: Attachment) -> str:
    return f"{REQUESTS}{document.request_id}/documents/{document.pk}/"


def received(client: Client, url: str) -> tuple[Any, bytes]:
    """The answer and the whole of its content, read so that the file is closed."""
    response: Any = client.get(url)
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return response, content


def attached(company: Company, name: str, content: bytes = PDF) -> Attachment:
    request = company.draft(documents=0)
    file = ContentFile(content, name=name)
    return requests.attach(request=request, actor=company.anna, channel=ADMIN, file=file)


def test_a_pdf_opens_in_the_browser(accountant: Client, company: Company) -> None:
    response, content = received(accountant, address(attached(company, "Счёт 45.pdf")))
    assert content == PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("inline; filename*=utf-8''")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_can_be_saved(accountant: Client, company: Company) -> None:
    response, _content = received(accountant, address(attached(company, "Счёт 45.pdf")) + "?save")
    assert response.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["page.html", "picture.svg", "run.js", "unknown"])
def test_what_could_run_is_never_shown(accountant: Client, company: Company, name: str) -> None:
    document = attached(company, "safe.txt", b"alert(1)")
    Attachment.objects.filter(pk=document.pk).update(name=name)
    response, _content = received(accountant, address(document))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ['a"b.pdf', "a\r\nSet-Cookie: x=1.pdf", "a;b=c\\.pdf", "\x7f.pdf"])
def test_no_name_breaks_out_of_its_header(accountant: Client, company: Company, name: str) -> None:
    document = attached(company, "safe.pdf")
    Attachment.objects.filter(pk=document.pk).update(name=name)
    response, _content = received(accountant, address(document))
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "\n" not in response.headers["Content-Disposition"]


def test_a_stranger_gets_no_document(company: Company) -> None:
    document = attached(company, "Счёт.pdf")
    assert browse(company.sergey).get(address(document)).status_code == 404
    assert Client().get(address(document)).status_code == 302


def test_a_document_is_found_only_under_its_own_request(
    accountant: Client, company: Company
) -> None:
    document, other = attached(company, "Счёт.pdf"), company.draft()
    wrong = f"{REQUESTS}{other.pk}/documents/{document.pk}/"
    assert accountant.get(wrong).status_code == 404


def test_a_file_that_is_lost_is_said_to_be_missing(accountant: Client, company: Company) -> None:
    document = attached(company, "Счёт.pdf")
    document.file.storage.delete(str(document.file.name))
    response = accountant.get(address(document))
    assert response.status_code == 404
    assert "“Счёт.pdf” of" in text_of(response)
    assert "is not in the storage now" in text_of(response)


def test_a_storage_that_is_away_is_said_to_be_missing(
    accountant: Client, company: Company, settings: Any, tmp_path: Path
) -> None:
    document = attached(company, "Счёт.pdf")
    settings.MEDIA_ROOT = tmp_path / "a-file"
    settings.MEDIA_ROOT.write_bytes(b"")
    response = accountant.get(address(document))
    assert response.status_code == 404
    assert "is not in the storage now" in text_of(response)


def test_the_author_removes_a_document(accountant: Client, company: Company) -> None:
    document = attached(company, "Счёт.pdf")
    response = accountant.post(address(document) + "remove/", follow=True)
    assert "“Счёт.pdf” was removed." in text_of(response)
    assert not document.request.documents.exists()
    assert accountant.get(address(document)).status_code == 404


def test_a_document_is_removed_by_post_alone(accountant: Client, company: Company) -> None:
    assert accountant.get(address(attached(company, "a.pdf")) + "remove/").status_code == 405


def test_who_may_not_change_removes_nothing(budget_holder: Client, company: Company) -> None:
    request: PaymentRequest = company.submitted()
    document = request.documents.get()
    assert budget_holder.post(address(document) + "remove/").status_code == 403
    assert request.documents.exists()


def test_who_reads_the_journal_still_reads_what_was_removed(
    accountant: Client, company: Company
) -> None:
    document = attached(company, "Счёт 45.pdf")
    request = company.submitted(invoice_number="46")
    Attachment.objects.filter(pk=document.pk).update(request=request)
    document.refresh_from_db()
    url = address(document)
    auditor = browse(company.gleb, "Аудитор")
    assert "<del>" not in text_of(auditor.get(page(request)))
    requests.detach(attachment=document, actor=company.anna, channel=ADMIN)

    text = text_of(auditor.get(page(request)))
    assert f'href="{url}"><del>Счёт 45.pdf</del>' in text
    assert "removed " in text
    assert received(auditor, url)[1] == PDF
    # It is no document of the request any more.
    assert auditor.post(f"{url}remove/").status_code == 404

    for edited in ("", "?edit=1"):
        assert url not in text_of(accountant.get(f"{page(request)}{edited}"))
    assert accountant.get(url).status_code == 404
