"""Every refusal in the browser: its text there and in the chat, and nothing stored."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from oauth import linking
from oauth.models import UserToken
from tests.company import TELEGRAM, Company
from treasury.models import AccountEvent, Employee

from .conftest import (
    NEWCOMER,
    Google,
    Heard,
    code_on,
    come_back,
    link_for,
    new_browser,
    open_link,
    sign_in,
    text_of,
    ticket_in,
    to_google,
)


def refuses(page: Any, text: str, status: int = 403) -> None:
    assert page.status_code == status
    assert text in text_of(page)
    assert not UserToken.objects.filter(kind="telegram", token=str(NEWCOMER)).exists()
    assert not UserToken.objects.filter(kind="link", employee__isnull=False).exists()
    assert not AccountEvent.objects.exists()


def told(heard: Heard, text: str) -> None:
    """The chat was told so, once."""
    (news,) = heard.of("refused")
    assert news["telegram_id"] == NEWCOMER
    assert text in news["reason"]


def refused_by_google(
    browser: Client, google: Google, heard: Heard, text: str, email: str, **claims: Any
) -> None:
    people = Employee.objects.count()
    sub = google.knows(email, **claims)
    page = sign_in(browser, google, sub, link=open_link(browser, NEWCOMER))
    refuses(page, text)
    told(heard, text)
    assert Employee.objects.count() == people


def test_an_unknown_e_mail(
    browser: Client, google: Google, newcomer: Employee, heard: Heard
) -> None:
    text = "No employee has the e-mail address of this Google account"
    refused_by_google(browser, google, heard, text, "stranger@example.com")


def test_an_e_mail_that_only_looks_alike_in_capitals(
    browser: Client, google: Google, newcomer: Employee, heard: Heard
) -> None:
    Employee.objects.filter(pk=newcomer.pk).update(email="kirill@example.com")
    text = "No employee has the e-mail address of this Google account"
    refused_by_google(browser, google, heard, text, "k\u0131r\u0131ll@example.com")


def test_an_inactive_employee(
    browser: Client, google: Google, newcomer: Employee, heard: Heard
) -> None:
    Employee.objects.filter(pk=newcomer.pk).update(is_active=False)
    refused_by_google(browser, google, heard, "Your account is switched off", newcomer.email)


@pytest.mark.parametrize("claim", [False, "true", None])
def test_an_unverified_e_mail(
    browser: Client, google: Google, newcomer: Employee, heard: Heard, claim: Any
) -> None:
    text = "Google has not verified the e-mail address"
    refused_by_google(browser, google, heard, text, newcomer.email, email_verified=claim)


@pytest.mark.parametrize(
    ("domain", "hd"), [("other.example", "other.example"), ("example.com", "other.example"),
                       ("example.com", None), ("other.example", "example.com")],
)  # fmt: skip
def test_a_foreign_domain(
    browser: Client, google: Google, newcomer: Employee, heard: Heard, settings: Any,
    domain: str, hd: str | None,
) -> None:  # fmt: skip
    settings.GOOGLE_HOSTED_DOMAIN = "example.com"
    email = f"boris@{domain}"
    Employee.objects.filter(pk=newcomer.pk).update(email=email)
    text = "This Google account is not one of the company"
    refused_by_google(browser, google, heard, text, email, hd=hd)


def test_the_company_s_own_domain_is_let_in(
    browser: Client, google: Google, newcomer: Employee, settings: Any
) -> None:
    settings.GOOGLE_HOSTED_DOMAIN = "example.com"
    sub = google.knows(newcomer.email.upper(), hd="Example.com")
    code_on(sign_in(browser, google, sub, link=open_link(browser, NEWCOMER)))


def test_a_changed_state(browser: Client, google: Google, newcomer: Employee, heard: Heard) -> None:
    sub = google.knows(newcomer.email)
    address = to_google(browser, link=open_link(browser, NEWCOMER))
    callback = google.choose(address, sub).replace("state=", "state=x")
    refuses(come_back(browser, callback), "begun in another browser, or is finished already")
    told(heard, "begun in another browser")


def test_another_browser(browser: Client, google: Google, newcomer: Employee, heard: Heard) -> None:
    sub = google.knows(newcomer.email)
    callback = google.choose(to_google(browser, link=open_link(browser, NEWCOMER)), sub)
    refuses(come_back(new_browser(), callback), "begun in another browser, or is finished already")
    # The other browser does not say for which chat it was.
    assert heard.news == []


def test_a_replayed_callback(browser: Client, google: Google, newcomer: Employee) -> None:
    sub = google.knows(newcomer.email)
    callback = google.choose(to_google(browser, link=open_link(browser, NEWCOMER)), sub)
    code = code_on(come_back(browser, callback))
    for visitor in (browser, new_browser()):
        page = come_back(visitor, callback)
        assert page.status_code == 403
        assert "finished already" in text_of(page)
        assert code not in text_of(page)
    assert UserToken.objects.filter(kind="link", employee=newcomer).count() == 1


def test_whoever_says_no_to_google(
    browser: Client, google: Google, newcomer: Employee, heard: Heard
) -> None:
    callback = google.deny(to_google(browser, link=open_link(browser, NEWCOMER)))
    refuses(come_back(browser, callback), "You have broken off the sign-in")
    told(heard, "You have broken off the sign-in")


def test_google_out_of_reach(browser: Client, newcomer: Employee, heard: Heard) -> None:
    """Nothing listens at the address that the tests' settings have for it."""
    page = browser.post("/oauth/login/google/", {"link": open_link(browser, NEWCOMER)})
    refuses(page, "Google cannot be reached", 502)
    told(heard, "Google cannot be reached")


