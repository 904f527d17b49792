"""The history of what directories hold: old → new, in the language of whoever reads it."""

import json
from decimal import Decimal
from html import unescape

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from tests.admin.conftest import save, text_of
from tests.admin.test_roles import employee_form
from tests.admin.test_routes import address, rows_of, sent
from tests.company import Company

EMPLOYEES = "/admin/treasury/employee/"


def told(client: Client, url: str, language: str = "ru") -> str:
    response = client.get(
        url.replace("/change/", "/history/"), headers={"accept-language": language}
    )
    return unescape(text_of(response)).replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_a_changed_threshold_is_told_with_old_and_new(
    administrator: Client, company: Company
) -> None:
    company.route.stages.filter(position=3).update(min_amount=Decimal(500_000))
    rows, url = rows_of(company.route), address(company.route)
    rows[2] |= {"min_amount": "1000000", "quorum": "all"}
    assert save(administrator, url, sent(company.route, rows)).status_code == 302
    russian = told(administrator, url)
    assert "Этап маршрута «Казначей»: От суммы: 500 000,00 → 1 000 000,00" in russian
    assert "Этап маршрута «Казначей»: Кворум: Любой один → Все" in russian
    english = told(administrator, url, "en")
    assert "Route stage “Казначей”: From amount: 500,000.00 → 1,000,000.00" in english


def test_rows_added_and_deleted_and_names_of_others_are_told(
    administrator: Client, company: Company
) -> None:
    rows, url = rows_of(company.route), address(company.route)
    rows[2]["DELETE"] = "on"
    data = sent(company.route, rows) | {"organization": company.organization.pk}
    assert save(administrator, url, data).status_code == 302
    russian = told(administrator, url)
    assert "Удалено: этап маршрута «Казначей»" in russian
    assert "Организация: — → ООО «Ромашка»" in russian


def test_roles_are_told(administrator: Client, company: Company) -> None:
    url = f"{EMPLOYEES}{company.vera.pk}/change/"
    accountants = Group.objects.get(name="Бухгалтер")
    data = employee_form(company.vera, is_staff="on", groups=[accountants.pk])
    assert save(administrator, url, data).status_code == 302
    russian = told(administrator, url)
    assert "Роли: — → Бухгалтер" in russian
    assert "May enter" not in russian
    assert "Допущен в бэк-офис: нет → да" in russian


def test_an_entry_in_the_old_way_is_read_too(administrator: Client, company: Company) -> None:
    url = address(company.route)
    old = [
        {"added": {"name": "route stage", "object": "Директор"}},
        {"changed": {"fields": ["From amount"], "name": "route stage", "object": "Казначей"}},
    ]
    for message in (json.dumps(old), "By hand"):
        LogEntry.objects.create(
            user=company.gleb, object_id=str(company.route.pk), action_flag=2,
            content_type=ContentType.objects.get_for_model(company.route), object_repr="x",
            change_message=message,
        )  # fmt: skip
    russian = told(administrator, url)
    assert "Добавлено: этап маршрута «Директор»" in russian
    assert "Этап маршрута «Казначей»: Изменено: от суммы" in russian
    assert "By hand" in russian
