"""What of the journal is news to the channel, and what it has consumed."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from telegrambot.models import Bookmark, Watermark
from telegrambot.redaction import redacted
from treasury.models import Event, PaymentRequest
from treasury.prepared import Prepared

# No transaction lasts so long: an older entry is committed by now, or never.
SETTLED = timedelta(days=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)


def unread() -> QuerySet[Event]:
    """The entries that wait to be consumed, oldest first; those of stuck requests are not here."""
    return unread_above(watermark())


def unread_above(event: int) -> QuerySet[Event]:
    """Those of them whose id is larger."""
    above = Event.objects.filter(pk__gt=event)
    return above.filter(_is_unread() & ~_is_stuck()).order_by("id")


def watermark() -> int:
    """Where the search for news begins."""
    # By value: with a subquery PostgreSQL would only guess how few entries are above it.
    row = _WATERMARK.first()
    return row.event if row else 0


def unread_of(request: PaymentRequest) -> list[Event]:
    """All that is not consumed of one request, in order; its row must be locked."""
    return _UNREAD_OF(request.pk)


def consume(event: Event) -> None:
    """Its request is read up to it; in the transaction, and under the lock, of `unread_of`."""
    Bookmark.objects.bulk_create(
        [Bookmark(request_id=event.request_id, sequence=event.sequence)],
        update_conflicts=True,
        unique_fields=["request"],
        update_fields=["sequence", "attempts", "not_before", "error"],
    )


def stumble(request_pk: int, error: Exception) -> None:
    """Its news could not be consumed: write down why, and let others go first for a while."""
    with transaction.atomic():
        request = PaymentRequest.objects.select_for_update(no_key=True).get(pk=request_pk)
        if not unread_of(request):
            # Another worker has succeeded meanwhile.
            return
        bookmark, _is_new = Bookmark.objects.get_or_create(request=request)
        bookmark.attempts += 1
        bookmark.not_before = timezone.now() + pause(bookmark.attempts)
        bookmark.error = f"{type(error).__name__}: {redacted(error)}"
        bookmark.save()


def pause(attempts: int) -> timedelta:
    """For how long a request is left alone after so many failures, one or more."""
    # No more doublings than it takes: the count may grow for months.
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 10)), LONGEST_PAUSE)


def advance() -> None:
    """Move the watermark up, so that the search for news stays short."""
    above = Event.objects.filter(pk__gt=watermark())
    is_settled = Q(at__lt=timezone.now() - SETTLED)
    ids = above.filter(~is_settled | _is_unread() & ~_is_stuck()).order_by("id")
    first = ids.values_list("pk", flat=True).first()
    # Up to what is settled, not to where the next begins: what is between them may be uncommitted
    # yet, or committed only now.
    passed = above.filter(is_settled, pk__lt=first) if first else above.filter(is_settled)
    last = passed.aggregate(last=Max("pk"))["last"]
    if last:
        Watermark.objects.update_or_create(pk=1, defaults={"event": last})


def _is_unread() -> Q:
    # Of each entry by the key of its request: joined, all bookmarks might be read.
    mine = Bookmark.objects.filter(request=OuterRef("request"))
    return Q(sequence__gt=Coalesce(Subquery(mine.values("sequence")), 0))


def _is_stuck() -> Q:
    return Q(request__in=Bookmark.objects.stuck().values("request"))


_WATERMARK = Prepared(Watermark.objects.all)
_UNREAD_OF = Prepared(
    lambda request: Event.objects.filter(_is_unread(), request=request).order_by("sequence"), int
)
