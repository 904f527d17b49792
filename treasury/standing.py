"""A submitted request as it stands: what its revision keeps, and what has become of that since."""

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Max, Model, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from treasury import changes, facts, readiness
from treasury.changes import Change
from treasury.facts import KEY, Difference
from treasury.models import (
    Bank,
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Department,
    Event,
    Organization,
    OwnAccount,
    PaymentRequest,
    VatRate,
)
from treasury.workflow import TALK, Action, PaymentStatus, Status

# The money has not gone yet.
_UNPAID = (PaymentStatus.NONE, PaymentStatus.BATCHED, PaymentStatus.FAILED)
# How the parts of a row are called beside the name of its field.
_PARTS = {
    "inn": gettext_lazy("INN"),
    "kpp": gettext_lazy("KPP"),
    "country": gettext_lazy("country"),
    "kio": gettext_lazy("KIO"),
    "tax_number": gettext_lazy("tax number"),
    "bik": gettext_lazy("BIK"),
    "swift": gettext_lazy("SWIFT"),
    "bank": gettext_lazy("bank"),
    "percent": gettext_lazy("percent"),
    "code": gettext_lazy("code"),
}
# By either a bank is known.
_CODES = ("bik", "swift")
# Who has brought the request there, and when, is worth as much as the status itself.
_ENDINGS = {
    Status.DRAFT: Action.WITHDRAW,
    Status.RETURNED: Action.RETURN,
    Status.DECLINED: Action.DECLINE,
    Status.CANCELLED: Action.CANCEL,
}
_PLAIN = ("currency", "purpose", "invoice_number", "contract")
_ROWS: Mapping[str, Any] = {
    "organization": Organization,
    "department": Department,
    "cash_flow_item": CashFlowItem,
    "counterparty": Counterparty,
    "counterparty_account": CounterpartyAccount,
    "own_account": OwnAccount,
}
# Whose rows `warnings` compare, and by which paths a request names them.
NAMED_BY: Mapping[type[Model], Sequence[str]] = {
    **{model: [name] for name, model in _ROWS.items()},
    Bank: ["counterparty_account__bank", "own_account__bank"],
    VatRate: ["vat_rate"],
}


def as_submitted(request: PaymentRequest) -> PaymentRequest:
    """The request with the facts of its revision, to be shown and never saved."""
    if request.snapshot is None:
        return request
    kept, shown = request.snapshot.facts, copy.copy(request)
    for name in _PLAIN:
        setattr(shown, name, kept[name])
    shown.amount, shown.vat_amount = Decimal(kept["amount"]), Decimal(kept["vat_amount"])
    day = kept["invoice_date"]
    shown.invoice_date = date.fromisoformat(day) if day else None
    for name, model in _ROWS.items():
        setattr(shown, name, _row(model, kept[name]))
    shown.vat_rate = _rate(kept["vat_rate"])
    return shown


def ending(request: PaymentRequest) -> Event | None:
    """What has taken the request out of approval, when it is not to be paid as it stands."""
    action = _ENDINGS.get(Status(request.status))
    # Before its first submit a draft was never in approval.
    if action is None or not request.revision:
        return None
    return request.events.filter(action=action).select_related("actor", "on_behalf_of").last()


def since(request: PaymentRequest) -> datetime:
    """When it came to the status that it has. Of what has moved on since it was read: just now."""
    others = request.events.exclude(status=request.status).order_by("-sequence")
    before = Coalesce(Subquery(others.values("sequence")[:1]), 0)
    came = request.events.filter(sequence__gt=before).order_by("sequence")
    return came.values_list("at", flat=True).first() or timezone.now()


def deeds(request_pk: int) -> QuerySet[Event]:
    """The entries of its journal by which it became another, the newest first: not what was only
    said of it."""
    entries = Event.objects.filter(request=request_pk).exclude(action__in=TALK)
    return entries.order_by("-sequence")


def version(request_pk: int) -> int | None:
    """The sequence of the last of them."""
    return versions([request_pk]).get(request_pk)


def versions(request_pks: Collection[int]) -> dict[int, int]:
    """The same of many, by their keys."""
    entries = Event.objects.filter(request__in=list(request_pks)).exclude(action__in=TALK)
    newest = entries.order_by().values("request").annotate(newest=Max("sequence"))
    return dict(newest.values_list("request", "newest"))


def warnings(request: PaymentRequest) -> list[str]:
    """What has changed in the directories under a request that is, or was, approved; a line each.

    What is with the bank or called off already needs no warning.
    """
    waits = request.status in (Status.IN_APPROVAL, Status.APPROVED)
    if not waits or request.snapshot is None or request.payment_status not in _UNPAID:
        return []
    gone = dict.fromkeys(map(str, readiness.out_of_use(request).values()))
    said = _("Changed in the directories: %(change)s")
    renewed = facts.differences(request.snapshot.facts, facts.rows(request))
    return [*gone, *(said % {"change": change} for change in _changes(renewed))]


def resting_on(row: Model) -> QuerySet[PaymentRequest]:
    """The requests in approval, and approved and not paid yet, that name this row."""
    named = reduce(or_, (Q(**{path: row.pk}) for path in NAMED_BY[type(row)]))
    waiting = Q(status=Status.IN_APPROVAL)
    unpaid = Q(status=Status.APPROVED, payment_status__in=_UNPAID)
    return PaymentRequest.objects.filter(waiting | unpaid).filter(named)


def superseded(differences: Iterable[Difference]) -> str:
    """Why nobody can approve what was submitted, and what to do."""
    return _(
        "Changed in the directories: %(changes)s. Whoever prepares the request has to save it once "
        "more; then it is asked anew."
    ) % {"changes": "; ".join(_changes(differences))}


def _changes(differences: Iterable[Difference]) -> Iterator[str]:
    for name, part, old, new in differences:
        label = str(changes.FIELDS[name].verbose_name)
        if part in _PARTS:
            label = f"{label}, {_PARTS[part]}"
        yield str(Change(label, str(old or "—"), str(new or "—")))


def _row(model: Any, kept: Mapping[str, Any]) -> Any:
    if not kept:
        return None
    of_bank = {part: kept[part] for part in _CODES if part in kept}
    parts = {part: said for part, said in kept.items() if part not in (KEY, "bank", *of_bank)}
    row = model(pk=kept[KEY], **parts)
    if of_bank:
        row.bank = Bank(**of_bank, name=kept["bank"])
    return row


def _rate(kept: Mapping[str, Any]) -> VatRate:
    percent = Decimal(kept["percent"]) if kept["percent"] else None
    return VatRate(pk=kept[KEY], name=kept["name"], percent=percent)
