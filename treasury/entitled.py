"""Who was entitled to approve at a moment: what stands now, with every later entry undone.

The journal knows of appointments made since the migration `0020_people_journal`: a moment before it
is answered as it was then. Who stood in for somebody is the delegations' to say.
"""

from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import TypeVar

from django.db import models

from treasury.models import AccountEvent, ApproverGroup, Department, Employee, Organization

Action = AccountEvent.Action
Key = TypeVar("Key", bound=Hashable)

# What an entry did to a set: in or out.
_ENTRIES = {Action.APPOINTED: True, Action.RETURNED: True, Action.DISMISSED: False,
            Action.LEFT: False}  # fmt: skip


def holders_at(moment: datetime, department: Department) -> set[Employee]:
    """The budget holders of the department who worked here."""
    present = set(department.budget_holders.values_list("pk", flat=True))
    entries = _later(moment, Action.APPOINTED, Action.DISMISSED).filter(
        data__department=department.pk
    )
    return _working(moment, undone(present, ((e.employee_id, e.action) for e in entries)))


def members_at(moment: datetime, group: ApproverGroup, organization: Organization) -> set[Employee]:
    """The members of the group, for this organization or for all, who worked here."""
    present = set(group.memberships.values_list("employee", "organization"))
    entries = _later(moment, Action.APPOINTED, Action.DISMISSED).filter(data__group=group.pk)
    seats = undone(present, (((e.employee_id, e.data["organization"]), e.action) for e in entries))
    return _working(moment, {person for person, of in seats if of in (None, organization.pk)})


def undone(present: Iterable[Key], entries: Iterable[tuple[Key, str]]) -> set[Key]:
    """The set before these entries, of which the newest comes first."""
    then = set(present)
    for key, action in entries:
        (then.discard if _ENTRIES[Action(action)] else then.add)(key)
    return then


def _later(moment: datetime, *actions: Action) -> "models.QuerySet[AccountEvent]":
    return AccountEvent.objects.filter(at__gt=moment, action__in=actions).order_by("-id")


def _working(moment: datetime, people: set[int]) -> set[Employee]:
    now = Employee.objects.filter(is_active=True).values_list("pk", flat=True)
    entries = _later(moment, Action.LEFT, Action.RETURNED).filter(employee__in=people)
    here = undone(now, ((e.employee_id, e.action) for e in entries))
    return set(Employee.objects.filter(pk__in=people & here))
