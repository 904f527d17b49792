"""Who is not let in: the text in the browser and in the chat, and nothing is stored."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from .newcomers import (
    Newcomer,
    Reception,
    ask_to_sign_in,
    choose,
    code_on,
    follow,
    hears,
    login,
    sign_in_by_google,
    sign_in_by_password,
    to_google,
)
from .visit import DESK, Visit

UNVERIFIED = "Google has not verified the e-mail address of this account."
FOREIGN = "This Google account is not one of the company's."
UNKNOWN = "No employee has the e-mail address of this Google account."
INACTIVE = "Your account is switched off."
CANCELLED = "You have broken off the sign-in with Google."
LOST = "This sign-in was begun in another browser, or is finished already."
USED = "This link has been used already."
CONTACT = "Contacts are not used to sign in."
EXPIRED = "This link is too old."


@pytest.fixture
def kirill(reception: Reception) -> Newcomer:
    return reception.newcomer()


@pytest.fixture
def chat(visit: Visit, reception: Reception, kirill: Newcomer) -> Page:
    """Kirill's, in which he was just offered the ways to sign in."""
    chat = reception.chat(visit, kirill)
    ask_to_sign_in(chat)
    return chat


def reads(page: Page, text: str) -> None:
    expect(page.locator("[role=alert]")).to_contain_text(text)


def nothing_is_stored(reception: Reception, person: Newcomer) -> None:
    assert reception.account(person) == {"telegram_ids": [], "journal": []}
    assert reception.holders(person) == []


def sign_in_as(page: Page, reception: Reception, email: str, *, verified: bool = True) -> None:
    key = reception.add_account(email, verified=verified)
    to_google(page)
    choose(page, key)


def test_an_address_that_google_has_not_verified(
    visit: Visit, reception: Reception, kirill: Newcomer, chat: Page
) -> None:
    page = follow(chat)
    sign_in_as(page, reception, kirill.email, verified=False)
    reads(page, UNVERIFIED)
    visit.picture(page, "in-the-browser")
    hears(chat, UNVERIFIED)
    visit.picture(chat, "in-the-chat")
    nothing_is_stored(reception, kirill)


def test_an_account_of_a_foreign_domain(
    visit: Visit, reception: Reception, kirill: Newcomer, chat: Page
) -> None:
    page = follow(chat)
    sign_in_as(page, reception, "kirill@example.net")
    reads(page, FOREIGN)
    visit.picture(page, "in-the-browser")
    hears(chat, FOREIGN)
    nothing_is_stored(reception, kirill)


def test_an_address_that_no_employee_has(
    visit: Visit, reception: Reception, kirill: Newcomer, chat: Page
) -> None:
    page = follow(chat)
    sign_in_as(page, reception, "nobody@example.com")
    reads(page, UNKNOWN)
    visit.picture(page, "in-the-browser")
    hears(chat, UNKNOWN)
    nothing_is_stored(reception, kirill)


def test_an_employee_who_has_left(visit: Visit, reception: Reception) -> None:
    former = reception.newcomer("Pavel Titov", is_active=False)
    chat = reception.chat(visit, former)
    ask_to_sign_in(chat)
    page = follow(chat)
    sign_in_by_google(page, former)
    reads(page, INACTIVE)
    visit.picture(page, "in-the-browser")
    hears(chat, INACTIVE)
    # Whoever types a password is not told whether the address is an employee's.
    sign_in_by_password(page, former)
    reads(page, "Wrong e-mail or password.")
    nothing_is_stored(reception, former)


def test_a_refusal_at_google_and_a_second_try(
    visit: Visit, reception: Reception, kirill: Newcomer, chat: Page
) -> None:
    page = follow(chat)
    to_google(page)
    page.get_by_role("button", name="Cancel").tap()
    reads(page, CANCELLED)
    visit.picture(page, "in-the-browser")
    hears(chat, CANCELLED)
    nothing_is_stored(reception, kirill)
    sign_in_by_google(page, kirill)
    code_on(page)


def test_a_changed_state_another_browser_and_the_same_answer_twice(
    visit: Visit, reception: Reception, kirill: Newcomer, chat: Page
) -> None:
    page = follow(chat)
    to_google(page)
    answers = hold_back(page)
    choose(page, f"{kirill.email}-verified")
    expect(page.locator("body")).to_contain_text("held back")

    stranger = visit.open(answers[0], DESK)
    reads(stranger, LOST)
    visit.picture(stranger, "another-browser")
    page.unroute_all()
    page.goto(re.sub(r"state=[^&]+", "state=of-somebody-else", answers[0]))
    reads(page, LOST)
    visit.picture(page, "a-changed-state")
    page.goto(answers[0])
    code_on(page)
    page.goto(answers[0])
    reads(page, LOST)
    visit.picture(page, "the-same-answer-twice")
    nothing_is_stored(reception, kirill)


def hold_back(page: Page) -> list[str]:
    """Google's answer is not followed; the address to which it would have led."""
    answers: list[str] = []

    def hold(route: Route) -> None:
        answers.append(route.fetch(max_redirects=0).headers["location"])
        route.fulfill(body="held back")

    page.route(re.compile("/oauth2/authorize"), hold)
    return answers


def test_a_link_that_is_used_too_old_or_replaced(
    visit: Visit, reception: Reception, kirill: Newcomer, chat: Page
) -> None:
    replaced = follow(chat)
    login(chat)
    page = follow(chat)
    replaced.reload()
    reads(replaced, USED)

    used = page.url
    sign_in_by_google(page, kirill)
    code_on(page)
    page.goto(used)
    reads(page, USED)
    visit.picture(page, "used")

    login(chat)
    page = follow(chat)
    reception.installation.clerk.expire(telegram_id=kirill.telegram_id)
    sign_in_by_password(page, kirill)
    reads(page, EXPIRED)
    visit.picture(page, "too-old")
    nothing_is_stored(reception, kirill)


def test_a_code_that_comes_too_late(reception: Reception, kirill: Newcomer, chat: Page) -> None:
    page = follow(chat)
    sign_in_by_google(page, kirill)
    code = code_on(page)
    reception.installation.clerk.expire(telegram_id=kirill.telegram_id)
    chat.fill("textarea[name=text]", code)
    chat.press("textarea[name=text]", "Enter")
    hears(chat, EXPIRED)
    nothing_is_stored(reception, kirill)


def test_the_contact_of_another_person(
    visit: Visit, reception: Reception, kirill: Newcomer, chat: Page
) -> None:
    colleague = reception.newcomer("Anna Smirnova")
    contact = {
        "phone_number": "+79990000000",
        "first_name": colleague.name,
        "user_id": colleague.telegram_id,
    }
    messages = f"/client/people/{kirill.telegram_id}/chats/{kirill.telegram_id}/messages"
    reception.installation.post(messages, {"contact": json.dumps(contact)})
    hears(chat, CONTACT)
    visit.picture(chat, "in-the-chat")
    for person in (kirill, colleague):
        nothing_is_stored(reception, person)


def test_an_employee_without_the_back_office_is_told_so(
    visit: Visit, reception: Reception, kirill: Newcomer
) -> None:
    page = visit.open(f"{reception.installation.web_url}/admin/login/", DESK)
    sign_in_by_google(page, kirill)
    reads(page, "the back office is not open to you")
    visit.picture(page, "in-the-browser")
