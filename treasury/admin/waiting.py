"""What an appointment leaves behind, said to whoever has changed it: requests that stand still."""

from collections.abc import Collection
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treasury.models import ApprovalTask, Employee
from treasury.services import followers

# More numbers than this are no warning but a list.
NUMBERS_SHOWN = 5


def warn_of_leaver(request: HttpRequest, employee: Employee) -> None:
    """He is asked no more; what could not be asked of others would stand still unnoticed."""
    # After the commit, when the tasks have followed.
    transaction.on_commit(partial(_warn_of_leaver, request, employee))


def warn_of_nobody(
    request: HttpRequest, *, departments: Collection[int] = (), groups: Collection[int] = ()
) -> None:
    """These departments and groups have lost the last who could decide."""
    transaction.on_commit(partial(_warn_of_nobody, request, departments, groups))


def _warn_of_leaver(request: HttpRequest, employee: Employee) -> None:
    open_tasks = employee.tasks.filter(status=ApprovalTask.Status.OPEN).order_by("request_id")
    numbers = list(open_tasks.values_list("request__number", flat=True))
    if numbers:
        text = _(
            "These requests still wait for this employee: %(numbers)s. "
            "The tasks can be handed over on the pages of the requests."
        )
        messages.warning(request, text % {"numbers": _listed(numbers)})


def _warn_of_nobody(
    request: HttpRequest, departments: Collection[int], groups: Collection[int]
) -> None:
    numbers = followers.stranded(departments=departments, groups=groups)
    if numbers:
        text = ngettext(
            "%(count)d request waits for nobody who may decide: %(numbers)s. Appoint an approver, "
            "or hand the task over on the page of the request.",
            "%(count)d requests wait for nobody who may decide: %(numbers)s. Appoint an approver, "
            "or hand the tasks over on the pages of the requests.",
            len(numbers),
        )
        messages.warning(request, text % {"count": len(numbers), "numbers": _listed(numbers)})


def _listed(numbers: list[str]) -> str:
    shown, rest = ", ".join(numbers[:NUMBERS_SHOWN]), len(numbers) - NUMBERS_SHOWN
    if rest <= 0:
        return shown
    return _("%(numbers)s and %(count)d more") % {"numbers": shown, "count": rest}
