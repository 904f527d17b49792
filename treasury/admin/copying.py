"""A new request that is filled from an old one."""

from typing import Any

from django.urls import reverse

from treasury.models import PaymentRequest
from treasury.services.requests import EDITABLE_FIELDS

# Each invoice is paid once, on a day of its own.
NOT_COPIED = {"invoice_number", "invoice_date", "desired_date"}


def url_of(source: PaymentRequest) -> str:
    """The form; nothing is saved, and no number given away, until it is sent."""
    return f"{reverse('admin:treasury_paymentrequest_add')}?copy={source.pk}"


def fields_of(source: PaymentRequest) -> dict[str, Any]:
    """What the form of a copy begins with."""
    return {name: getattr(source, name) for name in EDITABLE_FIELDS if name not in NOT_COPIED}
