"""Whose an approval task is: its assignee's and, while he is away, his deputy's."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from treasury.models.organizations import Employee


def tasks_of(employee: Employee) -> list[Q]:
    """The tasks that are this person's now: his own, and those he stands in for as a deputy.

    Each of these alternatives can be looked up in an index. The delegations are read first: a join
    with them would have the database walk through the whole history.
    """
    people, scoped = [employee.pk], []
    running = employee.deputising.running().filter(principal__is_active=True).order_by()
    for principal, organization, stage in running.values_list("principal", "organization", "stage"):
        if organization is not None:
            scoped.append(Q(employee=principal, request__organization=organization))
        elif stage is not None:
            scoped.append(Q(employee=principal, stage__route_stage=stage))
        else:
            people.append(principal)
    return [Q(employee__in=people), *scoped]


def asks(employee: Employee) -> Q:
    """He asks for the money."""
    return Q(author=employee) | Q(requester=employee)


def made_by(employee: Employee, request: str = "") -> Q:
    """As `PaymentRequest.asking`; `request` is the path to it."""
    names = ("author", "requester", "makers__holds")
    return reduce(or_, (Q(**{f"{request}{name}": employee.pk}) for name in names))


def ties(employee: Employee) -> list[QuerySet[Any]]:
    """What ties a person to requests, beside asking for them: rows with a `request`."""
    tasks = employee.tasks.model.objects.order_by()
    # A former deputy may go on reading what he decided.
    decided = employee.decisions.exclude(on_behalf_of=None).order_by()
    return [*(tasks.filter(own) for own in tasks_of(employee)), decided]
