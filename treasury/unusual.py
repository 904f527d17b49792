"""What is unusual about a payment, for whoever decides on it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from treasury.models import PaymentRequest
from treasury.prepared import Prepared
from treasury.workflow import Status

# So many approved requests to a payee make his amounts usual ones; so many are looked at.
_FEW, _LAST = 3, 20

_EARLIER = Prepared(
    lambda payee, request: PaymentRequest.objects.filter(
        counterparty=payee, status=Status.APPROVED
    ).exclude(pk=request)[:_LAST],
    int, int,
    columns=("id", "counterparty_account_id", "amount", "currency"),
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
    earlier = _EARLIER(request.counterparty_id, request.pk)
    if not earlier:
        return [_("The first payment to this payee")]
    return [*_account(request, earlier), *_amount(request, earlier)]


def _account(request: PaymentRequest, earlier: list[PaymentRequest]) -> list[str]:
    account = request.counterparty_account_id
    known = any(other.counterparty_account_id == account for other in earlier)
    if known or _TO_ACCOUNT(request.counterparty_id, account, request.pk):
        return []
    return [_("The first payment to this account")]


def _amount(request: PaymentRequest, earlier: list[PaymentRequest]) -> list[str]:
    amounts = [other.amount for other in earlier if other.currency == request.currency]
    most = max(amounts, default=Decimal())
    if len(amounts) < _FEW or request.amount <= most:
        return []
    # How much it was, not everyone who decides here may know.
    text = _("More than in any of the last %(count)d requests to this payee")
    return [text % {"count": len(amounts)}]
