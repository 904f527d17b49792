"""A request with all that is shown of it, read by queries that are written once."""

from telegrambot.content.progress import chain
from treasury.models import Attachment, CounterpartyAccount, OwnAccount, PaymentRequest
from treasury.prepared import Prepared, gather

_REQUEST = Prepared(
    lambda request: PaymentRequest.objects.filter(pk=request),
    int,
    related=dict.fromkeys(
        (
            "organization", "department", "cash_flow_item", "counterparty", "requester",
            "vat_rate", "snapshot",
        ),
        (),
    ),
)  # fmt: skip
_FILES = Prepared(
    lambda request: Attachment.objects.filter(request=request),
    int,
    columns=("id", "request_id", "name", "size", "removed_at"),
)
_ACCOUNT = Prepared(
    lambda account: CounterpartyAccount.objects.filter(pk=account), int, related={"bank": ()}
)
_OWN_ACCOUNT = Prepared(
    lambda account: OwnAccount.objects.filter(pk=account), int, related={"bank": ()}
)


def with_progress(pk: int) -> PaymentRequest:
    """A request with what its card shows of it, in six queries; `card_of` asks for the doubts and
    for what is said."""
    request = _REQUEST.first(pk)
    if request is None:
        raise PaymentRequest.DoesNotExist(f"there is no request {pk}")
    # Not joined: PostgreSQL plans a join of all those tables for 20 ms.
    request.counterparty_account = _ACCOUNT(request.counterparty_account_id)[0]
    if request.own_account_id is not None:
        request.own_account = _OWN_ACCOUNT.first(request.own_account_id)
    gather(request, "stages", chain(pk))
    gather(request, "attachments", _FILES(pk))
    return request


def documents(request: PaymentRequest) -> list[Attachment]:
    """Those still valid, of a request from `with_progress`."""
    return [document for document in request.attachments.all() if not document.removed_at]
