"""Phrases of Django's admin, said in Russian without bending the names put into them."""

import html
import json
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client

from tests.admin.conftest import text_of
from tests.company import Company
from treasury.admin.wording import PHRASES

RUSSIAN = Path("ru/LC_MESSAGES/django.po")
OURS = settings.LOCALE_PATHS[0] / RUSSIAN
DJANGOS = Path(admin.__file__).parent / "locale" / RUSSIAN


@pytest.fixture
def russian(administrator: Client) -> Client:
    administrator.defaults["HTTP_ACCEPT_LANGUAGE"] = "ru"
    return administrator


def translated(catalogue: Path) -> dict[str, str]:
    entries = polib.pofile(str(catalogue)).translated_entries()
    return {entry.msgid: entry.msgstr for entry in entries}


def shown(client: Client, address: str) -> str:
    return html.unescape(text_of(client.get(f"/admin/treasury/{address}")))


def test_each_phrase_is_one_of_django_and_has_another_translation() -> None:
    ours, djangos = translated(OURS), translated(DJANGOS)
    for phrase in PHRASES:
        assert phrase in djangos
        assert ours.get(phrase, djangos[phrase]) != djangos[phrase], phrase


def test_the_name_of_a_thing_is_bent_where_the_phrase_is_ours(
    russian: Client, company: Company
) -> None:
    entry = company.draft().events.latest("id")
    assert "<h1>Добавить сотрудника</h1>" in shown(russian, "employee/add/")
    assert "<h1>Изменить сотрудника</h1>" in shown(russian, f"employee/{company.boris.pk}/change/")
    assert "<h1>Запись журнала</h1>" in shown(russian, f"event/{entry.pk}/change/")
    assert "Добавить контрагента</a>" in shown(russian, "counterparty/")
    # The script that adds a line takes its texts as JSON.
    assert json.dumps("Добавить этап маршрута") in shown(
        russian, f"approvalroute/{company.route.pk}/change/"
    )


def test_a_wrong_password_is_told_in_russian_and_typed_at_once(company: Company) -> None:
    client = Client(headers={"accept-language": "ru"})
    opened = text_of(client.get("/admin/login/"))
    assert re.search(r'name="username"[^>]* autofocus', opened)
    data = {"username": company.anna.email, "password": "wrong"}
    refused = html.unescape(text_of(client.post("/admin/login/", data)))
    assert "Неверная эл. почта или пароль. Проверьте раскладку" in refused
    assert re.search(r'name="password"[^>]* autofocus', refused)
    assert not re.search(r'name="username"[^>]* autofocus', refused)


def test_ready_reasons_say_for_what_they_are(russian: Client, company: Company) -> None:
    listed = html.unescape(text_of(russian.get("/admin/telegrambot/reasontemplate/")))
    for words in ("отклонения", "возврата на доработку", "передачи коллеге"):
        assert f">{words}<" in listed
