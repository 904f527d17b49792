"""Facts of a request in words, the same in the chat and on paper."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury.models import PaymentRequest
from treasury.money import money


def vat(request: PaymentRequest) -> str:
    """«22 %, 22 541,07 ₽», or that there is none."""
    if not request.vat_amount:
        return request.vat_rate.name
    return f"{request.vat_rate.name}, {money(request.vat_amount, request.currency)}"


def invoice(request: PaymentRequest) -> str:
    """«45 от 10.11.2026», as far as it is known."""
    if not request.invoice_date:
        return request.invoice_number
    return _("%(number)s of %(date)s") % {
        "number": request.invoice_number,
        "date": date_format(request.invoice_date, "SHORT_DATE_FORMAT"),
    }
