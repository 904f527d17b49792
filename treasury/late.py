"""Documents that came after the request was submitted.

They ask nobody anew, as they take nothing away from what was approved; so whoever reads or decides
is told that those before him have not seen them.
"""

from collections.abc import Iterable

from django.db.models import QuerySet, Subquery
from django.utils.translation import gettext as _

from treasury.models import Attachment, Decision, Event, PaymentRequest
from treasury.prepared import Prepared
from treasury.workflow import Action, Status


def notes(request: PaymentRequest) -> dict[int, str]:
    """Document pk → “added after approval by B. Orlov”; without decisions, “after submission”."""
    return {document.pk: note for document, note in _noted(request)}


def lines(request: PaymentRequest) -> list[str]:
    """“Act.pdf — added after approval by B. Orlov”, for who reads no list of the documents."""
    return [f"{document.name} — {note}" for document, note in _noted(request)]


def _noted(request: PaymentRequest) -> list[tuple[Attachment, str]]:
    late = _late(request)
    approvals = list(_approvals(request)) if late else []
    return [(document, _note(document, approvals)) for document in late]


def _late(request: PaymentRequest) -> list[Attachment]:
    if request.status not in (Status.IN_APPROVAL, Status.APPROVED):
        return []
    return _LATE(request.pk)


def _later_than_submitted(request_pk: int) -> QuerySet[Attachment]:
    submits = Event.objects.filter(request=request_pk, action=Action.SUBMIT).order_by("-sequence")
    documents = Attachment.objects.filter(request=request_pk, removed_at=None)
    return documents.filter(uploaded_at__gt=Subquery(submits.values("at")[:1]))


_LATE = Prepared(_later_than_submitted, int)


def _approvals(request: PaymentRequest) -> Iterable[Decision]:
    """What people decided; an earlier approval that is counted again saw nothing new."""
    standing = Decision.objects.standing(request).exclude(channel=Decision.Channel.POLICY)
    return standing.select_related("decided_by")


def _note(document: Attachment, approvals: Iterable[Decision]) -> str:
    before = [each for each in approvals if each.decided_at < document.uploaded_at]
    if not before:
        return _("added after submission")
    names = ", ".join(dict.fromkeys(each.decided_by.get_short_name() for each in before))
    return _("added after approval by %(names)s") % {"names": names}
