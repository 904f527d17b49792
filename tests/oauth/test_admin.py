"""Tokens in the back office: listed without their secrets, and revoked."""

from typing import Any

import pytest
from django.test import Client

from oauth import linking
from oauth.models import UserToken
from tests.admin.conftest import administrator, browse
from tests.company import Company
from treasury.models import AccountEvent, Employee

from .conftest import NEWCOMER, Heard, text_of

__all__ = ["administrator"]
TOKENS = "/admin/oauth/usertoken/"


def revoke(client: Client, *tokens: UserToken) -> Any:
    """Press the action, and the button of the page that asks."""
    form = {"action": "revoke", "_selected_action": [token.pk for token in tokens]}
    client.post(TOKENS, form)
    return client.post(TOKENS, {**form, "confirmed": "yes"}, follow=True)


@pytest.fixture
def link(newcomer: Employee) -> UserToken:
    url = linking.begin(telegram_id=NEWCOMER, telegram_name="Борис Орлов (@boris)")
    return linking.find(url.split("/")[-2])


def test_every_kind_is_listed_and_no_secret_shown(
    administrator: Client, company: Company, link: UserToken
) -> None:
    UserToken.objects.create(kind="api", token="a" * 64, employee=company.tamara)
    page = text_of(administrator.get(TOKENS))
    for shown in ("Telegram id", "one-time link", "API token", str(NEWCOMER)):
        assert shown in page
    details = text_of(administrator.get(f"{TOKENS}{link.pk}/change/"))
    assert "Борис Орлов (@boris)" in details
    assert link.token not in page + details
    assert "a" * 64 not in page


@pytest.mark.parametrize("sought", ["Белова", "7001", "5005"])
def test_a_token_is_found_by_person_and_by_telegram_id(
    administrator: Client, company: Company, link: UserToken, sought: str
) -> None:
    page = text_of(administrator.get(TOKENS, {"q": sought}))
    assert "Total: 1" in page
    assert ("Белова" if sought != "7001" else "7001") in page


def test_a_revocation_is_journalled_and_told(
    administrator: Client, company: Company, heard: Heard, link: UserToken,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    telegram = UserToken.objects.get(employee=company.vera)
    with django_capture_on_commit_callbacks(execute=True):
        page = text_of(revoke(administrator, telegram, link))
    assert "2 tokens were revoked" in page
    assert UserToken.objects.employee_of(company.telegram_id(company.vera)) is None
    assert [facts["employee"] for facts in heard.of("unlinked")] == [company.vera]
    event = AccountEvent.objects.get()
    assert (event.employee, event.actor, event.action) == (company.vera, company.gleb, "revoked")
    assert "0 tokens were revoked" in text_of(revoke(administrator, telegram, link))


def test_revoking_asks_once(administrator: Client, company: Company) -> None:
    token = UserToken.objects.get(employee=company.vera)
    asked = text_of(
        administrator.post(TOKENS, {"action": "revoke", "_selected_action": [token.pk]})
    )
    assert "Revoke the access?" in asked
    assert "Лебедева Вера" in asked
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_token_is_revoked_from_the_page_of_its_employee(
    administrator: Client, company: Company
) -> None:
    token = UserToken.objects.get(employee=company.vera)
    employee = f"/admin/treasury/employee/{company.vera.pk}/change/"
    revocation = f"{TOKENS}{token.pk}/revoke/"
    assert f'href="{revocation}"' in text_of(administrator.get(employee))
    assert "Revoke the access?" in text_of(administrator.get(revocation))
    token.refresh_from_db()
    assert token.revoked_at is None
    response = administrator.post(revocation)
    assert response.headers["Location"] == employee
    token.refresh_from_db()
    assert token.revoked_at is not None
    event = AccountEvent.objects.get()
    assert (event.employee, event.actor, event.action) == (company.vera, company.gleb, "revoked")
    assert f'href="{revocation}"' not in text_of(administrator.get(employee))


def test_who_may_only_look_cannot_revoke(company: Company) -> None:
    token = UserToken.objects.get(employee=company.vera)
    looker = browse(company.allow(company.gleb, "view_usertoken"))
    assert "Лебедева" in text_of(looker.get(TOKENS))
    revoke(looker, token)
    assert looker.get(f"{TOKENS}{token.pk}/revoke/").status_code == 403
    assert looker.post(f"{TOKENS}{token.pk}/revoke/").status_code == 403
    token.refresh_from_db()
    assert token.revoked_at is None


def test_what_social_auth_and_axes_keep_is_not_on_show(administrator: Client) -> None:
    for page in ("social_django/usersocialauth", "social_django/association", "axes/accessattempt"):
        assert administrator.get(f"/admin/{page}/").status_code == 404
