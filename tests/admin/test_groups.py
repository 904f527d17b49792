"""The members of a group of approvers, as the administrator edits them."""

from typing import Any

import pytest
from django.test import Client

from tests.admin import conftest
from tests.admin.conftest import text_of
from tests.company import Company
from treasury.models import ApproverGroup, GroupMembership, Organization


@pytest.fixture
def treasurers(company: Company) -> ApproverGroup:
    return ApproverGroup.objects.get(code="treasurers")


def save(administrator: Client, group: ApproverGroup, *added: dict[str, Any]) -> Any:
    [member] = group.memberships.all()
    rows = [{"id": member.pk, "employee": member.employee_id, "organization": ""}, *added]
    data: dict[str, Any] = {"name": group.name, "code": group.code}
    data |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": 1}
    for number, row in enumerate(rows):
        data |= {f"memberships-{number}-{name}": value for name, value in row.items()}
        data[f"memberships-{number}-group"] = group.pk
    address = f"/admin/treasury/approvergroup/{group.pk}/change/"
    return conftest.save(administrator, address, data)


def test_the_same_member_twice_is_said_at_the_second(
    administrator: Client, company: Company, treasurers: ApproverGroup
) -> None:
    vera = {"employee": company.vera.pk, "organization": ""}
    response = save(administrator, treasurers, vera, vera)
    assert response.status_code == 200
    assert "This member is in the group already." in text_of(response)
    assert treasurers.memberships.count() == 1


def test_one_may_be_a_member_for_two_organizations(
    administrator: Client, company: Company, treasurers: ApproverGroup
) -> None:
    other = Organization.objects.create(name="ООО «Лютик»", code="ЛЮТ", inn="500100732259")
    rows = [
        {"employee": company.vera.pk, "organization": organization.pk}
        for organization in (company.organization, other)
    ]
    assert save(administrator, treasurers, *rows).status_code == 302
    assert GroupMembership.objects.filter(employee=company.vera).count() == 2
