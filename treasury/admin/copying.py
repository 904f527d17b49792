"""A new request that is filled from an old one."""

from django.urls import reverse

from treasury.models import PaymentRequest


def url_of(source: PaymentRequest) -> str:
    """The form; nothing is saved, and no number given away, until it is sent."""
    return f"{reverse('admin:treasury_paymentrequest_add')}?copy={source.pk}"
