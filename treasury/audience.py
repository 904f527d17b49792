"""Who must know of what is in the journal. Which ways there are to tell them, it does not know."""

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from treasury.models import ApprovalTask, Delegation, Event, PaymentRequest
from treasury.prepared import Prepared
from treasury.workflow import TALK, Action, Status

_OPEN = Prepared(
    lambda request: ApprovalTask.objects.filter(request=request, status=ApprovalTask.Status.OPEN),
    int,
    related={"stage": ()},
)
_RUNNING = Prepared(
    lambda now, people: Delegation.objects.running(now).filter(principal__pk__among=people),
    datetime, list,
    related={"principal": ()},
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """A comment, by its key, and the entry that tells of it; `heard_by` are to be told of it once,
    never who has said it."""

    comment: int
    event: Event
    heard_by: AbstractSet[int]


@dataclass(frozen=True)
class Audience:
    """People by their keys.

    `asked` are those who may decide now, each with the task by which. The `concerned` hear of the
    `ending`, the entry by which the request has ended. With `organization` and `department` the
    groups of either hear of `last`, the newest entry. `said` are the comments, the oldest first.
    """

    last: Event
    asked: Sequence[tuple[ApprovalTask, int]] = ()
    ending: Event | None = None
    concerned: AbstractSet[int] = frozenset()
    organization: int | None = None
    department: int | None = None
    said: Sequence[Said] = ()

    @property
    def people(self) -> set[int]:
        spoken_to = (comment.heard_by for comment in self.said)
        return {person for _task, person in self.asked}.union(self.concerned, *spoken_to)


def of(request: PaymentRequest, events: Sequence[Event]) -> Audience:
    """Of these entries of the request's journal, the oldest first."""
    endings = [event for event in events if _is_ending(event)]
    shown = _concerns_groups(request, {event.action for event in events})
    waits_for = asked(request) if request.status == Status.IN_APPROVAL else []
    return Audience(
        last=events[-1],
        asked=waits_for,
        # Of two endings the last.
        ending=endings[-1] if endings else None,
        concerned=request.asking if endings else frozenset(),
        organization=request.organization_id if shown else None,
        department=request.department_id if shown else None,
        said=[
            Said(event.data["comment"], event, frozenset(_spoken_to(request, event, waits_for)))
            for event in events
            if event.action in TALK
        ],
    )


def asked(request: PaymentRequest) -> list[tuple[ApprovalTask, int]]:
    """Everyone who may decide at the open stage, and nobody else."""
    tasks = _OPEN(request.pk)
    for task in tasks:
        task.request = request
    return [*((task, task.employee_id) for task in tasks), *standing_in(tasks)]


def standing_in(tasks: Collection[ApprovalTask]) -> Iterator[tuple[ApprovalTask, int]]:
    """Who stands in on these tasks now; never those who ask for the money."""
    running = _RUNNING(timezone.now(), [task.employee_id for task in tasks])
    for task in tasks:
        for delegation in running:
            is_his = delegation.principal_id == task.employee_id
            if is_his and delegation.reaches(task.request, task.stage):
                yield task, delegation.deputy_id


def asked_by_deputies() -> list[tuple[ApprovalTask, int]]:
    """What waits for those who are away, and for whom it waits meanwhile."""
    away = Delegation.objects.running().values("principal")
    tasks = ApprovalTask.objects.filter(
        status=ApprovalTask.Status.OPEN, employee__in=away, employee__is_active=True
    )
    return list(standing_in(tasks.select_related("request", "stage")))


def awaited() -> set[int]:
    """Everyone for whom something may wait: who is asked, or stands in for one who is."""
    open_tasks = ApprovalTask.objects.filter(status=ApprovalTask.Status.OPEN).order_by()
    asked = set(open_tasks.values_list("employee", flat=True).distinct())
    return asked | {away.deputy_id for away in _RUNNING(timezone.now(), list(asked))}


def _spoken_to(
    request: PaymentRequest, event: Event, asked: Sequence[tuple[ApprovalTask, int]]
) -> set[int]:
    """Of an edit only who is named: the others were told of the comment."""
    people = set(event.data["mentioned"])
    if event.action == Action.COMMENT:
        approvers = (person for _task, person in asked)
        people.update(approvers, request.asked_by, event.data["answered"])
    return people - {event.actor_id}


def _concerns_groups(request: PaymentRequest, actions: Collection[str]) -> bool:
    """A group hears of what was submitted, and of changes while it is not being reworked."""
    if Action.SUBMIT in actions:
        return request.status != Status.DRAFT
    return Action.CHANGE in actions and request.status in (Status.IN_APPROVAL, Status.APPROVED)


def _is_ending(event: Event) -> bool:
    if event.action in (Action.DECLINE, Action.RETURN):
        return True
    # A draft that nobody had been asked about ends in silence.
    if event.action == Action.CANCEL:
        return event.revision > 0
    # Earlier approvals may fulfil every stage, so that it ends with a submit or a change; or the
    # only one who had not approved has lost his role.
    ends = event.action in (Action.APPROVE, Action.SUBMIT, Action.REASK)
    ends = ends or event.data.get("material", False)
    return bool(ends and event.status == Status.APPROVED)
