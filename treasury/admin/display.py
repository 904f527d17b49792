"""How values look: money, marks, labels."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from treasury import deadlines
from treasury.models import ApprovalStage, Counterparty, PaymentRequest, Priority
from treasury.workflow import SETTLED, PaymentStatus
from treasury.working_time import WorkingTime


def day(value: date) -> str:
    return date_format(value, "SHORT_DATE_FORMAT")


def moment(value: datetime) -> str:
    return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


def badge(kind: str, text: str) -> SafeString:
    return format_html('<span class="badge badge-{}">{}</span>', kind, text)


def status_badge(request: PaymentRequest) -> SafeString:
    """The status; of an approved request also how far its payment is."""
    status = badge(request.status, request.get_status_display())
    if request.payment_status == PaymentStatus.NONE:
        return status
    payment = badge(f"payment-{request.payment_status}", request.get_payment_status_display())
    return format_html("{} {}", status, payment)


def priority_mark(request: PaymentRequest) -> SafeString | str:
    if request.priority == Priority.NORMAL:
        return ""
    return format_html(
        '<span class="priority priority-{}">{}</span>',
        request.priority,
        request.get_priority_display(),
    )


def question_mark() -> SafeString:
    """Of a request of which something is asked, until it is answered."""
    return format_html('<span class="priority priority-question">{}</span>', _("question"))


def day_has_passed(request: PaymentRequest) -> bool:
    """The one for which the money was wanted. What is overdue is another thing: a stage, beyond its
    deadline."""
    # What nobody waits for any more cannot be late.
    unsettled = request.status not in SETTLED and request.payment_status != PaymentStatus.PAID
    return unsettled and request.desired_date < timezone.localdate()


def due_date(request: PaymentRequest) -> SafeString | str:
    if not day_has_passed(request):
        return day(request.desired_date)
    return format_html(
        '{} <span class="overdue">{}</span>', day(request.desired_date), _("date passed")
    )


def late(stage: ApprovalStage, calendar: WorkingTime | None = None) -> SafeString | str:
    """By how much the stage is overdue; nothing while there is time. By the `calendar`, where it is
    known already."""
    text = deadlines.overdue(stage, timezone.now(), calendar)
    return format_html('<span class="overdue">{}</span>', text) if text else ""


def payee_label(counterparty: Counterparty) -> str:
    """The name with the ИНН and the КПП, by which branches of one company differ; abroad with the
    country and its numbers."""
    numbers = (number.value for number in counterparty.numbers)
    codes = filter(None, [counterparty.foreign_country, *numbers, counterparty.kpp])
    return f"{counterparty.name} · {' / '.join(codes)}"


def two_lines(main: str, note: str) -> SafeString:
    """Two values in a cell; what has no room on its line is read by pointing at it."""
    lines = '<span class="line" title="{}">{}</span><span class="note" title="{}">{}</span>'
    return format_html(lines, main, main, strip_tags(note), note)
