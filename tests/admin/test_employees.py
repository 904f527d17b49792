"""The page of an employee: his Telegram, what he does, what he may; and the list of people."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from oauth.models import UserToken
from tests.admin.conftest import browse, page, text_of
from tests.admin.test_request_list import queries
from tests.admin.test_roles import employee_form
from tests.company import Company
from treasury.models import Employee
from treasury.services import delegations

PEOPLE = "/admin/treasury/employee/"


def of(client: Client, employee: Employee) -> str:
    return unescape(text_of(client.get(f"{PEOPLE}{employee.pk}/change/")))


@pytest.fixture(autouse=True)
def bot(settings: Any) -> None:
    settings.TELEGRAM_BOT_USERNAME = "treasury_bot"


def test_it_says_whether_telegram_is_linked_and_since_when(
    administrator: Client, company: Company
) -> None:
    text = of(administrator, company.boris)
    assert "Linked" in text
    assert f"id {company.telegram_id(company.boris)}" in text
    assert "Last used" in text
    assert "t.me" not in text


def test_whoever_is_not_linked_is_invited_in_his_own_language(
    administrator: Client, company: Company
) -> None:
    UserToken.objects.filter(employee=company.boris).delete()
    Employee.objects.filter(pk=company.boris.pk).update(language="en")
    text = of(administrator, company.boris)
    assert "Has never been linked." in text
    assert "https://t.me/treasury_bot?start=login" in text
    assert f"sign in as {company.boris.email}" in text
    assert f'href="mailto:{company.boris.email.replace("@", "%40")}?subject=' in text


def test_an_auditor_neither_unlinks_nor_invites(company: Company) -> None:
    auditor = browse(company.sergey, "Аудитор")
    assert "Unlink" not in of(auditor, company.boris)
    UserToken.objects.filter(employee=company.boris).update(revoked_at=timezone.now())
    text = of(auditor, company.boris)
    assert "Unlinked" in text
    assert "start=login" not in text


def test_an_auditor_reads_the_roles_and_no_help_for_who_gives_them(company: Company) -> None:
    company.boris.groups.add(Group.objects.get_or_create(name="Согласующий")[0])
    text = of(browse(company.sergey, "Аудитор"), company.boris)
    assert "Согласующий" in text
    assert "permissions granted to each of their groups" not in text


def test_it_says_what_the_person_does_and_what_waits_for_him(
    administrator: Client, company: Company
) -> None:
    request = company.submitted()
    company.boris.groups.add(Group.objects.get(name="Согласующий"))
    delegations.begin(
        principal=company.boris, deputy=company.vera, actor=company.boris, channel="telegram",
        until=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    text = of(administrator, company.boris)
    for shown in ("Производство", "decides on what waits for him", "Waits for a decision: 1"):
        assert shown in text
    assert f'href="{page(request)}"' in text
    assert re.search(r"В. Лебедева</a>\s+for Б. Орлов", text)
    assert str(company.fedor.memberships.get().group) in of(administrator, company.fedor)


def test_who_may_see_no_requests_sees_no_money_of_them_either(company: Company) -> None:
    request = company.submitted()
    clerk = browse(company.allow(company.sergey, "view_employee"))
    text = of(clerk, company.boris)
    assert request.number in text
    assert "125,000.50" not in text
    assert company.counterparty.name not in text


def test_no_hash_is_shown_but_whether_there_is_a_password(
    administrator: Client, company: Company
) -> None:
    text = of(administrator, company.boris)
    for hidden in ("pbkdf2", "md5", "salt", "superuser", "May do everything"):
        assert hidden not in text
    company.boris.set_unusable_password()
    company.boris.save()
    assert "None: signs in with Google only" in of(administrator, company.boris)


def test_a_superuser_sees_who_may_do_everything(company: Company) -> None:
    Employee.objects.filter(pk=company.gleb.pk).update(is_superuser=True)
    superuser = browse(company.gleb)
    assert "May do everything" in of(superuser, company.boris)
    assert "Full access" in text_of(superuser.get(PEOPLE))


def test_a_new_employee_with_a_role_may_enter_the_back_office(
    administrator: Client, company: Company
) -> None:
    form = text_of(administrator.get(f"{PEOPLE}add/"))
    assert "prepares and submits payment requests" in form
    for email, roles in (("a@example.com", ["Бухгалтер"]), ("b@example.com", [])):
        data = employee_form(
            Employee(last_name="Новая", first_name="Нина", email=email),
            groups=list(Group.objects.filter(name__in=roles).values_list("pk", flat=True)),
        )
        assert administrator.post(f"{PEOPLE}add/", data).status_code == 302
        assert Employee.objects.get(email=email).is_staff == bool(roles)


def test_an_address_that_somebody_has_is_refused_in_words(
    administrator: Client, company: Company
) -> None:
    data = employee_form(
        Employee(last_name="Новая", first_name="Нина", email=company.boris.email.upper()),
    )
    text = text_of(administrator.post(f"{PEOPLE}add/", data))
    assert "There is an employee with this e-mail already." in text


def test_the_list_says_and_filters_who_is_linked(administrator: Client, company: Company) -> None:
    UserToken.objects.filter(employee=company.boris).update(revoked_at=timezone.now())
    UserToken.objects.filter(employee=company.vera).delete()
    assert "never linked" in text_of(administrator.get(PEOPLE))
    for value, present, absent in (
        ("linked", "Белова", "Орлов"), ("unlinked", "Орлов", "Лебедева"),
        ("never", "Лебедева", "Белова"),
    ):  # fmt: skip
        text = text_of(administrator.get(PEOPLE, {"telegram": value}))
        assert f"{present} " in text
        assert f">{absent} " not in text


def test_the_list_asks_no_more_for_more_people(administrator: Client, company: Company) -> None:
    few = queries(administrator, PEOPLE)
    for number in range(20):
        person = Employee.objects.create_user(f"p{number}@example.com", last_name=f"Яшин{number}")
        UserToken.objects.create(employee=person, kind=UserToken.Kind.TELEGRAM, token=str(number))
    assert queries(administrator, PEOPLE) == few