def test_after_a_refusal_the_other_account_may_be_tried(
    browser: Client, google: Google, newcomer: Employee
) -> None:
    private, work = google.knows("boris@gmail.example"), google.knows(newcomer.email)
    page = sign_in(browser, google, private, link=open_link(browser, NEWCOMER))
    code_on(sign_in(browser, google, work, link=ticket_in(page)))


@pytest.mark.parametrize("way", ["google", "password"])
def test_a_telegram_account_of_somebody_else(
    browser: Client, google: Google, company: Company, heard: Heard, way: str
) -> None:
    link = open_link(browser, company.telegram_id(company.vera))
    if way == "google":
        page = sign_in(browser, google, google.knows(company.boris.email), link=link)
    else:
        form = {"username": company.boris.email, "password": "secret-of-the-tests"}
        page = browser.post("/oauth/password/", {"link": link, **form})
    refuses(page, "This Telegram account is linked to another employee")
    assert heard.of("refused")[0]["telegram_id"] == company.telegram_id(company.vera)
    assert UserToken.objects.employee_of(company.telegram_id(company.vera)) == company.vera


def test_a_link_that_does_not_exist(browser: Client, newcomer: Employee) -> None:
    refuses(browser.get("/oauth/link/made-up/"), "This link is not known here", 404)


@pytest.mark.parametrize("form", [{}, {"link": "made-up"}, {"link": "MQ:1vN2b7:forged"}])
def test_a_form_with_a_forged_link(
    browser: Client, newcomer: Employee, form: dict[str, str]
) -> None:
    form |= {"username": newcomer.email, "password": "secret-of-the-tests"}
    refuses(browser.post("/oauth/password/", form), "This link is not known here", 404)


def test_an_expired_link(browser: Client, google: Google, newcomer: Employee, heard: Heard) -> None:
    path = link_for(NEWCOMER)
    ticket = ticket_in(browser.get(path))
    address = to_google(browser, link=ticket)
    UserToken.objects.filter(kind="link").update(expires_at=timezone.now() - timedelta(seconds=1))
    refuses(browser.get(path), "This link is too old", 410)
    form = {"link": ticket, "username": newcomer.email, "password": "secret-of-the-tests"}
    refuses(browser.post("/oauth/password/", form), "This link is too old", 410)
    callback = google.choose(address, google.knows(newcomer.email))
    refuses(come_back(browser, callback), "This link is too old", 410)
    # By the two sign-ins, not by looking at the page.
    reasons = [news["reason"][:21] for news in heard.of("refused")]
    assert reasons == ["This link is too old."] * 2


