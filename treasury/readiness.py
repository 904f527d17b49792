"""What has to be right before a request is saved, and as long as it may be approved."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from treasury import vat
from treasury.errors import DuplicateInvoice, Text
from treasury.models import PaymentRequest
from treasury.money import number
from treasury.workflow import UNFINISHED, Action

VAT_FIELDS = {"purpose", "vat_rate", "vat_amount"}
DIRECTORIES = (
    "organization", "department", "cash_flow_item", "counterparty", "counterparty_account",
    "own_account",
)  # fmt: skip
KOPECK, ROUNDED_LINES = Decimal("0.01"), Decimal("1.00")


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
    """Field → why the request cannot be submitted, or is no longer what may be approved."""
    # What is nearer to the root of it is said.
    return _wrong_vat(request) | unfit_rows(request) | _missing(request)


def unfit_rows(request: PaymentRequest) -> dict[str, Text]:
    """Field → why the directory row in it cannot be taken, or not beside the others."""
    return out_of_use(request) | _misfits(request)


def _missing(request: PaymentRequest) -> dict[str, Text]:
    problems: dict[str, Text] = {}
    # While a request waits for its approvers, its day may pass: it is late, not wrong.
    if request.status in UNFINISHED and request.desired_date < timezone.localdate():
        problems["desired_date"] = _day_has_passed()
    if not request.comment.strip() and not request.documents.exists():
        problems["documents"] = _("Attach a document, or explain in the comment why there is none.")
    return problems


def _misfits(request: PaymentRequest) -> dict[str, Text]:
    """Where its own fields, and the rows that they name, do not agree."""
    try:
        request.clean()
    except ValidationError as error:
        return {name: texts[0] for name, texts in error.message_dict.items()}
    return {}


def out_of_use(request: PaymentRequest) -> dict[str, Text]:
    """Field → what it names is no longer in use; of an account also its bank: nothing arrives."""
    problems: dict[str, Text] = {}
    for name in DIRECTORIES:
        account = getattr(request, name)
        for row in filter(None, (account, getattr(account, "bank", None))):
            if not row.is_active:
                text = _("“%(name)s” is no longer in use.") % {"name": row}
                why = getattr(row, "out_of_use_reason", "")
                problems.setdefault(name, f"{text} {why}".rstrip())
    return problems


def _wrong_vat(request: PaymentRequest) -> dict[str, Text]:
    problems: dict[str, Text] = {}
    if contradiction := _contradiction(request):
        problems["purpose"] = contradiction
    # The rate is that of the payment; of what was delivered before, that of the invoice.
    days = filter(None, (request.desired_date, request.invoice_date))
    if not any(request.vat_rate.holds_on(day) for day in days):
        problems["vat_rate"] = _("%(rate)s does not hold on %(day)s: choose another rate.") % {
            "rate": request.vat_rate,
            "day": date_format(request.desired_date, "SHORT_DATE_FORMAT"),
        }
    elif not _is_in_proportion(request):
        expected = request.vat_rate.included_in(request.amount)
        problems["vat_amount"] = _("By the rate %(rate)s the VAT is %(vat)s: correct it.") % {
            "rate": request.vat_rate,
            "vat": number(expected),
        }
    return problems


def _is_in_proportion(request: PaymentRequest) -> bool:
    """Whether the VAT is the one that the rate gives, to a kopeck.

    An invoice that is rounded line by line may differ by up to a rouble, and one of several rates
    by more; then the purpose says so.
    """
    difference = abs(request.vat_amount - request.vat_rate.included_in(request.amount))
    if not request.vat_rate.percent:
        return not difference
    if vat.names_several_rates(request.purpose):
        return True
    return difference <= (ROUNDED_LINES if vat.names_amount(request.purpose) else KOPECK)


def _day_has_passed() -> str:
    return _("This day has passed: choose another one.")


def _contradiction(request: PaymentRequest) -> str:
    return vat.contradiction(request.purpose, request.vat_rate.percent, request.vat_amount)


def reason_for_twins(request: PaymentRequest, given: str) -> tuple[str, Sequence[str]]:
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
    raise DuplicateInvoice(twins)
