"""What has to be right before a request is saved, and before it is submitted."""

from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import vat
from treasury.errors import DuplicateInvoice, Text
from treasury.models import Employee, PaymentRequest
from treasury.workflow import Action

VAT_FIELDS = {"purpose", "vat_rate", "vat_amount"}


def check_saved(request: PaymentRequest, changed: Collection[str]) -> None:
    """What is written now has to agree with the calendar and itself; older rows may rest.

    Raises `ValidationError` with the problems by field.
    """
    problems: dict[str, Text] = {}
    today = timezone.localdate()
    if "invoice_date" in changed and request.invoice_date and request.invoice_date > today:
        problems["invoice_date"] = _("This day is still to come: compare with the invoice.")
    if "desired_date" in changed and request.desired_date < today:
        problems["desired_date"] = _day_has_passed()
    if VAT_FIELDS & set(changed) and (contradiction := _contradiction(request)):
        problems["purpose"] = contradiction
    if problems:
        raise ValidationError(problems)


def shortcomings(request: PaymentRequest) -> dict[str, Text]:
    """Field → what is missing or wrong there for a submit."""
    problems: dict[str, Text] = {}
    for name in ("organization", "department", "counterparty"):
        row = getattr(request, name)
        if not row.is_active:
            problems[name] = _("“%(name)s” is no longer in use.") % {"name": row}
    if contradiction := _contradiction(request):
        problems["purpose"] = contradiction
    if request.desired_date < timezone.localdate():
        problems["desired_date"] = _day_has_passed()
    if not request.documents.exists() and not request.comment.strip():
        problems["documents"] = _("Attach a document, or explain in the comment why there is none.")
    return problems


def _day_has_passed() -> str:
    return _("This day has passed: choose another one.")


def _contradiction(request: PaymentRequest) -> str:
    return vat.contradiction(request.purpose, request.vat_rate.percent, request.vat_amount)


def reason_for_twins(
    request: PaymentRequest, actor: Employee, given: str
) -> tuple[str, Sequence[str]]:
    """Why the invoice is asked for once more, and the numbers of the other requests.

    A reason once given holds for these requests, also after a return. Raises `DuplicateInvoice`
    when there is none.

    Without a lock: a draft is a twin too, so of two that are submitted at once each is known to
    the other before.
    """
    twins = list(PaymentRequest.objects.twins_of(request).order_by("id"))
    if not twins:
        return "", []
    numbers = [twin.number for twin in twins]
    if given:
        return given, numbers
    last = request.events.filter(action=Action.SUBMIT).order_by("-sequence").first()
    if last and last.reason and set(numbers) <= set(last.data.get("twins", [])):
        return last.reason, numbers
    seen = PaymentRequest.objects.twins_of(request).readable_by(actor)
    raise DuplicateInvoice(list(seen.order_by("id")))
