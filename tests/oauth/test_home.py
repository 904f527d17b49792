"""The first page, the proof for Google, and settings that cannot work."""

from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from oauth.checks import check_sign_in
from oauth.tasks import expire
from tests.config.test_settings import read

from .conftest import text_of

FILE = "google1234567890abcdef.html"


@pytest.mark.django_db
def test_the_first_page_is_open_and_leads_to_the_back_office(browser: Client) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert 'href="/admin/"' in text_of(page)
    assert "google-site-verification" not in text_of(page)


@pytest.mark.django_db
def test_google_finds_its_meta_tag(browser: Client, settings: Any) -> None:
    settings.GOOGLE_SITE_VERIFICATION = 'abc-123_"><script>'
    page = text_of(browser.get("/"))
    content = "abc-123_&quot;&gt;&lt;script&gt;"
    assert f'<meta name="google-site-verification" content="{content}">' in page


@pytest.mark.django_db
def test_google_finds_its_file(browser: Client, settings: Any) -> None:
    assert browser.get(f"/{FILE}").status_code == 404
    settings.GOOGLE_SITE_VERIFICATION = FILE
    assert text_of(browser.get(f"/{FILE}")) == f"google-site-verification: {FILE}"
    assert browser.get("/googlefedcba0987654321.html").status_code == 404
    assert "google-site-verification" not in text_of(browser.get("/"))


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, []),
        ({"GOOGLE_CLIENT_ID": "", "GOOGLE_CLIENT_SECRET": ""}, []),
        ({"GOOGLE_CLIENT_ID": ""}, ["oauth.E001"]),
        ({"GOOGLE_CLIENT_SECRET": ""}, ["oauth.E001"]),
        ({"GOOGLE_OIDC_ENDPOINT": "http://accounts.example.com"}, ["oauth.E002"]),
        ({"GOOGLE_OIDC_ENDPOINT": "http://127.0.0.1:9400"}, []),
        ({"PUBLIC_URL": "http://treasury.example.com"}, ["oauth.E003"]),
        ({"PUBLIC_URL": "http://192.168.0.5:8000"}, ["oauth.E003"]),
        ({"PUBLIC_URL": "https://user:word@treasury.example.com"}, ["oauth.E004"]),
        ({"PUBLIC_URL": "https://treasury.example.com"}, []),
        ({"PUBLIC_URL": "http://localhost:8000"}, []),
        ({"PUBLIC_URL": "http://[::1]:8000"}, []),
        (
            {"GOOGLE_CLIENT_ID": "", "GOOGLE_CLIENT_SECRET": "", "GOOGLE_HOSTED_DOMAIN": "x.ru"},
            ["oauth.W001"],
        ),
    ],
)
def test_settings_that_cannot_work_are_found(
    settings: Any, changes: dict[str, str], problems: list[str]
) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    assert [problem.id for problem in check_sign_in(None)] == problems


@pytest.mark.parametrize(
    ("env", "origins"),
    [
        ({}, "[\"'self'\"]"),
        ({"GOOGLE_CLIENT_ID": "x"}, "[\"'self'\", 'https://accounts.google.com']"),
        (
            {"GOOGLE_CLIENT_ID": "x", "GOOGLE_OIDC_ENDPOINT": "http://127.0.0.1:9400/"},
            "[\"'self'\", 'http://127.0.0.1:9400']",
        ),
    ],
)
def test_a_form_may_lead_to_google_where_google_is_used(env: dict[str, str], origins: str) -> None:
    policy = "CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']"
    assert read(policy, SECRET_KEY="x", **env).stdout.strip() == origins


@pytest.mark.django_db
def test_the_nightly_cleaning_is_on_the_timetable_and_works() -> None:
    assert configured.CELERY_BEAT_SCHEDULE["expire"]["task"] == expire.name
    expire()
