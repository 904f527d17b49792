"""“Approve all usual ones” under a digest: asked once more, and then done by a worker.

To approve many takes longer than a press may; so each is approved in a transaction of its own,
which also keeps what has become of it: whatever breaks, none is approved twice or forgotten.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from oauth.models import UserToken
from telegrambot.content.markup import TEXT_LIMIT, bold, listed, shortened
from telegrambot.kinds import answer, digest
from telegrambot.models import BulkApproval, Chat
from telegrambot.outage import UNAVAILABLE
from treasury import rights, standing
from treasury.approval import read
from treasury.errors import Outdated, TreasuryError
from treasury.models import Decision, Employee, PaymentRequest
from treasury.money import money
from treasury.services import decisions
from treasury.workflow import Status

logger = logging.getLogger(__name__)

# Requests at a time; the next tap takes the next.
MOST = 50
# Characters of what is said of one.
_LINE = 200


class Begun(NamedTuple):
    """What is to be confirmed; the `changed` ones have changed since he was told of them."""

    asked: BulkApproval
    requests: Sequence[PaymentRequest]
    changed: Sequence[PaymentRequest]


def begin(chat: Chat, employee: Employee, told: Iterable[tuple[int, int]]) -> Begun | None:
    """None when nothing is left of it to approve."""
    seen = dict(told)
    waiting = PaymentRequest.objects.waiting_for(employee).filter(pk__among=list(seen))
    unchanged: list[PaymentRequest] = []
    changed: list[PaymentRequest] = []
    now = standing.versions(seen)
    for request in waiting.most_urgent_first():
        is_same = now.get(request.pk) == seen[request.pk]
        (unchanged if is_same else changed).append(request)
    unchanged = unchanged[:MOST]
    if not unchanged:
        return None
    kept = [(request.pk, seen[request.pk]) for request in unchanged]
    asked = BulkApproval.objects.create(chat=chat, employee=employee, told=kept)
    return Begun(asked, unchanged, changed)


def confirm(asked: BulkApproval, message_id: int | None) -> bool:
    """The message becomes the result. False when it was confirmed before."""
    mine = BulkApproval.objects.filter(pk=asked.pk, confirmed_at=None)
    return mine.update(confirmed_at=timezone.now(), message_id=message_id) == 1


def to_do() -> list[int]:
    confirmed = BulkApproval.objects.filter(confirmed_at__isnull=False, done_at=None)
    return list(confirmed.order_by("pk").values_list("pk", flat=True))


def work(key: int) -> None:
    """Approve what is left of it, one after the other."""
    while True:
        try:
            if not _step(key):
                return
        except UNAVAILABLE:
            raise
        except Exception:
            # The edge of one request: its trouble must not hold up the others.
            logger.exception("cannot approve: bulk=%s", key)
            _step(key, approve=False)


@transaction.atomic
def _step(key: int, *, approve: bool = True) -> bool:
    """The next of it; False when none is left."""
    bulk = BulkApproval.objects.select_for_update(no_key=True).get(pk=key)
    if bulk.done_at:
        return False
    request_pk, seen = bulk.told[len(bulk.results)]
    actor = Employee.objects.get(pk=bulk.employee_id)
    with translation.override(actor.language):
        bulk.results = [*bulk.results, _result(bulk, actor, request_pk, seen, approve=approve)]
        if len(bulk.results) == len(bulk.told):
            bulk.done_at = timezone.now()
            _tell(bulk)
    bulk.save(update_fields=["results", "done_at"])
    return bulk.done_at is None


def _result(
    bulk: BulkApproval, actor: Employee, request_pk: int, seen: int, *, approve: bool
) -> str:
    request = PaymentRequest.objects.with_facts().get(pk=request_pk)
    named = f"{request.number} · {money(request.amount, request.currency)}"
    why = _approve(bulk, actor, request, seen) if approve else _("it could not be approved")
    return shortened(f"— {request.number}: {why}" if why else f"✅ {named}", _LINE)


def _approve(bulk: BulkApproval, actor: Employee, request: PaymentRequest, seen: int) -> str:
    """Why it was not; empty when it was."""
    if UserToken.objects.employee_of(bulk.chat.telegram_id) != actor:
        return _("you have no access any more")
    task = rights.task_of(read(request), actor)
    if task is None:
        is_open = request.status == Status.IN_APPROVAL
        if is_open and Decision.objects.standing(request).filter(decided_by=actor).exists():
            return _("already approved by you")
        return _("does not wait for you any more") if is_open else request.get_status_display()
    is_as_told = standing.version(request.pk) == seen
    if is_as_told and (doubts := digest.reasons([request], actor, bulk.chat)[request.pk]):
        return " ".join(doubts)
    try:
        decisions.approve(task=task, actor=actor, channel=Decision.Channel.TELEGRAM, seen=seen)
    except Outdated:
        return _("has changed since the digest: look at it")
    except TreasuryError as error:
        return str(error)
    return ""


def _tell(bulk: BulkApproval) -> None:
    approved = sum(line.startswith("✅") for line in bulk.results)
    title = _("Approved: %(done)d of %(count)d") % {"done": approved, "count": len(bulk.results)}
    text = f"{bold(title)}\n{listed(bulk.results, TEXT_LIMIT - len(title) - _LINE)}"
    if bulk.message_id is None:
        answer.tell(bulk.chat, text, None)
    else:
        answer.change(bulk.chat, bulk.message_id, text, None)
