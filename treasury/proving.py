"""Proving that the journals and what was approved are what the product wrote down."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction
from django.db.models import prefetch_related_objects

from treasury import facts, kept_routes, passed, said, signing
from treasury.facts import Difference
from treasury.models import (
    AccountEvent,
    ApprovalStage,
    ApprovalTask,
    Attachment,
    Comment,
    Decision,
    Event,
    JournalEnd,
    PaymentRequest,
    Revision,
    RouteEvent,
)
from treasury.models.journal import Link
from treasury.models.requests import GENESIS
from treasury.workflow import DECISIONS, Action, PaymentStatus

# Requests that are read at once.
BATCH = 1000
# What a directory may say otherwise by now; the pages of its requests tell so.
_LAWFUL = {
    ("counterparty", "name"), ("counterparty", "kpp"), ("counterparty", "kio"),
    ("counterparty", "tax_number"), ("organization", "inn"),
    ("organization", "kpp"), ("vat_rate", "percent"),
}  # fmt: skip
_ROWS = (
    "organization", "department", "cash_flow_item", "counterparty", "counterparty_account__bank",
    "own_account__bank", "vat_rate", "requester",
)  # fmt: skip
_JOURNALS: Mapping[str, type[AccountEvent] | type[RouteEvent]] = {
    JournalEnd.Journal.ACCOUNTS: AccountEvent,
    JournalEnd.Journal.ROUTES: RouteEvent,
}
Progress = Callable[[int], None]


@dataclass(frozen=True)
class _Records:
    """Of one request, each in the order in which it was written."""

    events: list[Event] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    # Of those that count: the ones of former rounds prove nothing.
    stages: list[ApprovalStage] = field(default_factory=list)
    tasks: list[ApprovalTask] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)


def faults(progress: Progress | None = None) -> Iterator[tuple[str, str]]:
    """(whose, what is wrong): of a request or a journal the first fault only.

    `progress` hears how many more requests were looked through.
    """
    last = 0
    while batch := _batch(last):
        for request, records in batch:
            if fault := _fault(request, records):
                yield request.number, fault
        last = batch[-1][0].pk
        if progress:
            progress(len(batch))
    for journal, model in _JOURNALS.items():
        if fault := _fault_of_journal(journal, model):
            yield journal, fault


@contextmanager
def _one_moment() -> Iterator[None]:
    """A transaction in which all is read as of one moment."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _batch(after: int) -> list[tuple[PaymentRequest, _Records]]:
    with _one_moment():
        rows = PaymentRequest.objects.filter(pk__gt=after).select_related(*_ROWS, "snapshot")
        requests = list(rows.order_by("pk")[:BATCH])
        if not requests:
            return []
        documents = Attachment.objects.filter(removed_at=None)
        prefetch_related_objects(requests, models.Prefetch("attachments", documents))
        found: dict[int, _Records] = defaultdict(_Records)
        within = {"request__gte": requests[0].pk, "request__lte": requests[-1].pk}
        for event in Event.objects.filter(**within).order_by("request", "sequence"):
            found[event.request_id].events.append(event)
        for revision in Revision.objects.filter(**within).order_by("request", "number"):
            found[revision.request_id].revisions.append(revision)
        decisions = Decision.objects.filter(**within).select_related("snapshot")
        for decision in decisions.order_by("request", "pk"):
            found[decision.request_id].decisions.append(decision)
        stages = ApprovalStage.objects.filter(**within).valid()
        for stage in stages.order_by("request", "position"):
            found[stage.request_id].stages.append(stage)
        for task in ApprovalTask.objects.filter(**within, stage__in=stages.order_by()):
            found[task.request_id].tasks.append(task)
        for comment in Comment.objects.filter(**within).order_by("request", "number"):
            found[comment.request_id].comments.append(comment)
    return [(request, found[request.pk]) for request in requests]


def _fault(request: PaymentRequest, records: _Records) -> str:
    if not records.events:
        return "no entries at all"
    return (
        _broken(records.events, request.journal_length, request.journal_hash)
        or next(_not_as_left(request, records.events), "")
        or next(_faults_of_revisions(request, records), "")
        or next(_faults_of_decisions(records), "")
        or next(_faults_of_stages(request, records), "")
        or next(said.faults(records.events, records.comments), "")
        or next(_faults_of_facts(request), "")
    )


def _broken(links: Sequence[Link], length: int, last_hash: str) -> str:
    """The chain itself: nothing altered, nothing missing, none cut off."""
    previous = GENESIS
    for expected, link in enumerate(links, start=1):
        if link.sequence != expected:
            return f"entry {expected} is missing"
        if link.previous_hash != previous:
            return f"entry {expected} (id {link.pk}) does not follow the one before it"
        try:
            is_whole = link.hash == link.computed_hash()
        except signing.UnknownKey:
            return f"entry {expected} (id {link.pk}) is signed with no key of ours"
        if not is_whole:
            return f"entry {expected} (id {link.pk}) was altered"
        previous = link.hash
    if (len(links), previous) != (length, last_hash):
        return f"it ends with entry {length}: not with those that are here"
    return ""


