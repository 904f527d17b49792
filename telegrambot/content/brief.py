"""A request in four lines, for a chat whose readers nobody knows: no account, no documents."""

from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from telegrambot.content.card import STATUS_MARKS, labelled
from telegrambot.content.markup import bold, plain, shortened
from telegrambot.content.progress import waits_for
from treasury import standing
from treasury.models import ApprovalTask, PaymentRequest
from treasury.money import money
from treasury.workflow import Status

# Characters.
_PAYEE = 100
_PURPOSE = 200


def loaded(requests: QuerySet[PaymentRequest]) -> list[PaymentRequest]:
    """Those with what is said of them here, in two queries."""
    asked = ApprovalTask.objects.filter(status=ApprovalTask.Status.OPEN).order_by("id")
    awaited = Prefetch("tasks", asked.select_related("employee"), to_attr="open_tasks")
    return list(
        requests.select_related("counterparty", "snapshot", "stage").prefetch_related(awaited)
    )


def title(request: PaymentRequest) -> str:
    """«⏳ 125 000,50 ₽ · АО «Северсталь»», of what was submitted."""
    said = standing.as_submitted(request)
    amount = money(said.amount, said.currency)
    return f"{STATUS_MARKS[Status(request.status)]} {amount} · {_payee(said)}"


def about(request: PaymentRequest) -> str:
    """«РОМ-2026-00022 · In approval»"""
    return f"{request.number} · {request.get_status_display()}"


def text(request: PaymentRequest) -> str:
    """Telegram's HTML; of what `loaded` gives."""
    purpose = shortened(standing.as_submitted(request).purpose, _PURPOSE)
    return _block(
        [bold(title(request)), plain(about(request)), labelled(_("Purpose"), purpose),
         plain(_awaited(request))]
    )  # fmt: skip


def _payee(request: PaymentRequest) -> str:
    return shortened(request.counterparty.name, _PAYEE)


def _awaited(request: PaymentRequest) -> str:
    if request.stage is None:
        return ""
    return waits_for(request.stage, request.open_tasks)  # type: ignore[attr-defined]


def _block(lines: Iterable[str]) -> str:
    return "\n".join(filter(None, lines))