def test_a_link_that_a_newer_one_has_replaced(browser: Client, newcomer: Employee) -> None:
    older, newer = link_for(NEWCOMER), link_for(NEWCOMER)
    refuses(browser.get(older), "This link has been used already", 410)
    assert browser.get(newer).status_code == 200


def test_a_link_by_which_somebody_has_signed_in(
    browser: Client, company: Company, newcomer: Employee, heard: Heard
) -> None:
    path = link_for(NEWCOMER)
    ticket = ticket_in(browser.get(path))
    form = {"link": ticket, "username": newcomer.email, "password": "secret-of-the-tests"}
    code = code_on(browser.post("/oauth/password/", form, follow=True))
    assert browser.get(path).status_code == 410
    second = new_browser().post("/oauth/password/", form | {"username": company.gleb.email})
    assert second.status_code == 410
    told(heard, "This link has been used already")
    assert linking.finish(telegram_id=NEWCOMER, code=code) == newcomer
    assert browser.get(path).status_code == 200


def test_a_link_that_has_led_in_says_so_and_leads_back(
    browser: Client, newcomer: Employee, heard: Heard, settings: Any
) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    path = link_for(NEWCOMER)
    ticket = ticket_in(browser.get(path))
    form = {"link": ticket, "username": newcomer.email, "password": "secret-of-the-tests"}
    code = code_on(browser.post("/oauth/password/", form, follow=True))
    linking.finish(telegram_id=NEWCOMER, code=code)
    # Opened once more, in whatever browser, or left open in a tab and sent again.
    other = new_browser()
    for page in (other.get(path), other.post("/oauth/password/", form), browser.get(path)):
        assert page.status_code == 200
        text = text_of(page)
        assert "You are signed in already" in text
        assert 'href="https://t.me/treasury_bot"' in text
        assert "failed" not in text
        # Who opens it may be anybody.
        assert newcomer.get_full_name() not in text
    assert 'href="https://t.me/treasury_bot"' in text_of(browser.get("/oauth/code/"))
    assert not heard.of("refused")
    linking.unlink(telegram_id=NEWCOMER, channel=TELEGRAM)
    page = other.get(path)
    assert page.status_code == 410
    assert "This link has been used already" in text_of(page)


@pytest.mark.parametrize("who", ["nobody", "active", "inactive"])
def test_the_own_form_does_not_tell_who_works_here(
    browser: Client, newcomer: Employee, heard: Heard, who: str
) -> None:
    Employee.objects.filter(pk=newcomer.pk).update(is_active=who != "inactive")
    email = "nobody@example.com" if who == "nobody" else newcomer.email
    password = "secret-of-the-tests" if who == "inactive" else "wrong"
    form = {"link": open_link(browser, NEWCOMER), "username": email, "password": password}
    page = browser.post("/oauth/password/", form)
    refuses(page, '<p class="bad" role="alert">Wrong e-mail or password.</p>', 200)
    assert heard.news == []


def test_a_form_from_elsewhere(newcomer: Employee) -> None:
    """Neither way of signing in can be begun by a page that is not ours."""
    strict = Client(enforce_csrf_checks=True)
    form = {
        "link": open_link(strict, NEWCOMER), "username": newcomer.email,
        "password": "secret-of-the-tests",
    }  # fmt: skip
    assert strict.post("/oauth/password/", form).status_code == 403
    assert strict.post("/oauth/login/google/", form).status_code == 403
    assert strict.get("/oauth/login/google/").status_code == 405
    assert not UserToken.objects.filter(kind="link", employee=newcomer).exists()
