"""A requester confirms in the chat who asks in his name."""

import pytest

from tests.company import ADMIN, Company
from tests.telegrambot.bot import Say
from tests.telegrambot.phone import Line, Phone
from treasury.errors import NotReady
from treasury.models import PaymentRequest, RequesterConsent
from treasury.services import consents, requests

ASKED = "Смирнова Анна prepares payment requests in your name, and submits them once you confirm."


@pytest.fixture
def draft(company: Company, line: Line) -> PaymentRequest:
    """In the name of Sergey, who is asked by now."""
    RequesterConsent.objects.all().delete()
    company.sergey.refresh_from_db()
    draft = company.draft(requester=company.sergey)
    for _press in range(2):
        with pytest.raises(NotReady):
            requests.submit(request=draft, actor=company.anna, channel=ADMIN)
    line.deliver()
    return draft


def consent() -> RequesterConsent:
    return RequesterConsent.objects.get()


def test_he_presses_once_and_the_button_goes(
    company: Company, draft: PaymentRequest, line: Line, sergey: Phone
) -> None:
    [text] = sergey.reads()
    assert text == f"{ASKED}\nIf you know nothing of it, tell the administrator at once."
    assert sergey.offers() == ["✅ Confirm"]
    assert sergey.presses("✅ Confirm") == "Confirmed: А. Смирнова asks in your name."
    assert sergey.offers() == []
    assert sergey.reads() == [text]
    submitted = requests.submit(request=draft, actor=company.anna, channel=ADMIN)
    assert submitted.status == "in_approval"


def test_confirmed_elsewhere_the_button_goes_too(
    company: Company, draft: PaymentRequest, line: Line, sergey: Phone
) -> None:
    consents.give(consent=consent(), actor=company.sergey, channel=ADMIN)
    line.deliver()
    assert sergey.offers() == []
    consents.revoke(consent=consent(), actor=company.sergey, channel=ADMIN)
    line.deliver()
    assert sergey.offers() == []


def test_somebody_elses_press_confirms_nothing(
    company: Company, draft: PaymentRequest, say: Say
) -> None:
    said = say(company.telegram_id(company.boris), f"consent:{consent().pk}", press=True)
    assert said["show_alert"]
    assert consent().given_at is None


def test_a_press_on_what_is_no_more_says_so(
    company: Company, draft: PaymentRequest, say: Say
) -> None:
    press = f"consent:{consent().pk}"
    consents.revoke(consent=consent(), actor=company.sergey, channel=ADMIN)
    assert say(company.telegram_id(company.sergey), press, press=True)["text"]
    assert not RequesterConsent.objects.exists()


def test_whose_consent_an_administrator_takes_back_hears_of_it(
    company: Company, draft: PaymentRequest, line: Line, sergey: Phone
) -> None:
    gleb = company.allow(company.gleb, "change_employee")
    consents.revoke(consent=consent(), actor=gleb, channel=ADMIN)
    line.deliver()
    assert "cannot ask for payments in your name any more" in sergey.reads()[-1]
