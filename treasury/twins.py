"""Requests by which the same invoice may be paid, of many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_

from treasury import invoices
from treasury.models import Counterparty, PaymentRequest
from treasury.models.reading import of_invoice
from treasury.workflow import SETTLED

# The company that has sent it, and its number as it is compared.
_Invoice = tuple[str | int, str]


def of_each(requests: Iterable[PaymentRequest]) -> dict[int, list[PaymentRequest]]:
    """As `PaymentRequestQuerySet.twins_of`, by the keys of those that have some; the newest first.
    Two queries."""
    asked = [one for one in requests if invoices.plain(one.invoice_number)]
    if not asked:
        return {}
    companies = _companies({one.counterparty.company: one.counterparty for one in asked})
    found: dict[_Invoice, list[PaymentRequest]] = defaultdict(list)
    for other in _alike(asked, companies):
        found[_invoice(companies[other.counterparty_id], other)].append(other)
    twins = {one.pk: found[_invoice(one.counterparty.company, one)] for one in asked}
    others = {key: [one for one in alike if one.pk != key] for key, alike in twins.items()}
    return {key: alike for key, alike in others.items() if alike}


def _invoice(company: str | int, request: PaymentRequest) -> _Invoice:
    return company, invoices.plain(request.invoice_number)


def _companies(wanted: Mapping[str | int, Counterparty]) -> dict[int, str | int]:
    """The company of each of their branches, by its key."""
    branches = reduce(or_, (payee.same_company for payee in wanted.values()))
    return {payee.pk: payee.company for payee in Counterparty.objects.filter(branches).order_by()}


def _alike(
    asked: Iterable[PaymentRequest], companies: Mapping[int, str | int]
) -> Iterable[PaymentRequest]:
    """Each invoice is looked for once, by the index of its payees or of its digits."""
    payees: dict[str | int, list[int]] = defaultdict(list)
    for key, company in companies.items():
        payees[company].append(key)
    each = {_invoice(one.counterparty.company, one): one.invoice_number for one in asked}
    wanted = (of_invoice(number, payees[company]) for (company, _), number in each.items())
    alike = PaymentRequest.objects.filter(reduce(or_, wanted)).exclude(status__in=SETTLED)
    return alike.only("number", "status", "invoice_number", "counterparty_id").order_by("-id")
