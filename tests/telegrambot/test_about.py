"""What a person may ask about himself: /whoami and /why."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from telegrambot.content.markup import TEXT_LIMIT, visible_length
from tests.company import Company
from tests.telegrambot import bot
from treasury.models import (
    ApprovalRoute,
    Approvers,
    Delegation,
    Department,
    Employee,
    GroupMembership,
    Organization,
)
from treasury.services import delegations
from treasury.workflow import Concern


@pytest.fixture(autouse=True)
def english(company: Company) -> None:
    Employee.objects.update(language="en")


def write(company: Company, who: Employee, text: str) -> str:
    return str(bot.reply_to(bot.message(company.telegram_id(who), text))["text"])


def delegate(company: Company, principal: Employee, deputy: Employee) -> Delegation:
    return delegations.begin(
        principal=principal,
        deputy=deputy,
        until=timezone.now() + timedelta(days=3),
        actor=principal,
        channel="telegram",
    )


def test_whoami_tells_a_budget_holder_his_departments_and_stages(company: Company) -> None:
    text = write(company, company.boris, "/whoami")
    assert text.startswith(f"<b>Орлов Борис</b>\n{company.boris.email}")
    assert "Budget holder: Производство, ООО «Ромашка»" in text
    assert "Основной: 1. Держатель бюджета" in text
    assert "Финансовый менеджер" not in text
    assert "Маркетинг" not in text


def test_whoami_tells_the_groups_and_for_which_organization(company: Company) -> None:
    membership = GroupMembership.objects.get(employee=company.fedor)
    assert f"{membership.group}: all organizations" in write(company, company.fedor, "/whoami")
    assert "Основной: 2. Финансовый менеджер" in write(company, company.fedor, "/whoami")

    GroupMembership.objects.update(organization=company.organization)
    text = write(company, company.fedor, "/whoami")
    assert f"{membership.group}: ООО «Ромашка»" in text
    assert "Основной: 2. Финансовый менеджер" in text


def test_whoami_leaves_out_routes_for_others(company: Company) -> None:
    GroupMembership.objects.update(organization=company.organization)
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    ApprovalRoute.objects.update(organization=other)
    for person in (company.boris, company.fedor):
        assert "Основной" not in write(company, person, "/whoami")
    ApprovalRoute.objects.update(organization=None, is_active=False)
    assert "Основной" not in write(company, company.boris, "/whoami")


def test_whoami_tells_the_roles_in_the_back_office(company: Company) -> None:
    company.anna.groups.add(Group.objects.get_or_create(name="<Бухгалтер>")[0])
    text = write(company, company.anna, "/whoami")
    assert "In the back office: &lt;Бухгалтер&gt;" in text
    assert "Stages" not in text


def test_whoami_tells_the_delegations_in_both_directions(company: Company) -> None:
    until = timezone.localtime(delegate(company, company.boris, company.sergey).until)
    when = f"{until:%d.%m.%Y %H:%M}"
    mine, his = (write(company, who, "/whoami") for who in (company.boris, company.sergey))
    assert "С. Посторонних decides for you too, from " in mine
    assert "You decide for Б. Орлов too, from " in his
    for text in (mine, his):
        assert f"until {when}: Everything" in text
    Delegation.objects.update(
        since=timezone.now() - timedelta(days=2), until=timezone.now() - timedelta(days=1)
    )
    assert "decides for you" not in write(company, company.boris, "/whoami")


def test_whoami_fits_into_a_message_however_much_there_is_to_tell(company: Company) -> None:
    for number in range(80):
        department = Department.objects.create(
            organization=company.organization, name=f"{'<' * 100} {number}"
        )
        department.budget_holders.add(company.boris)
        Delegation.objects.create(
            principal=company.boris,
            deputy=company.sergey,
            since=timezone.now() + timedelta(days=2 * number),
            until=timezone.now() + timedelta(days=2 * number + 1),
        )
        company.route.stages.create(
            position=100 + number,
            name=f"{'>' * 70} {number}",
            approvers=Approvers.BUDGET_HOLDERS,
            concern=Concern.BUDGET,
        )
    text = write(company, company.boris, "/whoami")
    assert visible_length(text) <= TEXT_LIMIT
    budgets, stages, absences = (block.splitlines() for block in text.split("\n\n")[1:])
    # Besides the lines there are the heading and what tells of the rest.
    assert budgets[-1] == f"… and {81 - (len(budgets) - 2)} more"
    assert stages[-1] == f"… and {81 - (len(stages) - 2)} more"
    assert absences[-1] == f"… and {80 - (len(absences) - 2)} more"
    assert min(map(len, (budgets, stages, absences))) > 5

    planned = bot.reply_to(bot.message(company.telegram_id(company.boris), "/away"))
    assert visible_length(planned["text"]) <= TEXT_LIMIT
    assert len(planned["reply_markup"]["inline_keyboard"]) <= 100


def test_why_tells_the_route_with_its_amounts_and_departments(company: Company) -> None:
    company.route.stages.filter(position=2).update(min_amount=Decimal(100_000))
    request = company.submitted()
    text = write(company, company.boris, f"/why {request.number}")
    assert request.number in text
    for fact in ("Основной", "Держатель бюджета", "Производство"):
        assert fact in text
    company.approve(request, company.boris)
    assert "100" in write(company, company.fedor, "/why 1")


def test_why_tells_a_deputy_for_whom(company: Company) -> None:
    company.submitted()
    delegate(company, company.boris, company.sergey)
    assert "Орлов" in write(company, company.sergey, "/why 1")


def test_why_says_when_nothing_was_asked(company: Company) -> None:
    company.submitted()
    assert "not been asked" in write(company, company.anna, "/why 1")


def test_why_tells_nothing_about_what_one_may_not_see(company: Company) -> None:
    request = company.submitted()
    hidden = write(company, company.gleb, f"/why {request.number}")
    assert hidden == write(company, company.gleb, "/why РОМ-2026-77777")
    assert request.number not in hidden


def test_why_without_a_number_tells_how_to_ask_and_about_what(company: Company) -> None:
    how = "Give the number, for example /why 17"
    assert write(company, company.boris, "/why") == how
    request, _hidden = company.submitted(), company.draft()
    told = write(company, company.boris, "/why")
    assert told == f"{how}\nThe newest requests: {request.number}"
    assert request.number not in write(company, company.gleb, "/why")


def test_why_needs_one_number(company: Company) -> None:
    request, twin = company.submitted(), company.submitted()
    year = timezone.localdate().year - 1
    type(twin).objects.filter(pk=twin.pk).update(number=f"РОМ-{year}-00001")
    text = write(company, company.boris, "/why 1")
    assert request.number in text
    assert f"РОМ-{year}-00001" in text
    assert "Основной" in write(company, company.boris, f"/why {request.number}")
