"""What the templates of the lists need beside Django's own."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django import template
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Sum
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from treasury import money
from treasury.models import PaymentRequest

register = template.Library()

CELL_TAG = len("<td")
BLANK = re.compile(r"<td[^>]*>(-|&nbsp;|)</td>")


@dataclass(frozen=True)
class Chip:
    """A filter that is set, and the list without it."""

    title: str
    chosen: Any
    url: str


@register.filter
def labelled(
    rows: Iterable[Iterable[str]], headers: Sequence[dict[str, Any]]
) -> Iterator[SafeString]:
    """The cells of each row, each with the name of its column: on a phone they stand below each
    other, where no head of a table is seen."""
    titles = (capfirst(strip_tags(str(header["text"]))) for header in headers)
    labels = [format_html(' data-label="{}"', title) for title in titles]
    for cells in rows:
        row = zip_longest(cells, labels, fillvalue="")
        yield mark_safe("".join(_labelled(cell, label) for cell, label in row))  # noqa: S308


def _labelled(cell: str, label: str) -> str:
    blank = " data-blank" if BLANK.fullmatch(cell) else ""
    return f"{cell[:CELL_TAG]}{label}{blank}{cell[CELL_TAG:]}"


@register.filter
def chips(changelist: ChangeList) -> list[Chip]:
    """Everything that narrows the request list now."""
    found = []
    for spec in changelist.filter_specs:
        chosen = getattr(spec, "chosen", "")
        if chosen:
            names = [str(name) for name in spec.expected_parameters()]
            url = changelist.get_query_string(remove=names)
            found.append(Chip(str(spec.title), chosen, url))
    return found


@register.filter
def folded(found: Iterable[Any]) -> list[Any]:
    """The filters that are not of every day."""
    return [spec for spec in found if not spec.is_quick]


@register.filter
def faulty(specs: Iterable[Any]) -> bool:
    """Whether something typed into a filter cannot be understood."""
    return any(spec.form.errors for spec in specs if hasattr(spec, "form"))


@register.filter
def without_filters(changelist: ChangeList) -> str:
    """The address of the list with nothing left out."""
    names = [str(name) for spec in changelist.filter_specs for name in spec.expected_parameters()]
    return changelist.get_query_string(remove=[*names, SEARCH_VAR])


@register.inclusion_tag("admin/treasury/paymentrequest/totals.html")
def totals(changelist: ChangeList) -> dict[str, Any]:
    """What the page adds up to, and what all that was found does, by currency."""
    whole = None
    goes_on = changelist.paginator.goes_on
    counted = 0 if goes_on else changelist.result_count
    if len(changelist.result_list) < counted:
        found = PaymentRequest.objects.filter(pk__in=changelist.paginator.first_keys)
        rows = found.order_by("currency").values_list("currency")
        whole = money.sums(rows.annotate(Sum("amount")))
    page = money.sums((request.currency, request.amount) for request in changelist.result_list)
    return {"page": page, "whole": whole, "goes_on": goes_on}
