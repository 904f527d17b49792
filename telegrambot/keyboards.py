"""The buttons under a message, row by row."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from telegrambot.callback_data import CallbackData, Verb
from telegrambot.markup import shortened
from telegrambot.models import ReasonTemplate
from treasury.models import ApprovalTask, PaymentRequest

Button = dict[str, str]
Row = list[Button]
# Longer labels are cut by every client.
_LABEL_LENGTH = 60


def markup(rows: Iterable[Row]) -> dict[str, Any] | None:
    """An InlineKeyboardMarkup, or None without any button."""
    filled = [row for row in rows if row]
    return {"inline_keyboard": filled} if filled else None


def decision(task: ApprovalTask) -> list[Row]:
    return [
        [_button(_("✅ Approve"), Verb.APPROVE, task.pk)],
        [
            _button(_("❌ Decline"), Verb.DECLINE, task.pk),
            _button(_("↩️ Return"), Verb.RETURN, task.pk),
        ],
    ]


def reasons(task: ApprovalTask, templates: Iterable[ReasonTemplate]) -> list[Row]:
    """The ready reasons, one a row, and the way back."""
    ready = [[_button(reason.text, Verb.REASON, task.pk, reason.pk)] for reason in templates]
    return [*ready, [_button(_("← Back"), Verb.BACK, task.pk)]]


def information(request: PaymentRequest, *, details: bool, documents: bool) -> Row:
    about = [(_("Details"), Verb.DETAILS, details), (_("Documents"), Verb.DOCUMENTS, documents)]
    return [_button(label, verb, request.pk) for label, verb, offered in about if offered]


def link(request: PaymentRequest) -> Row:
    """The request in the back office, which asks whoever follows the link for his rights."""
    path = reverse("admin:treasury_paymentrequest_change", args=[request.pk])
    return [{"text": _("Open the request"), "url": f"{settings.PUBLIC_URL}{path}"}]


def queue(entries: Sequence[tuple[str, int]], page: int, pages: int) -> list[Row]:
    """A row for each (label, request pk), and the ways to the neighbouring pages."""
    turns = [("←", page - 1)] * (page > 1) + [("→", page + 1)] * (page < pages)
    rows = [[_button(label, Verb.DETAILS, request)] for label, request in entries]
    return [*rows, [_button(label, Verb.PAGE, number) for label, number in turns]]


def _button(label: str, verb: Verb, target: int, detail: int = 0) -> Button:
    data = CallbackData(verb, target, detail)
    return {"text": shortened(label, _LABEL_LENGTH), "callback_data": str(data)}
