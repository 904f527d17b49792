"""Who asks in whose name, in the back office."""

from typing import Any

import pytest
from django.test import Client

from tests.admin.conftest import REQUESTS, browse, text_of
from tests.company import Company
from treasury.models import RequesterConsent

ADD = f"{REQUESTS}add/"


@pytest.fixture
def consent(company: Company) -> RequesterConsent:
    RequesterConsent.objects.all().delete()
    return RequesterConsent.objects.create(requester=company.boris, author=company.anna)


def address(consent: RequesterConsent, deed: str) -> str:
    return f"{REQUESTS}consents/{consent.pk}/{deed}/"


def test_the_refusal_stands_at_the_requester(
    accountant: Client, company: Company, form: dict[str, Any]
) -> None:
    RequesterConsent.objects.all().delete()
    data = form | {"requester": company.boris.pk, "_submit": ""}
    response = accountant.post(ADD, data, follow=True)
    [said] = response.context["form"].errors["requester"]
    assert said.startswith("Б. Орлов has not yet confirmed that you ask in this name.")
    assert RequesterConsent.objects.get().requester == company.boris


def test_he_confirms_on_his_first_page_and_takes_it_back(
    budget_holder: Client, consent: RequesterConsent
) -> None:
    assert "Смирнова Анна" in text_of(budget_holder.get("/admin/"))
    said = budget_holder.post(address(consent, "give"), follow=True)
    assert "А. Смирнова can ask in your name now." in text_of(said)
    consent.refresh_from_db()
    assert consent.given_at
    assert address(consent, "revoke") in text_of(budget_holder.get("/admin/"))
    budget_holder.post(address(consent, "revoke"))
    assert not RequesterConsent.objects.exists()
    assert 'id="consents"' not in text_of(budget_holder.get("/admin/"))


def test_nothing_is_confirmed_by_a_link_nor_by_others(
    accountant: Client, budget_holder: Client, consent: RequesterConsent
) -> None:
    assert budget_holder.get(address(consent, "give")).status_code == 405
    assert budget_holder.post(address(consent, "other")).status_code == 404
    for deed in ("give", "revoke"):
        assert accountant.post(address(consent, deed)).status_code == 403
    consent.refresh_from_db()
    assert consent.given_at is None


def test_an_administrator_takes_it_back_on_the_page_of_the_person(
    administrator: Client, company: Company, consent: RequesterConsent
) -> None:
    RequesterConsent.objects.update(given_at=consent.asked_at)
    url = f"/admin/treasury/employee/{company.boris.pk}/change/"
    assert address(consent, "revoke") in text_of(administrator.get(url))
    assert administrator.post(address(consent, "revoke")).url == url  # type: ignore[attr-defined]
    page = text_of(administrator.get(url))
    assert "Author not confirmed any more" in page
    assert "author: Смирнова Анна" in page


def test_an_auditor_takes_nothing_back(company: Company, consent: RequesterConsent) -> None:
    RequesterConsent.objects.update(given_at=consent.asked_at)
    auditor = browse(company.sergey, "Аудитор")
    url = f"/admin/treasury/employee/{company.boris.pk}/change/"
    assert address(consent, "revoke") not in text_of(auditor.get(url))
    assert auditor.post(address(consent, "revoke")).status_code == 403
