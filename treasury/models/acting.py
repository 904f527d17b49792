"""Whose an approval task is: its assignee's and, while he is away, his deputy's."""

from django.db.models import F, Q
from django.utils import timezone

from treasury.models.organizations import Employee


def acts_on_tasks(employee: Employee, path: str = "") -> Q:
    """The tasks that are this person's now: his own, and those he stands in for as a deputy.

    `path` leads from the filtered model to the task, such as `tasks__`.
    """
    now = timezone.now()
    delegation = f"{path}employee__delegations__"
    running = {
        f"{path}employee__is_active": True,
        f"{delegation}deputy": employee,
        f"{delegation}since__lte": now,
        f"{delegation}until__gt": now,
    }
    return Q(**{f"{path}employee": employee}) | (
        Q(**running)
        & _none_or(f"{delegation}organization", f"{path}request__organization")
        & _none_or(f"{delegation}stage", f"{path}stage__route_stage")
    )


def _none_or(scope: str, place: str) -> Q:
    """The scope names nothing, or just this place."""
    return Q(**{scope: None}) | Q(**{scope: F(place)})
