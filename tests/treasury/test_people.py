"""People are written by one service, and whatever is done to them stands in the journal."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from oauth.models import UserToken
from tests.company import ADMIN, Company
from treasury import journal
from treasury.errors import EmailInUse, NoRight, OwnAppointment
from treasury.models import AccountEvent, Employee
from treasury.services import people
from treasury.signals import appointments_changed

Action = AccountEvent.Action


@pytest.fixture
def gleb(company: Company) -> Employee:
    """The administrator."""
    return company.allow(company.gleb, "add_employee", "change_employee")


def change(employee: Employee, actor: Employee, **fields: Any) -> Employee:
    return people.change(employee=employee, actor=actor, channel=ADMIN, fields=fields)


def newcomer(actor: Employee, **fields: Any) -> Employee:
    person = {"email": "Nina@example.com", "last_name": "Новая", "first_name": "Нина", **fields}
    return people.hire(**person, actor=actor, channel=ADMIN)


def entries(employee: Employee) -> list[tuple[str, Any]]:
    rows = employee.account_events.order_by("id")
    return [(event.action, event.data.get("changes")) for event in rows]


def test_a_new_employee_has_roles_and_no_password(gleb: Employee) -> None:
    person = newcomer(gleb, roles=Group.objects.filter(name="Бухгалтер"))
    assert person.email == "nina@example.com"
    assert person.is_staff
    assert not person.has_usable_password()
    [event] = person.account_events.all()
    assert (event.action, event.actor, event.channel) == (Action.HIRED, gleb, ADMIN)
    assert event.data["changes"]["groups"] == [None, ["Бухгалтер"]]
    assert event.data["changes"]["email"] == [None, "nina@example.com"]


def test_without_a_role_nobody_enters_the_back_office(gleb: Employee) -> None:
    assert not newcomer(gleb).is_staff


def test_every_change_is_kept_with_old_and_new(company: Company, gleb: Employee) -> None:
    treasurer = Group.objects.get(name="Казначей")
    change(company.vera, gleb, last_name="Громова", language="en")
    change(company.vera, gleb, groups=[treasurer], is_staff=True)
    change(company.vera, gleb, groups=[])
    assert entries(company.vera) == [
        (Action.CHANGED, {"last_name": ["Лебедева", "Громова"], "language": ["ru", "en"]}),
        (Action.RIGHTS, {"groups": [[], ["Казначей"]], "is_staff": [False, True]}),
        (Action.RIGHTS, {"groups": [["Казначей"], []]}),
    ]


def test_what_stays_the_same_is_no_entry(company: Company, gleb: Employee) -> None:
    change(company.vera, gleb, last_name=company.vera.last_name, groups=[], is_active=True)
    assert entries(company.vera) == []


def test_the_right_is_asked_at_the_moment_of_the_act(company: Company, gleb: Employee) -> None:
    assert gleb.has_perm("treasury.change_employee")
    Employee.objects.get(pk=gleb.pk).user_permissions.clear()
    with pytest.raises(NoRight):
        change(company.vera, gleb, language="en")
    with pytest.raises(NoRight):
        newcomer(gleb)
    assert not AccountEvent.objects.exists()


def test_only_who_has_full_access_touches_whoever_has_it(company: Company, gleb: Employee) -> None:
    with pytest.raises(NoRight):
        change(company.vera, gleb, is_superuser=True)
    Employee.objects.filter(pk=company.vera.pk).update(is_superuser=True)
    with pytest.raises(NoRight):
        change(company.vera, gleb, language="en")
    Employee.objects.filter(pk=gleb.pk).update(is_superuser=True)
    change(company.vera, gleb, is_superuser=False)
    assert entries(company.vera) == [(Action.RIGHTS, {"is_superuser": [True, False]})]


def test_an_administrator_mends_the_address_of_one_who_has_never_entered(gleb: Employee) -> None:
    person = change(newcomer(gleb), gleb, email="Nina.Novaya@example.com")
    assert person.email == "nina.novaya@example.com"
    change_entry = {"email": ["nina@example.com", "nina.novaya@example.com"]}
    assert entries(person)[1:] == [(Action.EMAIL, change_entry)]


def test_nobody_gives_himself_a_role_but_may_lay_one_down(company: Company, gleb: Employee) -> None:
    approver, auditor = (Group.objects.get(name=name) for name in ("Согласующий", "Аудитор"))
    gleb.groups.add(auditor)
    with pytest.raises(OwnAppointment):
        change(gleb, gleb, groups=[auditor, approver])
    assert change(gleb, gleb, groups=[], language="en").groups.count() == 0
    other = company.allow(company.sergey, "change_employee")
    assert list(change(gleb, other, groups=[approver]).groups.all()) == [approver]


@pytest.mark.parametrize("entered", ["password", "link", "log-in", "telegram", "tie"])
def test_the_address_of_one_who_has_entered_is_no_administrators_to_change(
    company: Company, gleb: Employee, entered: str
) -> None:
    person = newcomer(gleb)
    if entered == "password":
        person.set_password("his-own-secret-7")
        person.save()
    elif entered == "log-in":
        Client().force_login(person)
    elif entered == "tie":
        # Older than the journal of accounts.
        tie = {"kind": UserToken.Kind.TELEGRAM, "token": "5099", "revoked_at": timezone.now()}
        UserToken.objects.create(employee=person, **tie)
    else:
        # Also of one who has lost the key again since.
        action = Action.LINKED if entered == "telegram" else Action.PASSWORD_SET
        journal.record(employee=person, action=action, actor=person, channel=ADMIN)
    with pytest.raises(EmailInUse):
        change(person, gleb, email="gleb.too@example.com")
    person.refresh_from_db()
    assert person.email == "nina@example.com"
    Employee.objects.filter(pk=gleb.pk).update(is_superuser=True)
    assert change(person, gleb, email="n@example.com").email == "n@example.com"


def test_an_address_that_somebody_has_is_refused(company: Company, gleb: Employee) -> None:
    with pytest.raises(ValidationError):
        newcomer(gleb, email=company.vera.email.upper())


def test_a_new_address_ends_the_sessions(company: Company, gleb: Employee) -> None:
    Employee.objects.filter(pk__in=[gleb.pk, company.vera.pk]).update(
        is_superuser=True, is_staff=True
    )
    browser = Client()
    browser.force_login(Employee.objects.get(pk=company.vera.pk))
    assert browser.get("/admin/").status_code == 200
    change(company.vera, gleb, email="vera@example.com")
    assert browser.get("/admin/").status_code == 302


def test_who_leaves_loses_every_key_and_returns_without(company: Company, gleb: Employee) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(is_staff=True)
    browser = Client()
    browser.force_login(Employee.objects.get(pk=company.vera.pk))
    telegram_id = company.telegram_id(company.vera)

    change(company.vera, gleb, is_active=False)
    change(company.vera, gleb, is_active=True)

    assert [action for action, _changes in entries(company.vera)] == [
        Action.LEFT, Action.REVOKED, Action.RETURNED,
    ]  # fmt: skip
    assert UserToken.objects.employee_of(telegram_id) is None
    assert browser.get("/admin/").status_code == 302
    company.vera.refresh_from_db()
    assert company.vera.is_active
    assert not company.vera.has_usable_password()


def test_who_leaves_leaves_his_appointments_to_be_seen_to(company: Company, gleb: Employee) -> None:
    heard: list[dict[str, Any]] = []

    def listen(*, signal: Any, sender: Any, **facts: Any) -> None:
        heard.append(facts)

    appointments_changed.connect(listen)
    change(company.vera, gleb, is_active=False)
    change(company.vera, gleb, language="en")
    appointments_changed.disconnect(listen)
    assert heard == [
        {
            "departments": {company.department.pk},
            "groups": frozenset(),
            "people": {company.vera.pk},
        }
    ]


def test_who_left_when_keys_were_not_taken_returns_without_them(
    company: Company, gleb: Employee
) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(is_active=False)
    person = change(company.vera, gleb, is_active=True)
    assert not person.has_usable_password()
    assert UserToken.objects.employee_of(company.telegram_id(person)) is None
