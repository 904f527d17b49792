"""Whose an approval task is: its assignee's and, while he is away, his deputy's."""

from functools import reduce
from operator import or_
from typing import Any, NamedTuple

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


class Tie(NamedTuple):
    """`rows` have a `request`; they are among those of `gathered`, which an index alone tells."""

    rows: QuerySet[Any]
    gathered: QuerySet[Any]


def ties(employee: Employee) -> list[Tie]:
    """What ties a person to requests, beside asking for them."""
    tasks = employee.tasks.model.objects.order_by()
    first, *deputised = tasks_of(employee)
    own = tasks.filter(first)
    principals = employee.deputising.running().values_list("principal", flat=True)
    away = tasks.filter(employee__in=list(principals.order_by()))
    # A former deputy may go on reading what he decided.
    decided = employee.decisions.exclude(on_behalf_of=None).order_by()
    return [
        Tie(own, own),
        *(Tie(tasks.filter(reached), away) for reached in deputised),
        Tie(decided, decided),
    ]
