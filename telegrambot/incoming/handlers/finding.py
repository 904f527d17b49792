"""Requests that a person names, as far as he may see them."""

import re

from treasury.models import Employee, PaymentRequest, PaymentRequestQuerySet

# More with the same last digits are not worth a choice.
MOST = 5
_NUMBER = re.compile(r"(\S+-[0-9]{4}-)?([0-9]{1,8})")


def looks_like_number(text: str) -> bool:
    """Whether a plain message can be nothing else: «НМЗ-2026-00022», «№ 22», «00022»."""
    return bool(_NUMBER.fullmatch(_compact(text)))


def is_in_full(text: str) -> bool:
    """Whether it names organization and year too: «НМЗ-2026-00022»."""
    named = _NUMBER.fullmatch(_compact(text))
    return named is not None and named[1] is not None


def by_number(employee: Employee, number: str) -> list[PaymentRequest]:
    """Those with this number, or with these last digits; the newest first."""
    named = _NUMBER.fullmatch(_compact(number))
    if named is None:
        return []
    beginning, digits = named.groups()
    wanted = PaymentRequest.objects.ending_with(digits)
    if beginning:
        wanted = wanted.filter(number__iexact=f"{beginning}{digits:0>5}")
    return _visible(employee, wanted)


def _compact(text: str) -> str:
    """Without what people write around a number; dashes of every kind are one."""
    letters = "".join(text.upper().split()).lstrip("№#")
    return re.sub("[‐‑‒–—−]", "-", letters)


def with_key(employee: Employee, pk: int) -> list[PaymentRequest]:
    return _visible(employee, PaymentRequest.objects.filter(pk=pk))


def newest(employee: Employee) -> list[PaymentRequest]:
    """Of all that he may see."""
    visible = PaymentRequest.objects.visible_to(employee).select_related("counterparty")
    return list(visible.order_by("-id")[:MOST])


def _visible(employee: Employee, wanted: PaymentRequestQuerySet) -> list[PaymentRequest]:
    visible = wanted.readable_by(employee).select_related("counterparty")
    return list(visible.order_by("-id")[:MOST])
