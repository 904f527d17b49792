"""What administrators do to people leaves a trace, and what they may not do is not done."""

from collections.abc import Sequence
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.mail import EmailMessage
from django.test import Client

from tests.admin.conftest import browse, opened, save, text_of
from tests.admin.test_groups import save as save_group
from tests.admin.test_roles import employee_form
from tests.admin.test_routes import address, rows_of, sent
from tests.company import Company
from treasury.models import AccountEvent, ApproverGroup, Department, Employee, RouteEvent

PEOPLE = "/admin/treasury/employee/"
ACCOUNTS = "/admin/treasury/accountevent/"
ROUTES = "/admin/treasury/routeevent/"
PASSWORD = "/admin/password_change/"


def of(client: Client, employee: Employee) -> str:
    return unescape(text_of(client.get(f"{PEOPLE}{employee.pk}/change/")))


def link_page(employee: Employee) -> str:
    return f"{PEOPLE}{employee.pk}/password-link/"


def save_department(client: Client, department: Department, holders: Sequence[Employee]) -> Any:
    data = {
        "organization": department.organization_id, "name": department.name, "is_active": "on",
        "budget_holders": [holder.pk for holder in holders],
    }  # fmt: skip
    return save(client, f"/admin/treasury/department/{department.pk}/change/", data)


def test_an_administrator_sets_no_password(administrator: Client, company: Company) -> None:
    url = f"{PEOPLE}{company.tamara.pk}/"
    assert "password1" not in text_of(administrator.get(f"{PEOPLE}add/"))
    passwords = {"password1": "new-Secret-77", "password2": "new-Secret-77", "password": "x"}
    administrator.post(f"{url}password/", {**passwords, "usable_password": "true"})
    save(administrator, f"{url}change/", employee_form(company.tamara, **passwords))
    company.tamara.refresh_from_db()
    assert company.tamara.check_password("secret-of-the-tests")


def test_an_administrator_does_not_sign_in_as_the_treasurer(
    administrator: Client, company: Company, mailoutbox: Sequence[EmailMessage]
) -> None:
    """By a new address and a link to it."""
    was = company.tamara.email
    data = employee_form(company.tamara, email="gleb.too@example.com", is_staff="on")
    assert save(administrator, f"{PEOPLE}{company.tamara.pk}/change/", data).status_code == 302
    administrator.post(link_page(company.tamara))
    [letter] = mailoutbox
    assert letter.to == [was]
    page = text_of(administrator.get(f"{PEOPLE}{company.tamara.pk}/change/"))
    assert "/oauth/password/" not in page + text_of(administrator.get(ACCOUNTS))
    actions = company.tamara.account_events.values_list("action", flat=True)
    assert list(actions) == [AccountEvent.Action.PASSWORD_LINK, AccountEvent.Action.RIGHTS]


def test_a_list_is_not_filtered_by_the_hash(administrator: Client, company: Company) -> None:
    response = administrator.get(PEOPLE, {"password__startswith": "md5"})
    assert response.status_code in (302, 400)


def test_a_link_is_sent_by_a_button(
    administrator: Client, company: Company, mailoutbox: Sequence[EmailMessage]
) -> None:
    page = of(administrator, company.vera)
    assert f'action="{link_page(company.vera)}"' in page
    assert "only somebody with full access may change it" in page
    assert administrator.get(link_page(company.vera)).status_code == 405
    assert not mailoutbox
    page = text_of(administrator.post(link_page(company.vera), follow=True))
    assert f"A link to set a password was sent to {company.vera.email}." in page
    assert len(mailoutbox) == 1


def test_one_who_has_left_gets_no_link(administrator: Client, company: Company) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(is_active=False)
    assert link_page(company.vera) not in of(administrator, company.vera)
    page = text_of(administrator.post(link_page(company.vera), follow=True))
    assert "does not work here any more" in page


