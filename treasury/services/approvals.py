"""Reading the approval of a request under the lock of its row, and writing what has changed."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from django.db import connection, transaction
from django.db.models import Case, Value, When

from treasury import approval, deadlines, journal
from treasury.approval import Approval
from treasury.models import ApprovalStage, ApprovalTask, Decision, PaymentRequest, Revision
from treasury.prepared import Prepared, PreparedUpdate, insert, update

# Not FOR UPDATE: the foreign keys of rows that refer to the request are checked at the commit of
# their transactions, which would meet it in a deadlock.
_BY_KEY = Prepared(
    lambda request: PaymentRequest.objects.select_for_update(no_key=True).filter(pk=request), int
)
_OF_TASK = Prepared(
    lambda task: PaymentRequest.objects.select_for_update(no_key=True).filter(
        pk__in=ApprovalTask.objects.filter(pk=task).values("request")
    ),
    int,
)
# What is decided on, and of who pays and is paid what `facts.parties` tells now.
_FACTS = Prepared(
    lambda snapshot: Revision.objects.filter(pk=snapshot),
    int,
    related={
        "request": ("id", "organization_id", "counterparty_id"),
        "request__organization": ("id", "name", "inn", "kpp"),
        "request__counterparty": ("id", "name", "inn", "kpp", "country", "kio", "tax_number"),
    },
)
# A press decides one task and closes the others: in one statement.
_END = PreparedUpdate(
    lambda ended, _decided: ApprovalTask.objects.filter(pk__among=ended),
    list,
    list,
    change=lambda _ended, decided: {
        "status": Case(
            When(pk__among=decided, then=Value(ApprovalTask.Status.DECIDED)),
            default=Value(ApprovalTask.Status.CLOSED),
        )
    },
)
_OF_STAGE = ("state", "revision", "opened_at", "closed_at", "due_at", "remind_at")


def joined() -> AbstractContextManager[object]:
    """The transaction of the caller, or one of its own.

    Without a savepoint, of which each press would pay two statements: whoever refuses in it has
    written nothing yet.
    """
    return nullcontext() if connection.in_atomic_block else transaction.atomic()


def lock(pk: int) -> PaymentRequest:
    """The request's row as it is now, until the end of the transaction.

    Raises `PaymentRequest.DoesNotExist`.
    """
    request = _BY_KEY.first(pk)
    if request is None:
        raise PaymentRequest.DoesNotExist
    journal.remember(request)
    return request


def locked(task: ApprovalTask) -> tuple[Approval, ApprovalTask]:
    """The approval to which the task belongs, and the task as it is now; its key is enough.

    Raises `ApprovalTask.DoesNotExist`.
    """
    request = _OF_TASK.first(task.pk)
    if request is None:
        raise ApprovalTask.DoesNotExist
    journal.remember(request)
    _add_facts(request)
    found = approval.read(request)
    current = found.find(task.pk)
    if current is None:
        current = ApprovalTask.objects.select_related("stage", "employee").get(pk=task.pk)
        current.request = found.request
    return found, current


def _add_facts(request: PaymentRequest) -> None:
    """What is decided on, and who pays and is paid now.

    Not with the row that is locked: PostgreSQL would join what it found before it had to wait.
    """
    if request.snapshot_id is None:
        return
    [request.snapshot] = _FACTS(request.snapshot_id)
    named = request.snapshot.request
    request.organization, request.counterparty = named.organization, named.counterparty


def write(found: Approval) -> None:
    """What has changed; the request itself goes with its journal entry.

    Raises `IntegrityError` where the lock was not held.
    """
    stages = [row for row in found.changed if isinstance(row, ApprovalStage)]
    tasks = [row for row in found.changed if isinstance(row, ApprovalTask)]
    _write_tasks(task for task in tasks if task.pk)
    for stage in stages:
        if stage.state == ApprovalStage.State.OPEN:
            deadlines.begin(stage)
    # The open one last: the database takes no other beside it.
    for stage in sorted(stages, key=lambda stage: stage.state == ApprovalStage.State.OPEN):
        if stage.pk:
            update(stage, _OF_STAGE)
    insert([stage for stage in stages if not stage.pk])
    insert([task for task in tasks if not task.pk])
    insert([row for row in found.changed if isinstance(row, Decision)])
    found.changed.clear()


def _write_tasks(tasks: Iterable[ApprovalTask]) -> None:
    ended, decided = [], []
    for task in tasks:
        if task.status == ApprovalTask.Status.OPEN:
            update(task, ["status", "origin", "revision"])
            continue
        ended.append(task.pk)
        if task.status == ApprovalTask.Status.DECIDED:
            decided.append(task.pk)
    if ended:
        _END(ended, decided)
