"""Every page of the back office: it opens, it is safe, it speaks the language of its reader."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.admin.conftest import REQUESTS, browse, button, page, text_of
from tests.company import Company
from treasury.models import Employee

INLINE = re.compile(r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son\w+\s*=|javascript:", re.I)
FOREIGN = re.compile(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", re.I)
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)


@pytest.fixture
def superuser(company: Company) -> Client:
    Employee.objects.filter(pk=company.sergey.pk).update(is_superuser=True)
    return browse(company.sergey)


def address(label: str, view: str, *args: object) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{view}", args=args)


def is_clean(response: object) -> bool:
    text = text_of(response)
    assert not INLINE.search(text), INLINE.findall(text)
    assert not FOREIGN.search(text), FOREIGN.findall(text)
    return True


@pytest.mark.parametrize("label", MODELS)
def test_every_list_and_form_opens_and_has_nothing_inline(
    superuser: Client, company: Company, label: str
) -> None:
    company.approved()
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    assert is_clean(superuser.get(address(label, "changelist"), {"q": "a"}))
    add = superuser.get(address(label, "add"))
    assert add.status_code in (200, 403)
    assert is_clean(add)
    row = model._default_manager.first()
    if row is not None:
        for view in ("change", "history"):
            response = superuser.get(address(label, view, row.pk))
            assert response.status_code == 200
            assert is_clean(response)


def test_the_pages_of_a_request_have_nothing_inline(superuser: Client, company: Company) -> None:
    draft, submitted = company.draft(), company.submitted()
    for url in (
        "/admin/", REQUESTS, f"{REQUESTS}add/", page(draft), page(submitted),
        page(submitted) + "?edit=1", button(submitted, "reassign"),
    ):  # fmt: skip
        response = superuser.get(url)
        assert response.status_code == 200
        assert is_clean(response)


@pytest.mark.parametrize("url", ["/admin/login/", "/admin/", REQUESTS, f"{REQUESTS}add/"])
def test_one_strict_policy_stands_on_every_page(accountant: Client, url: str) -> None:
    policy = accountant.get(url, follow=True).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_no_page_offers_a_look_that_there_is_not(accountant: Client) -> None:
    for url in ("/admin/", "/admin/password_change/", "/admin/password_change/done/"):
        assert "theme-toggle" not in text_of(accountant.get(url))


def test_the_log_in_page_is_clean(company: Company) -> None:
    response = Client(headers={"accept-language": "en"}).get("/admin/login/")
    assert is_clean(response)
    assert "Treasury" in text_of(response)


def test_whoever_is_no_user_of_the_back_office_is_asked_to_log_in(company: Company) -> None:
    client = Client()
    client.force_login(company.boris)
    assert client.get("/admin/").status_code == 302
    assert Client().get(page(company.draft())).status_code == 302


def test_the_first_page_shows_what_is_to_do(
    accountant: Client, budget_holder: Client, company: Company
) -> None:
    company.draft()
    waiting = company.submitted()
    cards = accountant.get("/admin/").context["cards"]
    assert [card.count for card in cards] == [0, 1, 1, 0]
    response = budget_holder.get("/admin/")
    assert f'href="{page(waiting)}"' in text_of(response)
    assert "New payment request" not in text_of(response)


def test_the_first_page_has_one_box_for_each_part(administrator: Client) -> None:
    boxes = re.findall("<caption>(.*?)</caption>", text_of(administrator.get("/admin/")))
    assert len(boxes) == len({*boxes})
    found = text_of(administrator.get("/admin/")).partition("<caption>Telegram</caption>")[2]
    telegram = found.partition("<caption>")[0]
    for model in ("chat", "sentmessage", "update", "alert", "bookmark", "cardlayout"):
        assert f"/admin/telegrambot/{model}/" in telegram


def test_the_language_is_switched_even_before_logging_in(db: None) -> None:
    client = Client(headers={"accept-language": "en"})
    response = client.post("/i18n/setlang/", {"language": "ru", "next": "/admin/login/"})
    assert response.headers["Location"] == "/admin/login/"
    assert '<html lang="ru"' in text_of(client.get("/admin/login/"))


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com", "javascript:x"])
def test_the_language_switch_leads_nowhere_else(db: None, target: str) -> None:
    response = Client().post("/i18n/setlang/", {"language": "ru", "next": target})
    assert response.headers["Location"] == "/"


@pytest.mark.parametrize("key", ["999999", "99999999999999999999999", "x", "_2F"])
def test_a_page_that_is_not_there_says_so_in_our_clothes(accountant: Client, key: str) -> None:
    response = accountant.get(f"{REQUESTS}{key}/change/")
    assert response.status_code == 404
    assert "There is nothing here" in text_of(response)
    assert is_clean(response)


def test_a_refusal_says_why(budget_holder: Client) -> None:
    response = budget_holder.get(f"{REQUESTS}add/")
    assert response.status_code == 403
    assert "You may not do this" in text_of(response)
    assert is_clean(response)


def test_messages_are_shown_to_those_who_look_after_them(
    accountant: Client, administrator: Client, company: Company
) -> None:
    request = company.submitted()
    assert 'id="delivery"' not in text_of(accountant.get(page(request)))
    assert 'id="delivery"' in text_of(administrator.get(page(request)))
