"""When an appointment changes, the cards follow."""

from tests.company import ADMIN, Company
from tests.telegrambot.phone import Line, Phone, PhoneOf
from treasury.models import ApproverGroup, Employee, GroupMembership, Quorum
from treasury.services import appointments


def swap_holders(company: Company, line: Line, joined: Employee, left: Employee) -> None:
    gleb = company.allow(company.gleb, "change_department")
    with line.committed():
        appointments.change_holders(
            department=company.department, joined=[joined], left=[left], actor=gleb, channel=ADMIN
        )
    line.deliver()


def test_a_new_holder_gets_the_card_and_the_former_loses_the_buttons(
    company: Company, line: Line, boris: Phone, sergey: Phone
) -> None:
    request = company.submitted()
    line.deliver()
    assert "✅ Approve" in boris.offers()
    assert sergey.offers() == []

    swap_holders(company, line, joined=company.sergey, left=company.boris)
    assert "✅ Approve" not in boris.offers()
    assert sergey.presses("✅ Approve").startswith("Approved")

    request.refresh_from_db()
    assert request.stage
    assert request.stage.position == 2


def test_who_gets_the_role_back_gets_the_buttons_back(
    company: Company, line: Line, boris: Phone
) -> None:
    company.submitted()
    line.deliver()
    swap_holders(company, line, joined=company.sergey, left=company.boris)
    swap_holders(company, line, joined=company.boris, left=company.sergey)
    assert boris.presses("✅ Approve").startswith("Approved")


def test_who_asked_hears_that_the_last_approval_is_needed_no_more(
    company: Company, line: Line, phone: PhoneOf
) -> None:
    group = ApproverGroup.objects.get(code="treasurers")
    GroupMembership.objects.create(group=group, employee=company.sergey)
    company.route.stages.filter(position=3).update(quorum=Quorum.ALL)
    request = company.submitted()
    for person in (company.boris, company.fedor, company.tamara):
        company.approve(request, person)
    line.deliver()
    gleb = company.allow(company.gleb, "change_approvergroup")
    with line.committed():
        appointments.change_members(
            group=group, left=[(company.sergey, None)], actor=gleb, channel=ADMIN
        )
    line.deliver()
    assert "Approved" in phone(company.anna).reads()[-1]
