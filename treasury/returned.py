"""Requests that came back from a return: who had returned them, why, and what was put right."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from treasury import changes
from treasury.changes import Change
from treasury.models import Event, PaymentRequest
from treasury.prepared import Prepared
from treasury.workflow import Action, Status

_PERSON = ("id", "first_name", "last_name")


class Returned(NamedTuple):
    """The entry of the journal, and what is other since."""

    entry: Event
    changed: Sequence[Change]


def of(request: PaymentRequest) -> Returned | None:
    return of_each([request]).get(request.pk)


def of_each(requests: Iterable[PaymentRequest]) -> dict[int, Returned]:
    """The last return of each, by the keys of those that are returned, or are asked about again and
    not approved by the same person yet; one query."""
    # Each submit makes a revision.
    keys = [one.pk for one in requests if one.status == Status.RETURNED or _is_back(one)]
    entries: dict[int, list[Event]] = defaultdict(list)
    for entry in _SINCE(keys) if keys else ():
        entries[entry.request_id].append(entry)
    return {
        key: Returned(first, list(changes.between(since)))
        for key, (first, *since) in entries.items()
        if not _is_settled(first, since)
    }


def _is_back(request: PaymentRequest) -> bool:
    return request.status == Status.IN_APPROVAL and request.revision > 1


def _is_settled(returned: Event, since: Iterable[Event]) -> bool:
    return any(
        entry.action == Action.APPROVE and entry.actor_id == returned.actor_id for entry in since
    )


def _since_return(request_pks: Sequence[int]) -> QuerySet[Event]:
    returns = Event.objects.filter(request=OuterRef("request"), action=Action.RETURN)
    last = returns.order_by("-sequence").values("sequence")[:1]
    entries = Event.objects.filter(request__pk__among=request_pks, sequence__gte=Subquery(last))
    return entries.order_by("request", "sequence")


_SINCE = Prepared(_since_return, list, related={"actor": _PERSON, "on_behalf_of": _PERSON})
