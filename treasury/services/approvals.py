"""Reading the approval of a request under the lock of its row, and writing what has changed."""

from collections.abc import Iterable

from treasury import approval
from treasury.approval import Approval
from treasury.models import ApprovalStage, ApprovalTask, Decision, PaymentRequest


def lock(pk: int) -> PaymentRequest:
    """The request's row as it is now, until the end of the transaction."""
    # Not FOR UPDATE: the foreign keys of rows that refer to the request are checked at the
    # commit of their transactions, which would meet it in a deadlock.
    return PaymentRequest.objects.select_for_update(no_key=True).get(pk=pk)


def locked(task: ApprovalTask) -> tuple[Approval, ApprovalTask]:
    """The approval to which the task belongs, and the task as it is now."""
    found = approval.read(lock(task.request_id))
    current = next((one for one in found.tasks if one.pk == task.pk), None)
    if current is None:
        # Of a stage that counts no more.
        current = ApprovalTask.objects.select_related("stage", "employee").get(pk=task.pk)
        current.request = found.request
    return found, current


def write(found: Approval) -> None:
    """What has changed, in that order; the request itself goes with its journal entry.

    Raises `IntegrityError` where the lock was not held.
    """
    stages = [row for row in found.changed if isinstance(row, ApprovalStage)]
    tasks = [row for row in found.changed if isinstance(row, ApprovalTask)]
    _write_tasks(task for task in tasks if task.pk)
    for stage in stages:
        if stage.pk:
            stage.save(update_fields=["state", "opened_at", "closed_at"])
    ApprovalStage.objects.bulk_create(stage for stage in stages if not stage.pk)
    ApprovalTask.objects.bulk_create([task for task in tasks if not task.pk])
    Decision.objects.bulk_create([row for row in found.changed if isinstance(row, Decision)])
    found.changed.clear()


def _write_tasks(tasks: Iterable[ApprovalTask]) -> None:
    closed = []
    for task in tasks:
        if task.status == ApprovalTask.Status.CLOSED:
            closed.append(task.pk)
        else:
            task.save(update_fields=["status", "origin", "revision"])
    if closed:
        ApprovalTask.objects.filter(pk__in=closed).update(status=ApprovalTask.Status.CLOSED)
