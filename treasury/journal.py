"""Writing the journals and proving that of the requests."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from treasury.models import AccountEvent, Employee, Event, PaymentRequest
from treasury.models.requests import GENESIS
from treasury.signals import account_event, journal_grew

# What `computed_hash` takes in, and what the last entry must agree with.
_PROVED = (
    *(field.name for field in Event._meta.fields if field.name != "projected_at"),
    "request__number", "request__status", "request__revision", "request__journal_length",
    "request__journal_hash",
)  # fmt: skip


def append(
    *,
    request: PaymentRequest,
    action: str,
    actor: Employee,
    channel: str,
    on_behalf_of: Employee | None = None,
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Write the request down together with the next link of its chain.

    There is no other way to save a request that exists: what its row says is what its last entry
    left. The caller holds the lock on the row, so no other link can come between. After the commit
    the doorbell rings.
    """
    event = Event(
        request=request,
        sequence=request.journal_length + 1,
        action=action,
        actor=actor,
        on_behalf_of=on_behalf_of,
        channel=channel,
        revision=request.revision,
        status=request.status,
        reason=reason,
        data=dict(data or {}),
        previous_hash=request.journal_hash,
    )
    event.hash = event.computed_hash()
    event.save(force_insert=True)
    request.journal_length, request.journal_hash = event.sequence, event.hash
    request.save(force_update=True)
    transaction.on_commit(_ring)
    return event


def record(
    *,
    employee: Employee,
    action: str,
    actor: Employee | None,
    channel: str,
    data: Mapping[str, Any] | None = None,
) -> AccountEvent:
    """Write down what happened to a person's account; no actor is the program itself."""
    event = AccountEvent.objects.create(
        employee=employee, action=action, actor=actor, channel=channel, data=dict(data or {})
    )
    account_event.send(sender=AccountEvent, event=event)
    return event


def _ring() -> None:
    journal_grew.send(sender=Event)


def broken_links() -> Iterator[tuple[str, str]]:
    """(request number, what is wrong) for every chain that does not verify, first fault only."""
    # One query, so that an entry and its request are of the same moment; read bit by bit.
    events = Event.objects.select_related("request").only(*_PROVED)
    in_order = events.order_by("request_id", "sequence").iterator(chunk_size=2000)
    for _request, chain in groupby(in_order, key=attrgetter("request_id")):
        links = list(chain)
        fault = _first_fault(links)
        if fault:
            yield links[0].request.number, fault
    silent = PaymentRequest.objects.filter(~Exists(Event.objects.filter(request=OuterRef("pk"))))
    for number in silent.order_by("pk").values_list("number", flat=True):
        yield number, "no entries at all"


def _first_fault(links: Sequence[Event]) -> str:
    previous = GENESIS
    for expected, event in enumerate(links, start=1):
        if event.sequence != expected:
            return f"entry {expected} is missing"
        if event.previous_hash != previous:
            return f"entry {expected} (id {event.pk}) does not follow the one before it"
        if event.hash != event.computed_hash():
            return f"entry {expected} (id {event.pk}) was altered"
        previous = event.hash
    request = event.request
    if (event.sequence, event.hash) != (request.journal_length, request.journal_hash):
        return f"the request has {request.journal_length} entries: not those that are here"
    if (event.status, event.revision) != (request.status, request.revision):
        return f"the request is {request.status}, revision {request.revision}: not what entry " + (
            f"{event.sequence} (id {event.pk}) left"
        )
    return ""
