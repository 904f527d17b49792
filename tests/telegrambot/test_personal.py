"""A person hears in Telegram of what others do to his account."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from oauth import linking
from oauth.models import UserToken
from telegrambot.models import Chat, SentMessage
from tests.company import ADMIN, Company
from treasury.models import ApproverGroup, Employee
from treasury.services import appointments, passwords, people

RIGHTS = ("change_employee", "change_department", "change_approvergroup")


@pytest.fixture
def gleb(company: Company) -> Employee:
    """The administrator; everyone reads English."""
    Employee.objects.update(language="en")
    for person in (company.vera, company.sergey):
        person.refresh_from_db()
    return company.allow(company.gleb, *RIGHTS)


def change(employee: Employee, actor: Employee, **fields: Any) -> None:
    people.change(employee=employee, actor=actor, channel=ADMIN, fields=fields)


def heard(company: Company, employee: Employee) -> list[str]:
    chat = company.telegram_id(employee)
    notices = SentMessage.objects.filter(kind="notice")
    return list(
        notices.filter(chat__telegram_id=chat).order_by("id").values_list("text", flat=True)
    )


def test_of_roles_that_are_given_and_taken(company: Company, gleb: Employee) -> None:
    treasurer = Group.objects.get(name="Казначей")
    change(company.vera, gleb, groups=[treasurer], is_staff=True)
    change(company.vera, gleb, groups=[])
    assert heard(company, company.vera) == [
        "You have a new role in the back office: Казначей.\nDone by: Г. Чужов.",
        "You do not have this role in the back office any more: Казначей.\nDone by: Г. Чужов.",
    ]


def test_of_appointments(company: Company, gleb: Employee) -> None:
    appointments.change_holders(
        department=company.department, joined=[company.sergey], left=[company.vera], actor=gleb,
        channel=ADMIN,
    )  # fmt: skip
    appointments.change_members(
        group=ApproverGroup.objects.get(code="treasurers"), joined=[(company.sergey, None)],
        actor=gleb, channel=ADMIN,
    )  # fmt: skip
    place = "budget holder: Производство, ООО «Ромашка»"
    assert heard(company, company.sergey) == [
        f"You approve payment requests in a new part: {place}.\nDone by: Г. Чужов.",
        "You approve payment requests in a new part: Казначеи: all organizations.\n"
        "Done by: Г. Чужов.",
    ]
    [lost] = heard(company, company.vera)
    assert lost.startswith("You do not approve payment requests in this part any more")
    assert heard(company, company.boris) == []


def test_of_a_new_address_and_of_a_link(company: Company, gleb: Employee) -> None:
    passwords.send_link(employee=company.vera, actor=gleb, channel=ADMIN)
    Employee.objects.filter(pk=gleb.pk).update(is_superuser=True)
    change(company.vera, gleb, email="vera@example.com")
    link, address = heard(company, company.vera)
    assert f"A link to set your password was sent to {company.vera.email}." in link
    assert "You sign in as vera@example.com from now on" in address
    assert "tell the administrator at once" in address


def test_of_a_revoked_link_where_it_was(company: Company, gleb: Employee) -> None:
    linking.revoke(token=UserToken.objects.get(employee=company.vera), actor=gleb)
    [text] = heard(company, company.vera)
    assert text.startswith("This Telegram account is not linked to you as an employee any more.")


def test_who_leaves_hears_that_his_account_is_unlinked_and_links_anew(
    company: Company, gleb: Employee
) -> None:
    change(company.vera, gleb, is_active=False)
    change(company.vera, gleb, is_active=True)
    assert len(heard(company, company.vera)) == 1
    assert not UserToken.objects.filter(employee=company.vera, revoked_at=None).exists()


def test_nobody_is_told_what_he_does_himself(company: Company, gleb: Employee) -> None:
    auditor = Group.objects.get(name="Аудитор")
    gleb.groups.add(auditor)
    change(gleb, gleb, groups=[])
    assert heard(company, gleb) == []


def test_of_what_is_no_matter_of_rights_nobody_is_told(company: Company, gleb: Employee) -> None:
    change(company.vera, gleb, last_name="Громова", is_staff=True)
    assert heard(company, company.vera) == []


def test_a_chat_that_cannot_be_spoken_to_gets_it_later(company: Company, gleb: Employee) -> None:
    Chat.objects.filter(telegram_id=company.telegram_id(company.vera)).update(state="blocked")
    change(company.vera, gleb, groups=Group.objects.filter(name="Аудитор"))
    [text] = heard(company, company.vera)
    assert "Аудитор" in text


def test_each_hears_in_his_own_language(company: Company, gleb: Employee) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(language="ru")
    change(company.vera, gleb, groups=Group.objects.filter(name="Аудитор"))
    [text] = heard(company, company.vera)
    assert text.startswith("У вас новая роль в бэк-офисе: Аудитор.")


def test_whoever_takes_over_an_account_does_not_hear_that_it_was_revoked(
    company: Company, gleb: Employee
) -> None:
    Employee.objects.filter(pk=company.vera.pk).update(is_active=False)
    UserToken.objects.filter(employee=company.sergey).delete()
    account = company.telegram_id(company.vera)
    address = linking.begin(telegram_id=account, telegram_name="Sergey")
    link = linking.find(address.rstrip("/").rsplit("/", 1)[-1])
    linking.signed_in(link=link, employee=company.sergey)
    link.refresh_from_db()
    assert linking.finish(telegram_id=account, code=linking.code_of(link)) == company.sergey
    assert heard(company, company.vera) == []
