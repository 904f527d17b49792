"""From the bot's button to the linked account, by Google and by the own form."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from social_django.models import UserSocialAuth

from oauth import linking
from oauth.errors import NothingToFinish, WrongCode
from oauth.models import UserToken
from tests.company import Company
from treasury.models import AccountEvent, Employee

from .conftest import (
    NEWCOMER,
    Google,
    Heard,
    code_on,
    link_for,
    open_link,
    sign_in,
    text_of,
    ticket_in,
)

PASSWORD = "secret-of-the-tests"


def by_google(browser: Client, google: Google, person: Employee, telegram_id: int) -> Any:
    """The page after sign-in with Google for this Telegram account."""
    sub = google.knows(person.email)
    return sign_in(browser, google, sub, link=open_link(browser, telegram_id))


def by_password(browser: Client, google: Google, person: Employee, telegram_id: int) -> Any:
    """The page after sign-in with the own form."""
    form = {
        "link": open_link(browser, telegram_id), "username": person.email, "password": PASSWORD,
    }  # fmt: skip
    return browser.post("/oauth/password/", form, follow=True)


both_ways = pytest.mark.parametrize("way", [by_google, by_password])


@both_ways
def test_who_signs_in_and_brings_the_code_is_linked(
    way: Any, browser: Client, google: Google, newcomer: Employee, heard: Heard,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    page = way(browser, google, newcomer, NEWCOMER)
    assert "You have signed in as <strong>Орлов Борис</strong>" in text_of(page)
    assert UserToken.objects.employee_of(NEWCOMER) is None

    with django_capture_on_commit_callbacks(execute=True):
        linked = linking.finish(telegram_id=NEWCOMER, code=code_on(page))
    assert linked == newcomer
    assert UserToken.objects.employee_of(NEWCOMER) == newcomer
    assert heard.news == [
        ("linked", {"employee": newcomer, "telegram_id": NEWCOMER, "previous_telegram_id": None})
    ]
    event = AccountEvent.objects.get(employee=newcomer)
    assert (event.action, event.actor, event.channel) == ("linked", newcomer, "telegram")
    assert event.data == {
        "telegram_id": NEWCOMER,
        "telegram_name": "Борис Орлов (@boris)",
        "previous_telegram_id": None,
    }
    assert "Telegram is linked" in text_of(browser.get("/oauth/code/"))


@both_ways
def test_to_sign_in_for_a_link_logs_nobody_in(
    way: Any, browser: Client, google: Google, newcomer: Employee
) -> None:
    Employee.objects.filter(pk=newcomer.pk).update(is_staff=True, is_superuser=True)
    code_on(way(browser, google, newcomer, NEWCOMER))
    assert "_auth_user_id" not in browser.session
    assert browser.get("/admin/").status_code == 302


@both_ways
def test_a_lured_victim_links_nothing(
    way: Any, browser: Client, google: Google, company: Company, newcomer: Employee, heard: Heard
) -> None:
    """Sergey sends his own link to Boris, who signs in on it."""
    attacker, victim = NEWCOMER, 7002
    code = code_on(way(browser, google, newcomer, attacker))
    with pytest.raises(NothingToFinish):
        linking.finish(telegram_id=victim, code=code)
    with pytest.raises(WrongCode):
        linking.finish(telegram_id=attacker, code="AAAA-AAAA")
    assert UserToken.objects.employee_of(attacker) is None
    assert UserToken.objects.employee_of(victim) is None
    assert heard.news == []
    assert not AccountEvent.objects.exists()


@both_ways
def test_nobody_but_the_browser_that_signed_in_sees_the_code(
    way: Any, browser: Client, google: Google, newcomer: Employee
) -> None:
    planted = browser.session
    planted["planted"] = "by somebody else"
    planted.save()
    code = code_on(way(browser, google, newcomer, NEWCOMER))
    assert browser.session.session_key != planted.session_key

    stranger = Client(headers={"accept-language": "en"})
    assert stranger.get("/oauth/code/").status_code == 404
    stranger.cookies["sessionid"] = str(planted.session_key)
    assert code not in text_of(stranger.get("/oauth/code/"))


def test_the_page_names_the_account_and_warns(browser: Client, newcomer: Employee) -> None:
    page = browser.get(link_for(NEWCOMER, "Борис <b>Орлов</b> (@boris)"))
    assert page.status_code == 200
    assert "Борис &lt;b&gt;Орлов&lt;/b&gt; (@boris)" in text_of(page)
    assert f"Telegram id {NEWCOMER}" in text_of(page)
    assert "Continue only if this is your own Telegram account" in text_of(page)


def test_to_open_the_page_changes_nothing(browser: Client, newcomer: Employee) -> None:
    path = link_for(NEWCOMER)
    before = list(UserToken.objects.values())
    for _visit in range(3):
        assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 405
    assert list(UserToken.objects.values()) == before
    assert not Session.objects.exists()


def test_without_google_only_the_own_form_is_offered(
    browser: Client, newcomer: Employee, settings: Any
) -> None:
    settings.SOCIAL_AUTH_GOOGLE_SECRET = ""
    page = text_of(browser.get(link_for(NEWCOMER)))
    assert "Sign in with Google" not in page
    assert "Sign in by password" in page


def test_the_code_leads_back_to_the_chat_where_the_bot_is_known(
    browser: Client, google: Google, newcomer: Employee, settings: Any
) -> None:
    assert "?start=" not in text_of(by_password(browser, google, newcomer, NEWCOMER))
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"
    page = browser.get("/oauth/code/")
    assert f'href="https://t.me/treasury_bot?start=link-{code_on(page)}"' in text_of(page)


def test_google_is_asked_with_state_nonce_and_pkce(
    browser: Client, google: Google, newcomer: Employee
) -> None:
    answer = browser.post("/oauth/login/google/", {"link": open_link(browser, NEWCOMER)})
    for parameter in ("state=", "nonce=", "code_challenge_method=S256", "prompt=select_account"):
        assert parameter in answer["Location"]


def test_google_leaves_neither_tokens_nor_people(
    browser: Client, google: Google, newcomer: Employee
) -> None:
    people = Employee.objects.count()
    code_on(by_google(browser, google, newcomer, NEWCOMER))
    assert Employee.objects.count() == people
    assert not UserSocialAuth.objects.exists()
    kept = str([session.get_decoded() for session in Session.objects.all()])
    assert "access_token" not in kept
    assert "id_token" not in kept


def test_the_secret_is_nowhere_in_the_database(
    browser: Client, google: Google, newcomer: Employee
) -> None:
    path = link_for(NEWCOMER)
    secret = path.split("/")[-2]
    sub = google.knows(newcomer.email)
    code = code_on(sign_in(browser, google, sub, link=ticket_in(browser.get(path))))
    stored = str([session.get_decoded() for session in Session.objects.all()])
    stored += str(list(UserToken.objects.values()))
    assert secret not in stored
    assert code not in stored
    assert code.replace("-", "") not in stored
