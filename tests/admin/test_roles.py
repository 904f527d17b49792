"""Roles: what each may do, and that the server holds them to it."""

from typing import Any

from django.contrib.auth.models import Group
from django.test import Client

from tests import roles
from tests.admin.conftest import REQUESTS, browse, page, save
from tests.company import Company
from treasury.models import ApprovalRoute, Counterparty, Employee

ROUTES = "/admin/treasury/approvalroute/"


def permissions_by_role() -> dict[str, set[str]]:
    return {
        role.name: {
            f"{permission.content_type.app_label}.{permission.codename}"
            for permission in role.permissions.select_related("content_type")
        }
        for role in Group.objects.all()
    }


def test_the_migrations_of_roles_take_back_what_they_have_given(company: Company) -> None:
    before = permissions_by_role()
    browse(company.sergey, "Аудитор")
    roles.withdraw()
    assert permissions_by_role() == {role: set() for role in before}
    assert company.sergey.groups.exists()
    roles.grant()
    assert permissions_by_role() == before


def test_an_auditor_changes_nothing(db: None) -> None:
    assert all(name.split(".")[1].startswith("view_") for name in permissions_by_role()["Аудитор"])


def test_an_accountant_fills_requests_and_payees_but_not_routes(
    accountant: Client, company: Company
) -> None:
    assert accountant.get(f"{REQUESTS}add/").status_code == 200
    response = accountant.post(
        "/admin/treasury/counterparty/add/",
        {
            "name": "ООО «Новый»", "country": "RU", "inn": "7707083893",
            "kpp": "773601001", "is_active": "on",
            "accounts-TOTAL_FORMS": "0", "accounts-INITIAL_FORMS": "0",
        },
    )  # fmt: skip
    assert response.status_code == 302
    assert Counterparty.objects.filter(inn="7707083893").exists()
    assert accountant.get(f"{ROUTES}{company.route.pk}/change/").status_code == 403
    assert accountant.post(f"{ROUTES}add/", {"name": "Мой"}).status_code == 403


def test_an_auditor_reads_and_every_post_is_refused(company: Company) -> None:
    auditor, request = browse(company.sergey, "Аудитор"), company.submitted()
    organization = f"/admin/treasury/organization/{company.organization.pk}/change/"
    for url in (page(request), organization, f"{ROUTES}{company.route.pk}/change/"):
        assert auditor.get(url).status_code == 200
        assert auditor.post(url, {"name": "Другое"}).status_code == 403
    company.organization.refresh_from_db()
    assert company.organization.name == "ООО «Ромашка»"


def employee_form(employee: Employee, **changes: Any) -> dict[str, Any]:
    return {
        "last_name": employee.last_name,
        "first_name": employee.first_name,
        "email": employee.email,
        "language": "ru",
        "is_active": "on",
        **changes,
    }


def test_an_administrator_gives_roles_but_makes_nobody_almighty(
    administrator: Client, company: Company
) -> None:
    url = f"/admin/treasury/employee/{company.vera.pk}/change/"
    accountants = Group.objects.get(name="Бухгалтер")
    data = employee_form(company.vera, is_staff="on", groups=[accountants.pk], is_superuser="on")
    assert save(administrator, url, data).status_code == 302
    company.vera.refresh_from_db()
    assert company.vera.is_staff
    assert list(company.vera.groups.all()) == [accountants]
    assert not company.vera.is_superuser


def test_an_administrator_does_not_touch_a_superuser(
    administrator: Client, company: Company
) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(is_superuser=True)
    url = f"/admin/treasury/employee/{company.vera.pk}/"
    data = employee_form(company.vera, email="mine@example.com")
    assert administrator.post(f"{url}change/", data).status_code == 403
    assert administrator.post(f"{url}password-link/").status_code == 403


def test_an_employee_is_added_with_an_address_and_without_a_password(
    administrator: Client, company: Company
) -> None:
    data = employee_form(
        Employee(last_name="Новая", first_name="Нина", email="Nina@example.com"),
        password1="a-Long-secret-7",
        password2="a-Long-secret-7",
    )
    response = administrator.post("/admin/treasury/employee/add/", data)
    assert response.status_code == 302
    employee = Employee.objects.get(email__iexact="nina@example.com")
    assert employee.get_full_name() == "Новая Нина"
    assert not employee.has_usable_password()


def test_nobody_is_deleted(administrator: Client, company: Company) -> None:
    url = f"/admin/treasury/employee/{company.vera.pk}/delete/"
    assert administrator.post(url, {"post": "yes"}).status_code == 403


def test_a_route_says_what_is_wrong_with_its_stages(
    administrator: Client, company: Company
) -> None:
    data = {
        "name": "Новый", "organization": company.organization.pk, "same_person": "skip",
        "min_people": "2",
        "is_active": "on", "stages-TOTAL_FORMS": "1", "stages-INITIAL_FORMS": "0",
        "stages-0-position": "1", "stages-0-name": "Казначей", "stages-0-approvers": "group",
        "stages-0-concern": "payment", "stages-0-quorum": "any",
    }  # fmt: skip
    response = administrator.post(f"{ROUTES}add/", data)
    assert "Choose a group exactly when" in response.content.decode()
    assert ApprovalRoute.objects.count() == 1


def test_nothing_is_offered_that_the_role_may_not_do(
    administrator: Client, accountant: Client, company: Company
) -> None:
    auditor, delegations = browse(company.sergey, "Аудитор"), "/admin/treasury/delegation/"
    for url in ("/admin/", delegations):
        assert f"{delegations}add/" not in auditor.get(url).content.decode()
    assert auditor.get(f"{delegations}add/").status_code == 403
    assert auditor.post(f"{delegations}add/", {}).status_code == 403
    # Whoever is asked may be away, whatever his role.
    company.department.budget_holders.add(company.sergey)
    assert f"{delegations}add/" in auditor.get(delegations).content.decode()
    new_request = f"{REQUESTS}add/"
    payees = "/admin/treasury/counterparty/"
    assert new_request in accountant.get(payees).content.decode()
    for url in ("/admin/", REQUESTS, payees, page(company.submitted())):
        assert new_request not in administrator.get(url).content.decode()
