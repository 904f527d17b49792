"""Writing the journals; `treasury.proving` proves them."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from treasury.models import (
    AccountEvent,
    Employee,
    Event,
    JournalEnd,
    PaymentRequest,
    RouteEvent,
)
from treasury.prepared import insert, settle, update
from treasury.signals import account_event, journal_grew

logger = logging.getLogger(__name__)

_UNKNOWN = object()


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
        action=action,
        actor=actor,
        on_behalf_of=on_behalf_of,
        channel=channel,
        revision=request.revision,
        status=request.status,
        reason=reason,
        data=dict(data or {}),
    )
    event.follow(request.journal_length, request.journal_hash)
    insert([event])
    request.journal_length, request.journal_hash = event.sequence, event.hash
    _save(request)
    transaction.on_commit(partial(_written, request.pk, event.sequence, action))
    return event


def remember(request: PaymentRequest) -> None:
    """What its row, which the caller has locked, says: with the next entry only what is something
    else by then is written. Values are replaced, and never changed in place.

    A request that nobody has remembered since its last entry is written whole.
    """
    request.stored = _columns(request)


def _save(request: PaymentRequest) -> None:
    now = _columns(request)
    changed = {name for name in now if now[name] != request.stored.get(name, _UNKNOWN)}
    update(request, sorted({*changed, "updated_at"}))
    # Should the transaction be rolled back, the row is another.
    request.stored = {}


def _columns(request: PaymentRequest) -> dict[str, Any]:
    settle(request)
    fields = request._meta.concrete_fields
    return {field.attname: getattr(request, field.attname) for field in fields}


def record(
    *,
    employee: Employee,
    action: str,
    actor: Employee | None,
    channel: str,
    data: Mapping[str, Any] | None = None,
) -> AccountEvent:
    """Write down what happened to a person's account; no actor is the program itself."""
    event = AccountEvent(
        employee=employee, action=action, actor=actor, channel=channel, data=dict(data or {})
    )
    _write_next(JournalEnd.Journal.ACCOUNTS, event)
    account_event.send(sender=AccountEvent, event=event)
    return event


def record_route(
    *, route: int, name: str, actor: Employee, channel: str, data: Mapping[str, Any]
) -> RouteEvent:
    """Write down what has become of a route."""
    event = RouteEvent(route=route, name=name, actor=actor, channel=channel, data=dict(data))
    _write_next(JournalEnd.Journal.ROUTES, event)
    return event


def _write_next(journal: str, event: AccountEvent | RouteEvent) -> None:
    with transaction.atomic():
        ends = JournalEnd.objects.select_for_update(no_key=True)
        end, _created = ends.get_or_create(journal=journal)
        event.follow(end.length, end.hash)
        event.save(force_insert=True)
        end.length, end.hash = event.sequence, event.hash
        end.save(update_fields=["length", "hash"])


def _written(request_pk: int, sequence: int, action: str) -> None:
    facts = {"payment_request": request_pk, "sequence": sequence, "action": action}
    logger.info("journal", extra=facts)
    journal_grew.send(sender=Event)
