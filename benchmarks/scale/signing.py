"""The oldest requests with journals that are whole, so that proving them is work as in earnest."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from django.db import connection, transaction

from treasury.models import Decision, Event, PaymentRequest, Revision
from treasury.models.requests import GENESIS
from treasury.workflow import PaymentStatus


def sign(requests: int) -> None:
    """Of the first so many, by their keys: their digests, and the chains over these."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # The records are sealed.
            cursor.execute("SET LOCAL session_replication_role = replica")
        digests = _digests(requests)
        events = list(Event.objects.filter(request__lte=requests).order_by("request", "sequence"))
        rows = list(PaymentRequest.objects.filter(pk__lte=requests))
        paid = {row.pk for row in rows if row.payment_status == PaymentStatus.PAID}
        for request, entries in groupby(events, key=attrgetter("request_id")):
            chain = list(entries)
            if request in paid:
                chain[-1].data["changes"] = {"payment_status": ["none", "paid"]}
            _chain(chain, digests)
        Event.objects.bulk_update(events, ["data", "key", "previous_hash", "hash"], batch_size=500)
        ends = {event.request_id: event.hash for event in events}
        for row in rows:
            row.journal_hash = ends[row.pk]
        PaymentRequest.objects.bulk_update(rows, ["journal_hash"], batch_size=500)


def _digests(requests: int) -> dict[int, str]:
    """Of each request that of its only revision."""
    revisions = list(Revision.objects.filter(request__lte=requests))
    digests = {}
    for revision in revisions:
        revision.digest = digests[revision.request_id] = revision.computed_digest()
    Revision.objects.bulk_update(revisions, ["digest"], batch_size=500)
    decisions = list(Decision.objects.filter(request__lte=requests))
    for decision in decisions:
        decision.digest = digests[decision.request_id]
    Decision.objects.bulk_update(decisions, ["digest"], batch_size=500)
    return digests


def _chain(events: Iterable[Event], digests: dict[int, str]) -> None:
    length, last = 0, GENESIS
    for event in events:
        if "digest" in event.data:
            event.data["digest"] = digests[event.request_id]
        event.follow(length, last)
        length, last = event.sequence, event.hash
