"""Nobody is named as requester without having confirmed once who asks in his name."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from tests.company import ADMIN, TELEGRAM, Company
from treasury.errors import NoRight, NotAllowed, NotReady
from treasury.models import AccountEvent, Employee, PaymentRequest, RequesterConsent
from treasury.services import consents, requests

Action = AccountEvent.Action
BEFORE = importlib.import_module("treasury.migrations.0031_consents_of_before")


@pytest.fixture
def draft(company: Company) -> PaymentRequest:
    """In the name of Sergey, who has not been asked."""
    RequesterConsent.objects.all().delete()
    return company.draft(requester=company.sergey)


def submit(request: PaymentRequest, actor: Employee) -> PaymentRequest:
    return requests.submit(request=request, actor=actor, channel=ADMIN)


def refused(request: PaymentRequest, actor: Employee) -> str:
    with pytest.raises(NotReady) as refusal:
        submit(request, actor)
    [(field, text)] = refusal.value.by_field.items()
    assert field == "requester"
    return str(text)


def asked(company: Company) -> RequesterConsent:
    return RequesterConsent.objects.get(requester=company.sergey, author=company.anna)


def actions(person: Employee) -> list[str]:
    return list(person.account_events.order_by("id").values_list("action", flat=True))


@pytest.mark.usefixtures("english")
def test_he_is_asked_once_and_until_then_nothing_is_submitted(
    company: Company, draft: PaymentRequest
) -> None:
    for _press in range(2):
        said = refused(draft, company.anna)
        assert said.startswith("С. Посторонних has not yet confirmed that you ask in this name.")
    assert (asked(company).given_at, actions(company.sergey)) == (None, [Action.CONSENT_ASKED])
    event = company.sergey.account_events.get()
    assert (event.actor, event.data["author"]) == (company.anna, "Смирнова Анна")
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_once_confirmed_it_holds_for_every_request(company: Company, draft: PaymentRequest) -> None:
    refused(draft, company.anna)
    for _press in range(2):
        consents.give(consent=asked(company), actor=company.sergey, channel=TELEGRAM)
    assert submit(draft, company.anna).status == "in_approval"
    assert company.submitted(requester=company.sergey).status == "in_approval"
    assert actions(company.sergey) == [Action.CONSENT_ASKED, Action.CONSENT_GIVEN]


def test_who_asks_for_himself_needs_nobody(company: Company, draft: PaymentRequest) -> None:
    assert company.submitted().status == "in_approval"


def test_nobody_confirms_for_another(company: Company, draft: PaymentRequest) -> None:
    refused(draft, company.anna)
    company.allow(company.gleb, "change_employee")
    for stranger in (company.anna, company.gleb):
        with pytest.raises(NoRight):
            consents.give(consent=asked(company), actor=stranger, channel=ADMIN)
    assert asked(company).given_at is None


def test_a_consent_is_of_two_and_no_other_author_has_it(
    company: Company, draft: PaymentRequest
) -> None:
    RequesterConsent.objects.create(requester=company.sergey, author=company.gleb)
    RequesterConsent.objects.update(given_at=draft.created_at)
    refused(draft, company.anna)


def test_taken_back_it_is_asked_for_anew(company: Company, draft: PaymentRequest) -> None:
    refused(draft, company.anna)
    consents.give(consent=asked(company), actor=company.sergey, channel=ADMIN)
    with pytest.raises(NoRight):
        consents.revoke(consent=asked(company), actor=company.anna, channel=ADMIN)
    consents.revoke(consent=asked(company), actor=company.sergey, channel=ADMIN)
    refused(draft, company.anna)
    assert actions(company.sergey) == [
        Action.CONSENT_ASKED, Action.CONSENT_GIVEN, Action.CONSENT_REVOKED, Action.CONSENT_ASKED,
    ]  # fmt: skip


def test_whoever_keeps_people_takes_it_back_too(company: Company, draft: PaymentRequest) -> None:
    refused(draft, company.anna)
    gleb = company.allow(company.gleb, "change_employee")
    consents.revoke(consent=asked(company), actor=gleb, channel=ADMIN)
    assert not RequesterConsent.objects.exists()


def test_who_may_not_submit_asks_nobody(company: Company, draft: PaymentRequest) -> None:
    with pytest.raises(NotAllowed, match=r"автор|author"):
        submit(draft, company.gleb)
    assert not RequesterConsent.objects.exists()


@pytest.mark.usefixtures("english")
def test_one_who_has_left_is_not_asked(company: Company, draft: PaymentRequest) -> None:
    Employee.objects.filter(pk=company.sergey.pk).update(is_active=False)
    draft = PaymentRequest.objects.get(pk=draft.pk)
    assert "does not work here any more" in refused(draft, company.anna)
    assert not RequesterConsent.objects.exists()


def test_nor_does_another_requester_come_into_what_is_submitted(
    company: Company, draft: PaymentRequest
) -> None:
    request = company.submitted()
    fields = {"requester": company.boris}
    with pytest.raises(NotReady):
        requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    assert actions(company.boris) == [Action.CONSENT_ASKED]
    consent = RequesterConsent.objects.get(requester=company.boris)
    consents.give(consent=consent, actor=company.boris, channel=TELEGRAM)
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    request.refresh_from_db()
    assert request.requester == company.boris


def test_what_was_submitted_before_is_a_consent(company: Company) -> None:
    company.submitted(requester=company.sergey)
    company.submitted(requester=company.sergey)
    company.submitted()
    company.draft(requester=company.boris)
    RequesterConsent.objects.all().delete()
    BEFORE.give(apps, connection.schema_editor())
    [consent] = RequesterConsent.objects.all()
    assert (consent.requester, consent.author) == (company.sergey, company.anna)
    assert consent.given_at
