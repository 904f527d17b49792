"""The printed form in the back office: who gets it, and how a browser takes it."""

from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.test import Client
from pypdf import PdfReader

from tests.admin.conftest import REQUESTS, browse, page, text_of
from tests.company import Company
from treasury.models import PaymentRequest


def address(request: PaymentRequest) -> str:
    return f"{REQUESTS}{request.pk}/print/"


def text(response: Any) -> str:
    reader = PdfReader(BytesIO(response.content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_it_is_a_press_away_from_the_page(accountant: Client, company: Company) -> None:
    for request in (company.draft(), company.approved()):
        assert f'href="{address(request)}"' in text_of(accountant.get(page(request)))
    assert "/print/" not in text_of(accountant.get(f"{REQUESTS}add/"))


def test_it_opens_in_the_browser_and_is_kept_nowhere(accountant: Client, company: Company) -> None:
    request = company.submitted()
    response = accountant.get(address(request))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/pdf"
    name = quote(f"Payment request {request.number}.pdf")
    assert response.headers["Content-Disposition"] == f"inline; filename*=utf-8''{name}"
    assert response.headers["Cache-Control"].startswith("private, no-store")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'none'" in response.headers["Content-Security-Policy"]


def test_it_is_in_the_language_of_the_pages(accountant: Client, company: Company) -> None:
    request = company.submitted()
    assert "IN APPROVAL" in text(accountant.get(address(request)))
    russian = accountant.get(address(request), headers={"accept-language": "ru"})
    assert "НА СОГЛАСОВАНИИ" in text(russian)
    assert quote("Заявка на оплату") in russian.headers["Content-Disposition"]


def test_it_shows_the_newest_state(accountant: Client, company: Company) -> None:
    request = company.submitted()
    company.approve(request, company.boris)
    assert "Орлов Борис Approved" in text(accountant.get(address(request)))


def test_whoever_may_see_the_request_prints_it(budget_holder: Client, company: Company) -> None:
    assert budget_holder.get(address(company.submitted())).status_code == 200


def test_a_stranger_prints_nothing(company: Company) -> None:
    request = company.submitted()
    assert browse(company.sergey).get(address(request)).status_code == 404
    assert Client().get(address(request)).status_code == 302


def test_there_is_nothing_to_print_of_what_is_not_there(
    accountant: Client, company: Company
) -> None:
    for number in ("7", "9" * 30):
        assert accountant.get(f"{REQUESTS}{number}/print/").status_code == 404


def test_it_is_only_read(accountant: Client, company: Company) -> None:
    assert accountant.post(address(company.draft())).status_code == 405
