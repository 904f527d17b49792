"""Requests that a person names, as far as he may see them."""

from django.db.models import Q

from treasury.models import Employee, PaymentRequest

# More with the same last digits are not worth a choice.
MOST = 5


def by_number(employee: Employee, number: str) -> list[PaymentRequest]:
    """Those with this number, or with these last digits; the newest first."""
    wanted = Q(number__iexact=number)
    if number.isdecimal():
        wanted |= Q(number__endswith=f"-{number:0>5}")
    return _visible(employee, wanted)


def with_key(employee: Employee, pk: int) -> list[PaymentRequest]:
    return _visible(employee, Q(pk=pk))


def _visible(employee: Employee, wanted: Q) -> list[PaymentRequest]:
    visible = PaymentRequest.objects.visible_to(employee).select_related("counterparty")
    return list(visible.filter(wanted).order_by("-id")[:MOST])
