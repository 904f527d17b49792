"""The page to which a link to set a password leads."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from tests.admin.conftest import save
from tests.company import ADMIN, Company
from treasury.models import AccountEvent, Employee
from treasury.services import passwords

from .conftest import Google, new_browser, sign_in, text_of
from .test_back_office import log_in

NEW = "violet-Umbrella-77"


@pytest.fixture
def link(company: Company, mailoutbox: Sequence[EmailMessage]) -> str:
    """The path in the letter to Vera, who may enter the back office."""
    Employee.objects.filter(pk=company.vera.pk).update(is_staff=True)
    administrator = company.allow(company.gleb, "change_employee")
    passwords.send_link(employee=company.vera, actor=administrator, channel=ADMIN)
    found = re.search(r"http://127.0.0.1:8000(/oauth/password/\S+)", str(mailoutbox[0].body))
    assert found
    return found[1]


def fill(browser: Client, link: str, password: str = NEW, again: str = "") -> Any:
    """Open the link, and send the form of the page behind it."""
    page = browser.get(link, follow=True)
    where = page.redirect_chain[-1][0] if page.redirect_chain else link
    return browser.post(where, {"new_password1": password, "new_password2": again or password})


def test_the_person_sets_a_password_and_enters_by_it(company: Company, link: str) -> None:
    browser = new_browser()
    page = browser.get(link, follow=True)
    assert company.vera.get_full_name() in text_of(page)
    assert link not in page.redirect_chain[-1][0]
    assert "The password is set" in text_of(fill(browser, link))
    assert browser.get("/admin/").status_code == 302
    assert log_in(browser, company.vera.email, NEW).status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_the_pages_speak_russian(link: str) -> None:
    browser = Client(headers={"accept-language": "ru"})
    assert "Задать пароль" in text_of(browser.get(link, follow=True))
    assert "Пароль задан" in text_of(fill(browser, link))
    assert "Ссылка больше не действует" in text_of(browser.get(link))


def test_opening_the_link_changes_nothing_and_using_it_ends_it(company: Company, link: str) -> None:
    for _time in range(2):
        new_browser().get(link, follow=True)
    assert fill(new_browser(), link).status_code == 200
    late = new_browser().get(link)
    assert late.status_code == 410
    assert "The link holds no longer" in text_of(late)
    actions = list(company.vera.account_events.values_list("action", flat=True))
    assert actions == [AccountEvent.Action.PASSWORD_SET, AccountEvent.Action.PASSWORD_LINK]


def test_a_form_that_was_open_when_the_link_was_used_is_refused(
    company: Company, link: str
) -> None:
    slow, quick = new_browser(), new_browser()
    where = slow.get(link, follow=True).redirect_chain[-1][0]
    fill(quick, link)
    form = {"new_password1": "another-Umbrella-78", "new_password2": "another-Umbrella-78"}
    assert slow.post(where, form).status_code == 410
    company.vera.refresh_from_db()
    assert company.vera.check_password(NEW)


@pytest.mark.parametrize(("password", "again"), [("12345", ""), (NEW, "violet-Umbrella-78")])
def test_what_is_wrong_is_said_and_the_link_stays(
    company: Company, link: str, password: str, again: str
) -> None:
    browser = new_browser()
    page = fill(browser, link, password, again)
    assert page.status_code == 200
    assert "errorlist" in text_of(page)
    assert "The password is set" in text_of(fill(browser, link))


def test_all_other_sessions_of_the_person_end(company: Company, link: str) -> None:
    here, elsewhere = new_browser(), new_browser()
    for browser in (here, elsewhere):
        browser.force_login(Employee.objects.get(pk=company.vera.pk))
    # A log-in after the letter makes its link void, so this one is from before.
    Employee.objects.filter(pk=company.vera.pk).update(last_login=None)
    fill(here, link)
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


@pytest.mark.parametrize("link", ["/oauth/password/MQ/c8-x/", "/oauth/password/-/set-password/"])
def test_a_made_up_link_opens_nothing(db: None, link: str) -> None:
    assert new_browser().get(link).status_code == 410


def test_by_a_new_address_nobody_signs_in_for_the_one_who_has_entered(
    company: Company, google: Google
) -> None:
    """Whoever changes the address could sign in with a Google account of that name."""
    attacker = company.allow(company.gleb, "change_employee", "add_employee")
    Employee.objects.filter(pk=company.tamara.pk).update(is_staff=True)
    browser = new_browser()
    Employee.objects.filter(pk=attacker.pk).update(is_staff=True)
    browser.force_login(Employee.objects.get(pk=attacker.pk))
    form = {
        "last_name": "Белова", "first_name": "Тамара", "email": "gleb.too@example.com",
        "language": "ru", "is_active": "on", "is_staff": "on",
    }  # fmt: skip
    save(browser, f"/admin/treasury/employee/{company.tamara.pk}/change/", form)
    page = sign_in(new_browser(), google, google.knows("gleb.too@example.com"))
    assert page.status_code == 403
    company.tamara.refresh_from_db()
    assert company.tamara.email != "gleb.too@example.com"
