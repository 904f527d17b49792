"""Requests by which the same invoice may be paid, of many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from treasury import invoices
from treasury.models import Counterparty, PaymentRequest
from treasury.models.reading import of_invoice
from treasury.workflow import SETTLED

# The company that has sent it, and its number as it is compared.
_Invoice = tuple[str | int, str]


class Twins(NamedTuple):
    """The newest of them first, and how many there are."""

    newest: Sequence[PaymentRequest]
    in_all: int


def of_each(requests: Iterable[PaymentRequest], shown: int) -> dict[int, Twins]:
    """As `PaymentRequestQuerySet.twins_of`, by the keys of those that have some; of each so many as
    are shown. Two queries."""
    asked = [one for one in requests if invoices.plain(one.invoice_number)]
    if not asked:
        return {}
    companies = _companies({one.counterparty.company: one.counterparty for one in asked})
    found: dict[_Invoice, list[Any]] = defaultdict(list)
    # The request itself is among them.
    for other in _alike(asked, companies, shown + 1):
        found[_invoice(companies[other.counterparty_id], other)].append(other)
    twins = {
        one.pk: _besides(one, found[_invoice(one.counterparty.company, one)], shown)
        for one in asked
    }
    return {key: some for key, some in twins.items() if some.newest}


def _besides(request: PaymentRequest, alike: Sequence[Any], shown: int) -> Twins:
    of_branches = {one.counterparty_id: one.in_all for one in alike}
    others = [one for one in alike if one.pk != request.pk]
    return Twins(others[:shown], sum(of_branches.values()) - (request.status not in SETTLED))


def _invoice(company: str | int, request: PaymentRequest) -> _Invoice:
    return company, invoices.plain(request.invoice_number)


def _companies(wanted: Mapping[str | int, Counterparty]) -> dict[int, str | int]:
    """The company of each of their branches, by its key."""
    branches = reduce(or_, (payee.same_company for payee in wanted.values()))
    return {payee.pk: payee.company for payee in Counterparty.objects.filter(branches).order_by()}


def _alike(
    asked: Iterable[PaymentRequest], companies: Mapping[int, str | int], most: int
) -> Iterable[PaymentRequest]:
    """Each invoice is looked for once, by the index of its payees or of its digits; of what very
    many have, as «б/н», so many of each branch are read."""
    payees: dict[str | int, list[int]] = defaultdict(list)
    for key, company in companies.items():
        payees[company].append(key)
    each = {_invoice(one.counterparty.company, one): one.invoice_number for one in asked}
    wanted = (of_invoice(number, payees[company]) for (company, _), number in each.items())
    alike = PaymentRequest.objects.filter(reduce(or_, wanted)).exclude(status__in=SETTLED)
    of_branch: dict[str, Any] = {"partition_by": ["counterparty", invoices.PLAIN]}
    counted = alike.annotate(
        place=Window(RowNumber(), order_by="-id", **of_branch),
        in_all=Window(Count("pk"), **of_branch),
    )
    some = counted.filter(place__lte=most)
    return some.only("number", "status", "invoice_number", "counterparty_id").order_by("-id")
