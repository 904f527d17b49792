"""Writing down what is asked to be approved, and comparing it with what the directories say."""

from collections.abc import Mapping
from typing import Any

from treasury import facts, standing
from treasury.errors import Superseded
from treasury.facts import Difference, Facts
from treasury.models import PaymentRequest, Revision
from treasury.prepared import insert
from treasury.services import directories


def make(request: PaymentRequest) -> Revision:
    """The next revision, of the facts as they are now; the request is saved with its entry."""
    snapshot = _draft(request, facts.of(request))
    insert([snapshot])
    return snapshot


def draft_paid_otherwise(request: PaymentRequest) -> Revision:
    """The next revision, which differs in the paying account alone: what else the row or the
    directories say by now was not submitted, and is not brought in by an approval. The caller saves
    it when nothing can be refused any more."""
    return _draft(request, known(request) | facts.paying(request))


def _draft(request: PaymentRequest, now: Facts) -> Revision:
    request.revision += 1
    request.snapshot = Revision(
        request=request, number=request.revision, facts=now, digest=facts.digest(now)
    )
    return request.snapshot


def known(request: PaymentRequest) -> Facts:
    """What those who decide know of the request; of one that is prepared, what it says now."""
    return request.snapshot.facts if request.snapshot else facts.of(request)


def moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """What is no longer the same, and not only called otherwise."""
    return [one for one in facts.differences(old, new) if one.is_material]


def check_payable(request: PaymentRequest) -> None:
    """Before the last approval: whether it is fit to be paid, and still what was submitted.

    Raises `NotReady` or `Superseded`.
    """
    directories.check_ready(request)
    check(request, facts.of(request))


def check(request: PaymentRequest, now: Mapping[str, Any]) -> None:
    """Whether what is approved is still what the directories say; raises `Superseded` with what
    is not."""
    if request.snapshot and (found := moved(request.snapshot.facts, now)):
        raise Superseded(standing.superseded(found))
