"""What the page of an employee says beside the form."""

from typing import Any

from django import template
from django.db.models import QuerySet

from treasury.admin import journal
from treasury.admin.roles import note
from treasury.models import ApprovalTask, Delegation, Employee

register = template.Library()

# More tasks than this are no list to read but a filter of the requests.
TASKS_SHOWN = 10


@register.inclusion_tag("admin/treasury/employee/duties.html", takes_context=True)
def duties(context: dict[str, Any], employee: Employee) -> dict[str, Any]:
    """For what the person is asked, what waits for him, and who stands in for whom."""
    user = context["user"]
    waiting = ApprovalTask.objects.open_for(employee)
    keeps_people = user.has_perm("treasury.change_employee")
    return {
        "roles": [(role.name, note(role)) for role in employee.groups.order_by("name")],
        "departments": employee.departments.select_related("organization"),
        "memberships": employee.memberships.select_related("group", "organization"),
        "consents": employee.consents.given().select_related("author") if keeps_people else (),
        "tasks": waiting.select_related("request__counterparty", "stage")[:TASKS_SHOWN],
        "task_count": waiting.count(),
        "delegations": _to_come(employee),
        "may_see_requests": user.has_perm("treasury.view_paymentrequest"),
        "may_see_delegations": user.has_perm("treasury.view_delegation"),
    }


@register.inclusion_tag("admin/treasury/employee/account.html", takes_context=True)
def account(context: dict[str, Any], employee: Employee) -> dict[str, Any]:
    """What happened to the account, for those who may read the journal of accounts."""
    allowed = context["user"].has_perm("treasury.view_accountevent")
    return {"allowed": allowed, "journal": journal.of_account(employee) if allowed else ""}


def _to_come(employee: Employee) -> QuerySet[Delegation]:
    mine = Delegation.objects.not_over().concerning(employee)
    scope = ("principal", "deputy", "organization", "stage__route")
    return mine.select_related(*scope).order_by("since")