@pytest.mark.parametrize("role", ["Бухгалтер", "Казначей", "Аудитор"])
def test_others_send_no_links_and_change_nobody(
    company: Company, role: str, mailoutbox: Sequence[EmailMessage]
) -> None:
    browser = browse(company.sergey, role)
    assert browser.post(link_page(company.vera)).status_code == 403
    data = employee_form(company.vera, last_name="Другая")
    assert browser.post(f"{PEOPLE}{company.vera.pk}/change/", data).status_code == 403
    assert save_department(browser, company.department, [company.sergey]).status_code == 403
    assert not mailoutbox
    assert not AccountEvent.objects.exists()


def test_roles_are_told_on_the_page_and_in_the_journal(
    administrator: Client, company: Company
) -> None:
    treasurers = Group.objects.get(name="Казначей")
    data = employee_form(company.sergey, is_staff="on", groups=[treasurers.pk])
    assert save(administrator, f"{PEOPLE}{company.sergey.pk}/change/", data).status_code == 302
    told = "Roles: — → Казначей; May enter the back office: no → yes"
    for page in (of(administrator, company.sergey), unescape(text_of(administrator.get(ACCOUNTS)))):
        assert "Roles and rights changed" in page
        assert told in page
        assert "Г. Чужов" in page
    rights = text_of(administrator.get(ACCOUNTS, {"action__exact": "rights"}))
    assert "Total: 1" in rights


def test_the_journal_of_accounts_speaks_russian(administrator: Client, company: Company) -> None:
    save_department(administrator, company.department, [company.boris, company.sergey])
    page = unescape(text_of(administrator.get(ACCOUNTS, headers={"accept-language": "ru"})))
    assert "Назначен согласующим" in page
    assert "держатель бюджета: Производство, ООО «Ромашка»" in page


def test_holders_changed_and_changed_back_are_both_told_by_name(
    administrator: Client, company: Company
) -> None:
    for holders in ([company.sergey], [company.boris, company.vera]):
        assert save_department(administrator, company.department, holders).status_code == 302
    rows = AccountEvent.objects.order_by("id")
    told = [(event.employee.last_name, event.action, event.actor) for event in rows]
    gleb = company.gleb
    assert told == [
        ("Орлов", "dismissed", gleb), ("Лебедева", "dismissed", gleb),
        ("Посторонних", "appointed", gleb), ("Посторонних", "dismissed", gleb),
        ("Орлов", "appointed", gleb), ("Лебедева", "appointed", gleb),
    ]  # fmt: skip
    page = of(administrator, company.boris)
    assert page.count("budget holder: Производство, ООО «Ромашка»") == 2


def test_a_holder_who_was_appointed_meanwhile_stays(
    administrator: Client, company: Company
) -> None:
    """The form of another administrator did not show him."""
    url = f"/admin/treasury/department/{company.department.pk}/change/"
    page = opened(administrator, url)
    company.department.budget_holders.add(company.fedor)
    data = page | {"budget_holders": [company.boris.pk]}
    assert administrator.post(url, data).status_code == 302
    assert set(company.department.budget_holders.all()) == {company.boris, company.fedor}
    [event] = AccountEvent.objects.all()
    assert (event.employee, event.action) == (company.vera, AccountEvent.Action.DISMISSED)


def test_members_of_groups_are_journalled(administrator: Client, company: Company) -> None:
    treasurers = ApproverGroup.objects.get(code="treasurers")
    vera = {"employee": company.vera.pk, "organization": company.organization.pk}
    assert save_group(administrator, treasurers, vera).status_code == 302
    [event] = company.vera.account_events.all()
    assert event.action == AccountEvent.Action.APPOINTED
    assert "Казначеи: ООО «Ромашка»" in of(administrator, company.vera)


def test_a_member_who_is_exchanged_is_one_less_and_one_more(
    administrator: Client, company: Company
) -> None:
    group = ApproverGroup.objects.get(code="treasurers")
    [member] = group.memberships.all()
    data = {
        "name": group.name, "code": group.code, "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1, "memberships-0-id": member.pk,
        "memberships-0-group": group.pk, "memberships-0-employee": company.vera.pk,
        "memberships-0-organization": "",
    }  # fmt: skip
    url = f"/admin/treasury/approvergroup/{group.pk}/change/"
    assert save(administrator, url, data).status_code == 302
    told = AccountEvent.objects.order_by("id").values_list("employee__last_name", "action")
    assert list(told) == [("Белова", "dismissed"), ("Лебедева", "appointed")]
    assert [row.employee for row in group.memberships.all()] == [company.vera]


