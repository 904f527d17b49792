"""What is unusual about a payment, for whoever decides on it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from treasury.models import Counterparty, CounterpartyAccount, PaymentRequest
from treasury.prepared import Prepared
from treasury.workflow import Status

# So many approved requests to a payee make his amounts usual ones; so many are looked at.
_FEW, _LAST = 3, 20

_COMPARED = ("id", "counterparty_id", "counterparty_account_id", "amount", "currency")
_EARLIER = Prepared(
    lambda payee, request: PaymentRequest.objects.filter(
        counterparty=payee, status=Status.APPROVED
    ).exclude(pk=request)[:_LAST],
    int, int,
    columns=_COMPARED,
)  # fmt: skip
_TO_ACCOUNT = Prepared(
    lambda payee, account, request: PaymentRequest.objects.filter(
        counterparty=payee, counterparty_account=account, status=Status.APPROVED
    ).exclude(pk=request)[:1],
    int, int, int,
    columns=("id",),
)  # fmt: skip


def lines(request: PaymentRequest) -> list[str]:
    """Of a request in approval, compared with what was approved for its payee before."""
    if request.status != Status.IN_APPROVAL:
        return []
    account = (request.counterparty_id, request.counterparty_account_id)
    earlier = _EARLIER(request.counterparty_id, request.pk)
    is_new = _seems_new(request, earlier) and not _TO_ACCOUNT(*account, request.pk)
    return _lines(request, earlier, is_new=is_new)


def lines_of_each(requests: Iterable[PaymentRequest]) -> dict[int, list[str]]:
    """The same of many, by their keys; three queries."""
    asked = [request for request in requests if request.status == Status.IN_APPROVAL]
    earlier = _earlier_of_each({request.counterparty_id for request in asked})
    pairs = [(request, earlier[request.counterparty_id]) for request in asked]
    unknown = {one.counterparty_account_id for one, before in pairs if _seems_new(one, before)}
    new = unknown - _paid_to(unknown)
    return {
        one.pk: _lines(one, before, is_new=one.counterparty_account_id in new)
        for one, before in pairs
    }


def _earlier_of_each(payees: Collection[int]) -> dict[int, list[PaymentRequest]]:
    """What `_EARLIER` gives, by the payee; a request in approval is none of them."""
    found: dict[int, list[PaymentRequest]] = defaultdict(list)
    approved = PaymentRequest.objects.filter(status=Status.APPROVED).order_by("-id")
    of_payee = approved.filter(counterparty=OuterRef("pk")).values("pk")
    oldest = Coalesce(Subquery(of_payee[_LAST - 1 : _LAST]), 0)
    begins = Counterparty.objects.filter(pk__in=payees).order_by().values_list("pk", oldest)
    # Of each payee by an index: of some there are very many.
    wanted = [Q(counterparty=payee, pk__gte=first) for payee, first in begins]
    if wanted:
        for request in approved.filter(reduce(or_, wanted)).only(*_COMPARED):
            found[request.counterparty_id].append(request)
    return found


def _paid_to(accounts: Collection[int]) -> set[int]:
    """Those for which a request was ever approved."""
    approved = PaymentRequest.objects.filter(
        counterparty=OuterRef("counterparty"), counterparty_account=OuterRef("pk"),
        status=Status.APPROVED,
    )  # fmt: skip
    known = CounterpartyAccount.objects.filter(Exists(approved), pk__in=accounts)
    return set(known.values_list("pk", flat=True)) if accounts else set()


def _seems_new(request: PaymentRequest, earlier: Collection[PaymentRequest]) -> bool:
    """Whether none of the last went to this account; one before them may have."""
    account = request.counterparty_account_id
    return bool(earlier) and not any(other.counterparty_account_id == account for other in earlier)


def _lines(
    request: PaymentRequest, earlier: Collection[PaymentRequest], *, is_new: bool
) -> list[str]:
    """`is_new` is the account."""
    if not earlier:
        return [_("The first payment to this payee")]
    account = [_("The first payment to this account")] if is_new else []
    return [*account, *_amount(request, earlier)]


def _amount(request: PaymentRequest, earlier: Iterable[PaymentRequest]) -> list[str]:
    amounts = [other.amount for other in earlier if other.currency == request.currency]
    most = max(amounts, default=Decimal())
    if len(amounts) < _FEW or request.amount <= most:
        return []
    # How much it was, not everyone who decides here may know.
    text = _("More than in any of the last %(count)d requests to this payee")
    return [text % {"count": len(amounts)}]