def _not_as_left(request: PaymentRequest, events: Sequence[Event]) -> Iterator[str]:
    """What the row says beside the facts, and the journal has it otherwise."""
    last, left = events[-1], _left(events)
    if (last.status, last.revision) != (request.status, request.revision):
        yield (
            f"the request is {request.status}, revision {request.revision}: not what entry "
            f"{last.sequence} (id {last.pk}) left"
        )
    for name, value in left.items():
        now = getattr(request, name)
        if now != value:
            yield f"{name} is {now!r}, and the journal left it {value!r}"


def _left(events: Sequence[Event]) -> dict[str, Any]:
    """Who may not decide, and whether it is paid: what nobody has journalled is not so. Of makers
    as far as the journal names them."""
    left: dict[str, Any] = {
        "author_id": events[0].actor_id,
        "payment_status": PaymentStatus.NONE.value,
    }
    for event in events:
        if event.action == Action.ADOPT:
            left["author_id"] = event.actor_id
        if "makers" in event.data:
            left["makers"] = event.data["makers"]
        if change := event.data.get("changes", {}).get("payment_status"):
            left["payment_status"] = change[1]
    return left


def _faults_of_revisions(request: PaymentRequest, records: _Records) -> Iterator[str]:
    numbers = [revision.number for revision in records.revisions]
    if numbers != list(range(1, request.revision + 1)):
        yield f"there are the revisions {numbers}, and it is at {request.revision}"
    shown = request.snapshot
    if shown and (shown.request_id, shown.number) != (request.pk, request.revision):
        yield (
            f"it is shown as revision {shown.number} of request {shown.request_id}, and is at "
            f"{request.revision} of {request.pk}"
        )
    named = {e.revision: e.data["digest"] for e in records.events if "digest" in e.data}
    for revision in records.revisions:
        if revision.digest != revision.computed_digest():
            yield f"revision {revision.number} was altered"
        # Those from before there were any were made of the journal, which names none then.
        signed = named.get(revision.number)
        if signed != revision.digest and (signed or "reconstructed" not in revision.facts):
            yield f"revision {revision.number} is not the one in the journal"


def _faults_of_decisions(records: _Records) -> Iterator[str]:
    journalled = {
        event.data.get("task"): event for event in records.events if event.action in DECISIONS
    }
    for decision in records.decisions:
        snapshot, name = decision.snapshot, f"decision {decision.pk}"
        if (snapshot.request_id, snapshot.number, snapshot.digest) != (
            decision.request_id, decision.revision, decision.digest,
        ):  # fmt: skip
            yield f"{name} is on another revision than it says"
        if decision.channel == Decision.Channel.POLICY:
            continue
        event = journalled.pop(decision.task_id, None)
        if event is None or not _is_told(decision, event):
            yield f"{name} is not the one in the journal"
    for event in journalled.values():
        yield f"the decision of entry {event.sequence} (id {event.pk}) is missing"


def _faults_of_stages(request: PaymentRequest, records: _Records) -> Iterator[str]:
    return passed.faults(request, records.events, records.stages, records.tasks, records.decisions)


def _is_told(decision: Decision, event: Event) -> bool:
    """Older entries name no digest."""
    told = (event.action, event.actor_id, event.on_behalf_of_id, event.reason, event.channel)
    decided = (
        decision.action, decision.decided_by_id, decision.on_behalf_of_id, decision.reason,
        decision.channel,
    )  # fmt: skip
    return told == decided and event.data.get("digest", decision.digest) == decision.digest


def _faults_of_facts(request: PaymentRequest) -> Iterator[str]:
    """What is paid by the request's row, against what was submitted."""
    if request.snapshot is None:
        return
    documents = {row.sha256: row.name for row in request.attachments.all()}
    now = facts.of(request, documents)
    for name, part, old, new in _unlawful(facts.differences(request.snapshot.facts, now)):
        what = f"{name} {part}".rstrip()
        yield f"{what} is {new!r}, and was submitted as {old!r}"


def _unlawful(differences: Iterable[Difference]) -> Iterator[Difference]:
    return (one for one in differences if one.is_material and (one.name, one.part) not in _LAWFUL)


def _fault_of_journal(journal: str, model: type[AccountEvent] | type[RouteEvent]) -> str:
    with _one_moment():
        end = JournalEnd.objects.filter(journal=journal).first()
        links = list(model.objects.order_by("sequence"))
        broken = _broken(links, end.length if end else 0, end.hash if end else GENESIS)
        if broken or journal != JournalEnd.Journal.ROUTES:
            return broken
        return next(kept_routes.faults(link for link in links if isinstance(link, RouteEvent)), "")
