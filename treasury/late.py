"""Documents that came after the request was submitted.

They ask nobody anew, as they take nothing away from what was approved; so whoever reads or decides
is told that those before him have not seen them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from treasury.models import Attachment, Decision, Event, PaymentRequest
from treasury.prepared import Prepared
from treasury.workflow import Action, Status


def notes(request: PaymentRequest) -> dict[int, str]:
    """Document pk → “added after approval by B. Orlov”; without decisions, “after submission”."""
    return {document.pk: note for document, note in _noted([request])}


def lines(request: PaymentRequest) -> list[str]:
    """“Act.pdf — added after approval by B. Orlov”, for who reads no list of the documents."""
    return lines_of_each([request]).get(request.pk, [])


def lines_of_each(requests: Iterable[PaymentRequest]) -> dict[int, list[str]]:
    """The same of many, by the keys of those that have some; two queries."""
    found: dict[int, list[str]] = defaultdict(list)
    for document, note in _noted(requests):
        found[document.request_id].append(f"{document.name} — {note}")
    return found


def _noted(requests: Iterable[PaymentRequest]) -> list[tuple[Attachment, str]]:
    late = _late(requests)
    approvals = _approvals({document.request_id for document in late}) if late else {}
    return [
        (document, _note(document, approvals.get(document.request_id, ()))) for document in late
    ]


def _late(requests: Iterable[PaymentRequest]) -> list[Attachment]:
    standing = (Status.IN_APPROVAL, Status.APPROVED)
    keys = [request.pk for request in requests if request.status in standing]
    return _LATE(keys) if keys else []


def _later_than_submitted(request_pks: Sequence[int]) -> QuerySet[Attachment]:
    submits = Event.objects.filter(request=OuterRef("request"), action=Action.SUBMIT)
    last = submits.order_by("-sequence").values("at")[:1]
    documents = Attachment.objects.filter(request__pk__among=request_pks, removed_at=None)
    return documents.filter(uploaded_at__gt=Subquery(last))


_LATE = Prepared(_later_than_submitted, list)


def _approvals(request_pks: Collection[int]) -> dict[int, list[Decision]]:
    """What people decided, by the request; an earlier approval that is counted again saw nothing
    new."""
    standing = Decision.objects.standing(*request_pks).exclude(channel=Decision.Channel.POLICY)
    found: dict[int, list[Decision]] = defaultdict(list)
    for made in standing.select_related("decided_by"):
        found[made.request_id].append(made)
    return found


def _note(document: Attachment, approvals: Iterable[Decision]) -> str:
    before = [each for each in approvals if each.decided_at < document.uploaded_at]
    if not before:
        return _("added after submission")
    names = ", ".join(dict.fromkeys(each.decided_by.get_short_name() for each in before))
    return _("added after approval by %(names)s") % {"names": names}
