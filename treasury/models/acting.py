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
    running = employee.deputising.running().select_related("principal").order_by()
    return [Q(employee=employee.pk), *(delegation.reached() for delegation in running)]


def asks(employee: Employee) -> Q:
    """He asks for the money."""
    return Q(author=employee) | Q(requester=employee)


def made_by(employee: int, request: str = "") -> Q:
    """As `PaymentRequest.asking`, of the person with this key; `request` is the path to it."""
    names = ("author", "requester", "makers__holds")
    return reduce(or_, (Q(**{f"{request}{name}": employee}) for name in names))


def ties(employee: Employee) -> list[QuerySet[Any]]:
    """What ties a person to requests, beside asking for them: rows with a `request`."""
    tasks = employee.tasks.model.objects.order_by()
    # A former deputy may go on reading what he decided.
    decided = employee.decisions.exclude(on_behalf_of=None).order_by()
    return [*(tasks.filter(own) for own in tasks_of(employee)), decided]
