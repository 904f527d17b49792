"""Whose an approval task is: its assignee's and, while he is away, his deputy's."""

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q, QuerySet

from treasury.models.organizations import Employee

if TYPE_CHECKING:
    from treasury.models.delegations import Delegation


def tasks_of(employee: Employee) -> list[Q]:
    """The tasks that are this person's now: his own, and those he stands in for as a deputy.

    Each of these alternatives can be looked up in an index. The delegations are read first: a join
    with them would have the database walk through the whole history.
    """
    return [Q(employee=employee.pk), *(away.reached() for away in _running(employee))]


def _running(employee: Employee) -> "list[Delegation]":
    return list(employee.deputising.running().select_related("principal").order_by())


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
    tasks, running = employee.tasks.model.objects.order_by(), _running(employee)
    own = tasks.filter(employee=employee.pk)
    principals = tasks.filter(employee__in=[away.principal_id for away in running])
    # A former deputy may go on reading what he decided.
    decided = employee.decisions.exclude(on_behalf_of=None).order_by()
    # A superior what waited for too long.
    heard_of = employee.heard_of.order_by()
    return [
        Tie(own, own),
        *(Tie(tasks.filter(away.reached()), principals) for away in running),
        Tie(decided, decided),
        Tie(heard_of, heard_of),
    ]
