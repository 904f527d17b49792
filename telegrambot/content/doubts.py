"""What of a request is worth a second look before it is decided."""

from django.db.models import Count, Window
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treasury import late, standing, unusual
from treasury.models import PaymentRequest
from treasury.workflow import Action, Status

# So many of the other requests with the same invoice are named.
_TWINS_SHOWN = 2
# Of the documents that came later; the details name all.
_LATE_SHOWN = 3


def doubts(request: PaymentRequest) -> str:
    """What is worth a second look, a line each."""
    lines = (f"⚠️ {line}" for line in [*standing.warnings(request), *unusual.lines(request)])
    return "\n".join([*lines, *_same_invoice(request), *_unseen_documents(request)])


def _unseen_documents(request: PaymentRequest) -> list[str]:
    lines = [f"⚠️ {line}" for line in late.lines(request)]
    if more := len(lines[_LATE_SHOWN:]):
        lines[_LATE_SHOWN:] = [
            ngettext("… and %(count)d more document", "… and %(count)d more documents", more)
            % {"count": more}
        ]
    return lines


def _same_invoice(request: PaymentRequest) -> list[str]:
    """Other requests by which the same invoice may be paid, and why it is asked for again."""
    twins = PaymentRequest.objects.twins_of(request).order_by("-id")
    counted = twins.annotate(in_all=Window(Count("pk")))
    rows = list(counted.values_list("number", "status", "in_all")[:_TWINS_SHOWN])
    lines = [
        _("⚠️ Invoice %(invoice)s is already in request %(number)s (%(status)s)")
        % {"invoice": request.invoice_number, "number": number, "status": Status(status).label}
        for number, status, _in_all in rows
    ]
    if not rows:
        return []
    if more := rows[0][2] - len(rows):
        lines.append(
            ngettext("… and in %(count)d more", "… and in %(count)d more", more) % {"count": more}
        )
    submits = request.events.filter(action=Action.SUBMIT).order_by("-id")
    if reason := submits.values_list("reason", flat=True).first():
        lines.append(_("Why again: %(reason)s") % {"reason": reason})
    return lines
