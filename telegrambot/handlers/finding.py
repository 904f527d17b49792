"""Requests that a person names, as far as he may see them."""

from treasury.models import Employee, PaymentRequest, PaymentRequestQuerySet

# More with the same last digits are not worth a choice.
MOST = 5


def by_number(employee: Employee, number: str) -> list[PaymentRequest]:
    """Those with this number, or with these last digits; the newest first."""
    if number.isdecimal():
        return _visible(employee, PaymentRequest.objects.ending_with(number))
    # The first narrows down by an index to those that are worth comparing.
    same = PaymentRequest.objects.filter(number__finds=number, number__iexact=number)
    return _visible(employee, same)


def with_key(employee: Employee, pk: int) -> list[PaymentRequest]:
    return _visible(employee, PaymentRequest.objects.filter(pk=pk))


def _visible(employee: Employee, wanted: PaymentRequestQuerySet) -> list[PaymentRequest]:
    visible = wanted.visible_to(employee).select_related("counterparty")
    return list(visible.order_by("-id")[:MOST])