def test_a_deleted_group_dismisses_its_members(administrator: Client, company: Company) -> None:
    group = ApproverGroup.objects.create(code="spare", name="Запасные")
    group.memberships.create(employee=company.vera)
    url = f"/admin/treasury/approvergroup/{group.pk}/delete/"
    assert administrator.post(url, {"post": "yes"}).status_code == 302
    [event] = company.vera.account_events.all()
    assert event.action == AccountEvent.Action.DISMISSED


def test_a_changed_route_is_told_in_the_journal_of_routes(
    administrator: Client, company: Company
) -> None:
    rows, url = rows_of(company.route), address(company.route)
    rows[2] |= {"quorum": "all"}
    rows[1]["DELETE"] = "on"
    assert save(administrator, url, sent(company.route, rows)).status_code == 302
    page = unescape(text_of(administrator.get(ROUTES)))
    assert "Stage “Казначей”: Quorum: Any one → All" in page
    assert "Stage “Финансовый менеджер”: deleted" in page
    russian = unescape(text_of(administrator.get(ROUTES, headers={"accept-language": "ru"})))
    assert "Этап «Казначей»: Кворум: Любой один → Все" in russian


def test_a_route_is_added_and_deleted_with_a_trace(administrator: Client, company: Company) -> None:
    data = {
        "name": "Запасной", "organization": company.organization.pk, "same_person": "skip",
        "min_people": "2",
        "stages-TOTAL_FORMS": "1", "stages-INITIAL_FORMS": "0", "stages-0-name": "Держатель",
        "stages-0-position": "1", "stages-0-approvers": "budget_holders",
        "stages-0-concern": "budget", "stages-0-quorum": "any",
    }  # fmt: skip
    url = "/admin/treasury/approvalroute/"
    assert administrator.post(f"{url}add/", data).status_code == 302
    added = RouteEvent.objects.get()
    delete = administrator.post(f"{url}{added.route}/delete/", {"post": "yes"})
    assert delete.status_code == 302
    assert RouteEvent.objects.count() == 2
    page = unescape(text_of(administrator.get(ROUTES)))
    assert "Added; Name: Запасной" in page
    assert "Deleted; Name: Запасной → —" in page


def test_who_changes_his_own_address_stays_signed_in(company: Company) -> None:
    Employee.objects.filter(pk=company.gleb.pk).update(is_superuser=True)
    superuser = browse(company.gleb)
    data = employee_form(company.gleb, email="gleb@example.com", is_staff="on", is_superuser="on")
    url = f"{PEOPLE}{company.gleb.pk}/change/"
    assert save(superuser, url, data).status_code == 302
    assert superuser.get(url).status_code == 200
    company.gleb.refresh_from_db()
    assert company.gleb.email == "gleb@example.com"


def test_nobody_makes_himself_a_holder(administrator: Client, company: Company) -> None:
    """In full on the page that refuses it."""
    holders = [company.boris, company.vera, company.gleb]
    refused = save_department(administrator, company.department, holders)
    assert refused.status_code == 403
    assert "Nobody makes himself an approver" in text_of(refused)
    assert company.gleb not in company.department.budget_holders.all()


def test_ones_own_new_password_is_journalled_and_ends_the_other_sessions(
    administrator: Client, company: Company
) -> None:
    company.gleb.refresh_from_db()
    elsewhere = Client(headers={"accept-language": "en"})
    elsewhere.force_login(company.gleb)
    new = "quite-another-secret-9"
    data = {"old_password": "wrong", "new_password1": new, "new_password2": new}
    assert "old_password" in administrator.post(PASSWORD, data).context["form"].errors
    assert not AccountEvent.objects.exists()
    data["old_password"] = "secret-of-the-tests"
    assert administrator.post(PASSWORD, data).status_code == 302
    [event] = company.gleb.account_events.all()
    assert (event.action, event.actor, event.data) == ("password_set", company.gleb, {})
    assert administrator.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    company.gleb.refresh_from_db()
    assert company.gleb.check_password(new)
