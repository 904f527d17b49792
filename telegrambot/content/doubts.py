"""What of a request is worth a second look before it is decided."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import Count, Window
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from telegrambot.content.markup import shortened
from telegrambot.content.words import who
from treasury import late, returned, standing, twins, unusual, vat
from treasury.models import Event, PaymentRequest
from treasury.returned import Returned
from treasury.workflow import Action, Status

# So many of the other requests with the same invoice are named.
_TWINS_SHOWN = 2
# Of the documents that came later; the details name all.
_LATE_SHOWN = 3
# Characters of why it was returned.
_REASON = 200


class _Twins(NamedTuple):
    """Other requests by which the same invoice may be paid: of the newest number and status, how
    many there are, and why it is asked for again."""

    newest: Sequence[tuple[str, str]] = ()
    in_all: int = 0
    why: str = ""


def doubts(request: PaymentRequest) -> str:
    """What is worth a second look, a line each."""
    strange, came_late = unusual.lines(request), late.lines(request)
    return _said(request, returned.of(request), strange, _twins(request), came_late)


def doubts_of_each(requests: Collection[PaymentRequest]) -> dict[int, str]:
    """The same of many with their facts, by their keys; in as many queries as of one or two."""
    strange, same = unusual.lines_of_each(requests), _twins_of_each(requests)
    came_late, back = late.lines_of_each(requests), returned.of_each(requests)
    return {
        one.pk: _said(
            one, back.get(one.pk), strange.get(one.pk, []), same.get(one.pk, _Twins()),
            came_late.get(one.pk, []),
        )
        for one in requests
    }  # fmt: skip


def _said(
    request: PaymentRequest, back: Returned | None, strange: Sequence[str], same: _Twins,
    came_late: Sequence[str],
) -> str:  # fmt: skip
    warned = [*standing.warnings(request), *_silence(request), *strange]
    lines = (f"⚠️ {line}" for line in warned)
    return "\n".join(
        [*_back(request, back), *lines, *_same_invoice(request, same),
         *_unseen_documents(came_late)]
    )  # fmt: skip


def _silence(request: PaymentRequest) -> list[str]:
    """Its author was told so, and may have had a reason."""
    if request.status != Status.IN_APPROVAL:
        return []
    said = vat.silence(standing.as_submitted(request).purpose)
    return [said] if said else []


def _back(request: PaymentRequest, back: Returned | None) -> list[str]:
    """Of one that is asked about again; while it is returned, its head says so."""
    if back is None or request.status != Status.IN_APPROVAL:
        return []
    reason = shortened(" ".join(back.entry.reason.split()), _REASON).rstrip(".")
    said = _("↩️ Returned by %(person)s: “%(reason)s”.") % {
        "person": who(back.entry.actor, back.entry.on_behalf_of), "reason": reason,
    }  # fmt: skip
    if not back.changed:
        return [f"{said} " + _("Nothing has been changed since.")]
    fields = ", ".join(dict.fromkeys(change.label for change in back.changed))
    return [f"{said} " + _("Changed since: %(fields)s.") % {"fields": fields}]


def _unseen_documents(came_late: Sequence[str]) -> list[str]:
    lines = [f"⚠️ {line}" for line in came_late]
    if more := len(lines[_LATE_SHOWN:]):
        lines[_LATE_SHOWN:] = [
            ngettext("… and %(count)d more document", "… and %(count)d more documents", more)
            % {"count": more}
        ]
    return lines


def _twins(request: PaymentRequest) -> _Twins:
    found = PaymentRequest.objects.twins_of(request).order_by("-id")
    counted = found.annotate(in_all=Window(Count("pk")))
    rows = list(counted.values_list("number", "status", "in_all")[:_TWINS_SHOWN])
    if not rows:
        return _Twins()
    newest = [(number, status) for number, status, _number in rows]
    return _Twins(newest, rows[0][2], _whys([request.pk]).get(request.pk, ""))


def _twins_of_each(requests: Collection[PaymentRequest]) -> dict[int, _Twins]:
    found = twins.of_each(requests, _TWINS_SHOWN)
    whys = _whys(found) if found else {}
    return {
        key: _Twins(
            [(one.number, one.status) for one in some.newest], some.in_all, whys.get(key, "")
        )
        for key, some in found.items()
    }


def _whys(request_pks: Collection[int]) -> dict[int, str]:
    """The reasons with which these were submitted last."""
    submits = Event.objects.filter(request__in=list(request_pks), action=Action.SUBMIT)
    return dict(submits.order_by("id").values_list("request", "reason"))


def _same_invoice(request: PaymentRequest, same: _Twins) -> list[str]:
    lines = [
        _("⚠️ Invoice %(invoice)s is already in request %(number)s (%(status)s)")
        % {"invoice": request.invoice_number, "number": number, "status": Status(status).label}
        for number, status in same.newest
    ]
    if more := same.in_all - len(lines):
        lines.append(
            ngettext("… and in %(count)d more", "… and in %(count)d more", more) % {"count": more}
        )
    return [*lines, _("Why again: %(reason)s") % {"reason": same.why}] if same.why else lines
