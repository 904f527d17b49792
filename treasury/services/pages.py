"""The history of a row's page in the back office, for what is done elsewhere."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model

from treasury.models import Employee


def note(row: Model, flag: int, parts: list[Any], actor: Employee) -> None:
    """As if it had been done there: `flag` and `parts` are as Django's own record has them."""
    LogEntry.objects.log_actions(actor.pk, [row], flag, parts, single_object=True)
