"""The life of a payment request as data: statuses, actions and the table of allowed moves.

Services, buttons and the admin ask this table; what it does not list is not allowed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(TextChoices):
    DRAFT = "draft", pgettext_lazy("status", "Draft")
    IN_APPROVAL = "in_approval", pgettext_lazy("status", "In approval")
    APPROVED = "approved", pgettext_lazy("status", "Approved")
    RETURNED = "returned", pgettext_lazy("status", "Returned for rework")
    DECLINED = "declined", pgettext_lazy("status", "Declined")
    CANCELLED = "cancelled", pgettext_lazy("status", "Cancelled")


# Nothing is paid on these, and nobody waits for them any more.
SETTLED = frozenset({Status.DECLINED, Status.CANCELLED})


class PaymentStatus(TextChoices):
    NONE = "none", pgettext_lazy("payment status", "Not paid")
    BATCHED = "batched", pgettext_lazy("payment status", "In a batch")
    EXPORTED = "exported", pgettext_lazy("payment status", "Sent to the bank")
    PARTLY_PAID = "partly_paid", pgettext_lazy("payment status", "Partly paid")
    PAID = "paid", pgettext_lazy("payment status", "Paid")
    FAILED = "failed", pgettext_lazy("payment status", "Rejected by the bank")


class Action(TextChoices):
    CREATE = "create", pgettext_lazy("action", "Created")
    CHANGE = "change", pgettext_lazy("action", "Changed")
    SUBMIT = "submit", pgettext_lazy("action", "Submitted")
    APPROVE = "approve", pgettext_lazy("action", "Approved")
    DECLINE = "decline", pgettext_lazy("action", "Declined")
    RETURN = "return_for_rework", pgettext_lazy("action", "Returned for rework")
    REASSIGN = "reassign", pgettext_lazy("action", "Reassigned")
    ADD_APPROVER = "add_approver", pgettext_lazy("action", "Approver added")
    REASK = "reask", pgettext_lazy("action", "Approvers changed")
    WITHDRAW = "withdraw", pgettext_lazy("action", "Withdrawn")
    CANCEL = "cancel", pgettext_lazy("action", "Cancelled")
    ADOPT = "adopt", pgettext_lazy("action", "Taken over")
    COPY = "copy", pgettext_lazy("action", "Copied as new")
    COMMENT = "comment", pgettext_lazy("action", "Comment")
    EDIT_COMMENT = "edit_comment", pgettext_lazy("action", "Comment edited")


class Concern(TextChoices):
    """What a stage answers for; a material change reopens from the first stage that it concerns."""

    BUDGET = "budget", _("Budget: department, item, a larger amount")
    PAYEE = "payee", _("Payee: counterparty, account, currency, VAT, documents")
    PAYMENT = "payment", _("Payment: own account")


@dataclass(frozen=True)
class Move:
    sources: frozenset[Status]
    needs_reason: bool = False


def _move(*sources: Status, needs_reason: bool = False) -> Move:
    return Move(frozenset(sources), needs_reason)


MOVES: dict[Action, Move] = {
    Action.CHANGE: _move(Status.DRAFT, Status.RETURNED, Status.IN_APPROVAL, Status.APPROVED),
    Action.SUBMIT: _move(Status.DRAFT, Status.RETURNED),
    Action.APPROVE: _move(Status.IN_APPROVAL),
    Action.DECLINE: _move(Status.IN_APPROVAL, needs_reason=True),
    Action.RETURN: _move(Status.IN_APPROVAL, needs_reason=True),
    Action.REASSIGN: _move(Status.IN_APPROVAL, needs_reason=True),
    Action.ADD_APPROVER: _move(Status.IN_APPROVAL, needs_reason=True),
    Action.WITHDRAW: _move(Status.IN_APPROVAL),
    Action.CANCEL: _move(Status.APPROVED, Status.DRAFT, Status.RETURNED, needs_reason=True),
    # Of one whose author prepares none any more.
    Action.ADOPT: _move(Status.DRAFT, Status.RETURNED),
    # The copy is a new draft; the original stays as it is.
    Action.COPY: _move(
        Status.APPROVED, Status.DECLINED, Status.CANCELLED, Status.DRAFT, Status.RETURNED
    ),
}
# These wait for nobody: whoever prepares them needs no reason to give them up.
UNFINISHED = frozenset({Status.DRAFT, Status.RETURNED})
# These may still come to an approval.
RUNNING = UNFINISHED | {Status.IN_APPROVAL}
DECISIONS = (Action.APPROVE, Action.DECLINE, Action.RETURN)
# Words about a request, which leave it as it is.
TALK = frozenset({Action.COMMENT, Action.EDIT_COMMENT})

# Fact of a revision → whom it concerns that it has become another. One that is not here concerns
# everyone. A smaller amount with its VAT keeps the approvals (see `materiality`).
MATERIAL_FACTS: dict[str, Iterable[Concern]] = {
    # Nobody who decided before may have become the one who asks: every stage decides again.
    "requester": Concern,
    # Its budget holders are others, whatever their stage answers for.
    "department": Concern,
    "cash_flow_item": [Concern.BUDGET],
    "amount": [Concern.BUDGET],
    "counterparty": [Concern.PAYEE],
    "counterparty_account": [Concern.PAYEE],
    # 1000 in another currency is another amount, and its accounts are others.
    "currency": [Concern.BUDGET, Concern.PAYEE],
    "vat_rate": [Concern.PAYEE],
    "vat_amount": [Concern.PAYEE],
    "invoice_number": [Concern.PAYEE],
    "invoice_date": [Concern.PAYEE],
    "contract": [Concern.PAYEE],
    "purpose": [Concern.PAYEE],
    "documents": [Concern.PAYEE],
    "own_account": [Concern.PAYMENT],
}


def allows(action: Action, status: str) -> bool:
    """Whether a request in this status can make this move at all, whoever asks."""
    return status in MOVES[action].sources


def needs_reason(action: Action, status: str) -> bool:
    return MOVES[action].needs_reason and status not in UNFINISHED
