"""Entering the back office: with Google, and by password within limits."""

from io import StringIO
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client

from tests.company import Company
from treasury.models import Employee

from .conftest import Google, new_browser, open_link, sign_in, text_of, to_google

LOGIN = "/admin/login/"
PASSWORD = "secret-of-the-tests"


def log_in(browser: Client, email: str, password: str, **headers: str) -> Any:
    return browser.post(LOGIN, {"username": email, "password": password}, headers=headers)


def lock_out(browser: Client, email: str) -> None:
    for attempt in range(5):
        answer = log_in(browser, email, "wrong")
        assert answer.status_code == (200 if attempt < 4 else 429)


def test_with_google_one_goes_where_one_wanted(
    browser: Client, google: Google, company: Company
) -> None:
    wanted = "/admin/treasury/paymentrequest/"
    asked = browser.get(wanted)
    assert asked["Location"] == f"{LOGIN}?next={wanted}"
    form = text_of(browser.get(asked["Location"]))
    assert 'action="/oauth/login/google/"' in form
    assert form.count(f'name="next" value="{wanted}"') == 2
    page = sign_in(browser, google, google.knows(company.anna.email), next=wanted)
    assert page.redirect_chain[-1][0] == wanted
    assert page.status_code == 200


def test_google_brings_nobody_to_another_site(
    browser: Client, google: Google, company: Company
) -> None:
    sub = google.knows(company.anna.email)
    page = sign_in(browser, google, sub, next="https://elsewhere.example/")
    assert page.redirect_chain[-1][0] == "/admin/"


def test_google_opens_the_back_office_only_to_whom_it_is_open(
    browser: Client, google: Google, company: Company
) -> None:
    page = sign_in(browser, google, google.knows(company.boris.email))
    assert page.status_code == 403
    assert "the back office is not open to you" in text_of(page)
    assert browser.get("/admin/").status_code == 302


def test_a_link_begun_and_left_does_not_follow_into_the_back_office(
    browser: Client, google: Google, company: Company
) -> None:
    sub = google.knows(company.anna.email)
    to_google(browser, link=open_link(browser, 7001))
    page = sign_in(browser, google, sub, next="/admin/")
    assert page.redirect_chain[-1][0] == "/admin/"


def test_another_s_session_is_replaced(browser: Client, google: Google, company: Company) -> None:
    Employee.objects.filter(pk=company.boris.pk).update(is_staff=True)
    browser.force_login(company.anna)
    sign_in(browser, google, google.knows(company.boris.email))
    assert browser.session["_auth_user_id"] == str(company.boris.pk)


def test_the_log_in_without_google_has_no_button(company: Company, settings: Any) -> None:
    settings.SOCIAL_AUTH_GOOGLE_KEY = ""
    assert "/oauth/login/google/" not in text_of(new_browser().get(LOGIN))


@pytest.mark.parametrize(
    ("language", "text"), [("en", "Too many wrong passwords"), ("ru", "Слишком много")]
)
def test_the_fifth_wrong_password_closes_the_log_in(
    company: Company, language: str, text: str
) -> None:
    browser = Client(headers={"accept-language": language})
    lock_out(browser, company.anna.email)
    closed = log_in(browser, company.anna.email, PASSWORD)
    assert closed.status_code == 429
    assert text in text_of(closed)
    assert browser.get("/admin/").status_code == 302


def test_who_is_locked_out_can_be_let_in_again(browser: Client, company: Company) -> None:
    lock_out(browser, company.anna.email)
    call_command("axes_reset_username", company.anna.email, stdout=StringIO())
    assert log_in(browser, company.anna.email, PASSWORD).status_code == 302


def test_another_spelling_is_the_same_person(browser: Client, company: Company) -> None:
    for attempt in range(5):
        email = company.anna.email.upper() if attempt % 2 else f" {company.anna.email} "
        answer = log_in(browser, email, "wrong")
    assert answer.status_code == 429


def test_others_and_other_addresses_are_not_locked_out(browser: Client, company: Company) -> None:
    lock_out(browser, company.anna.email)
    Employee.objects.filter(pk=company.tamara.pk).update(is_staff=True)
    assert log_in(browser, company.tamara.email, PASSWORD).status_code == 302
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert log_in(elsewhere, company.anna.email, PASSWORD).status_code == 302


def test_google_opens_to_whom_the_password_is_closed(
    browser: Client, google: Google, company: Company
) -> None:
    lock_out(browser, company.anna.email)
    page = sign_in(browser, google, google.knows(company.anna.email))
    assert page.redirect_chain[-1][0] == "/admin/"


def test_a_good_log_in_forgets_the_bad_ones(browser: Client, company: Company) -> None:
    for _round in range(2):
        for _attempt in range(4):
            assert log_in(browser, company.anna.email, "wrong").status_code == 200
        assert log_in(browser, company.anna.email, PASSWORD).status_code == 302


def test_a_good_sign_in_by_the_own_form_forgets_them_too(browser: Client, company: Company) -> None:
    for number in range(2):
        form = {"link": open_link(browser, 7001 + number), "username": company.anna.email}
        for _attempt in range(4):
            page = browser.post("/oauth/password/", form | {"password": "wrong"})
            assert page.status_code == 200
            # The language is changed by asking for the same address again, which is a POST's.
            assert "/i18n/setlang/" not in text_of(page)
        right = browser.post("/oauth/password/", form | {"password": PASSWORD})
        assert right.status_code == 302


def test_a_very_long_name_is_just_wrong(browser: Client, company: Company) -> None:
    assert log_in(browser, f"{'a' * 300}@b.c", "wrong").status_code == 200


def test_the_own_form_is_throttled_and_keeps_no_secret(browser: Client, company: Company) -> None:
    link = open_link(browser, 7001)
    form = {"link": link, "username": company.anna.email, "password": "wrong-but-private"}
    answers = [browser.post("/oauth/password/", form).status_code for _try in range(5)]
    assert answers == [200] * 4 + [429]
    right = browser.post("/oauth/password/", form | {"password": PASSWORD})
    assert right.status_code == 429
    assert log_in(browser, company.anna.email, PASSWORD).status_code == 429
    kept = str(AccessAttempt.objects.values().get())
    assert link not in kept
    assert "wrong-but-private" not in kept


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "203.0.113.9", "10.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "10.0.0.1"),
        (1, "nonsense", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_behind_proxies_the_caller_of_the_outermost_is_counted(
    company: Company, settings: Any, proxies: int, forwarded: str, counted: str
) -> None:
    """What stands before it in the header the caller may have made up."""
    settings.TRUSTED_PROXIES = proxies
    behind = Client(REMOTE_ADDR="10.0.0.1")
    log_in(behind, company.anna.email, "wrong", x_forwarded_for=forwarded)
    assert AccessAttempt.objects.get().ip_address == counted
