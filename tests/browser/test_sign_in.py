"""From /login to the congratulations, as people see it, and what a lured victim gives away."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .newcomers import (
    Newcomer,
    Reception,
    ask_to_sign_in,
    bring_back,
    choose,
    code_on,
    follow,
    hears,
    sign_in_by_google,
    sign_in_by_password,
    to_google,
    write,
)
from .visit import DESK, PHONE, Visit

# One process alone starts the company, when the suite is spread over several.

WAYS = [sign_in_by_google, sign_in_by_password]
SIGNED_IN = "You are signed in as Novikov Kirill."

SignIn = Callable[[Page, Newcomer], None]


def fits_the_phone(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_nine_steps_by_google(visit: Visit, reception: Reception) -> None:
    kirill = reception.newcomer()
    chat = reception.chat(visit, kirill)
    ask_to_sign_in(chat)
    visit.picture(chat, "the-ways-to-sign-in")

    page = follow(chat)
    expect(page.locator(".account")).to_contain_text("Kirill Novikov")
    expect(page.locator(".account")).to_contain_text(str(kirill.telegram_id))
    fits_the_phone(page)
    visit.picture(page, "whose-telegram-will-be-linked")
    to_google(page)
    fits_the_phone(page)
    visit.picture(page, "google-asks-for-the-account")
    choose(page, f"{kirill.email}-verified")
    code_on(page)
    fits_the_phone(page)
    visit.picture(page, "the-code")
    assert reception.account(kirill) == {"telegram_ids": [], "journal": []}

    page.get_by_role("link", name="Open the chat with the bot").tap()
    expect(page.locator("select[name=who]")).to_have_value(str(kirill.telegram_id))
    visit.picture(page, "back-to-the-bot")
    page.locator("dialog.link button[value=ok]").tap()
    hears(page, SIGNED_IN)
    visit.picture(page, "congratulations")
    assert reception.account(kirill) == {
        "telegram_ids": [kirill.telegram_id],
        "journal": ["linked"],
    }
    page.goto(f"{reception.installation.web_url}/oauth/code/")
    expect(page.get_by_role("heading", name="Telegram is linked")).to_be_visible()


def test_the_same_by_the_own_form_and_a_typed_code(visit: Visit, reception: Reception) -> None:
    kirill = reception.newcomer()
    chat = reception.chat(visit, kirill)
    ask_to_sign_in(chat)
    page = follow(chat)
    visit.picture(page, "the-form")
    sign_in_by_password(page, kirill)
    code = code_on(page)
    assert reception.account(kirill)["telegram_ids"] == []
    write(chat, code)
    hears(chat, SIGNED_IN)
    visit.picture(chat, "congratulations")
    assert reception.account(kirill)["telegram_ids"] == [kirill.telegram_id]


@pytest.mark.parametrize("sign_in", WAYS)
def test_a_lured_victim_gives_nothing_away(
    visit: Visit, reception: Reception, sign_in: SignIn
) -> None:
    attacker, victim = reception.stranger(), reception.newcomer()
    attackers_chat = reception.chat(visit, attacker)
    ask_to_sign_in(attackers_chat)
    lure = follow(attackers_chat).url

    page = visit.open(lure, DESK)
    expect(page.locator(".account")).to_contain_text("Zoe Stranger")
    visit.picture(page, "the-lure-names-its-owner")
    sign_in(page, victim)
    code_on(page)
    # The attacker has no code, and in the victim's hands it opens nothing.
    bring_back(page, victim)
    hears(page, "No sign-in waits for a code from this Telegram account.")
    visit.picture(page, "the-victim-brings-the-code")
    write(attackers_chat, "AAAA-BBBB")
    hears(attackers_chat, "The code does not fit this Telegram account.")
    assert reception.account(victim) == {"telegram_ids": [], "journal": []}
    assert reception.holders(attacker) == reception.holders(victim) == []


def test_the_back_office_is_entered_by_google(visit: Visit, reception: Reception) -> None:
    anna = reception.newcomer("Anna Smirnova", is_staff=True)
    page = visit.open(f"{reception.installation.web_url}/admin/", PHONE)
    visit.picture(page, "the-log-in-page")
    fits_the_phone(page)
    sign_in_by_google(page, anna)
    expect(page).to_have_url(f"{reception.installation.web_url}/admin/")
    expect(page.locator("body")).to_contain_text("Smirnova")
    visit.picture(page, "in-the-back-office")
    assert reception.account(anna)["telegram_ids"] == []
