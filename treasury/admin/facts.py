"""What a request says, for whoever only reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from treasury import days, money
from treasury.admin import display
from treasury.admin.request_form import FIELDSETS
from treasury.labels import labelled
from treasury.models import PaymentRequest

# How much room a fact takes in its group.
WIDTHS = {
    "organization": "wide", "department": "wide", "cash_flow_item": "wide", "requester": "wide",
    "counterparty": "wide", "counterparty_account": "wide", "own_account": "wide",
    "contract": "wide", "purpose": "full", "comment": "full",
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    label: Any
    value: str | SafeString
    width: str


def facts(request: PaymentRequest) -> list[tuple[Any, Sequence[Fact]]]:
    """The groups of the form, each with what was filled in."""
    return [
        (title, [fact for name in _flat(options["fields"]) if (fact := _fact(request, name)).value])
        for title, options in FIELDSETS
    ]


def _flat(rows: Sequence[str | Sequence[str]]) -> list[str]:
    return [name for row in rows for name in ([row] if isinstance(row, str) else row)]


def _fact(request: PaymentRequest, name: str) -> Fact:
    label = PaymentRequest._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    return Fact(label, _value(request, name), WIDTHS.get(name, ""))


def _value(request: PaymentRequest, name: str) -> str | SafeString:
    match name:
        case "amount" | "vat_amount":
            return money.money(getattr(request, name), request.currency)
        case "desired_date":
            note = days.remark(request.desired_date)
            shown = display.due_date(request)
            return _with_note(shown, note) if note else shown
        case "invoice_date":
            return display.day(request.invoice_date) if request.invoice_date else ""
        case "counterparty":
            payee = request.counterparty
            kpp = str(labelled(payee, "kpp")) if payee.kpp else ""
            return _with_note(payee.name, payee.foreign_country, *map(str, payee.numbers), kpp)
        case "counterparty_account" | "own_account":
            return _account(getattr(request, name))
        case "priority":
            return str(request.get_priority_display())
        case "currency":
            # The amount has its sign.
            return ""
    value = getattr(request, name)
    return "" if value is None else str(value)


def _account(account: Any) -> str | SafeString:
    if account is None:
        return ""
    return _with_note(account.number, account.bank.name, str(account.bank.code))


def _with_note(text: str, *notes: str) -> SafeString:
    return format_html('{} <span class="quiet">{}</span>', text, ", ".join(filter(None, notes)))
