"""What is approved: the facts of a request as plain data, by the names of its fields.

A revision keeps them for good (`treasury.models.Revision`); cards and pages show them, and say
what differs from them now. Of a row of a directory they hold its key and what it says; of documents
the SHA-256 in hex, each with the name. Amounts are decimal text, days ISO 8601.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from treasury.prepared import complete

if TYPE_CHECKING:
    from treasury.models import (
        Counterparty,
        CounterpartyAccount,
        Organization,
        OwnAccount,
        PaymentRequest,
    )

Facts = dict[str, Any]

KEY = "key"
DOCUMENTS = "documents"
# The fields that name a row of a directory.
ROWS = (
    "organization", "counterparty", "department", "cash_flow_item", "counterparty_account",
    "own_account", "vat_rate", "requester",
)  # fmt: skip
# What may be called otherwise and is the same: nobody is asked anew for it.
_RENAMED = frozenset(
    {
        ("organization", "name"), ("department", "name"), ("cash_flow_item", "code"),
        ("cash_flow_item", "name"), ("counterparty_account", "bank"), ("own_account", "bank"),
        ("vat_rate", "name"), ("requester", "name"),
    }
)  # fmt: skip
# The parts of rows in the order in which they are said; JSON keeps none.
_SAID = (
    "code", "name", "country", "number", "inn", "kpp", "kio", "tax_number", "bik", "swift", "bank",
    "percent",
)  # fmt: skip


class Difference(NamedTuple):
    """`part` of a row, such as its ИНН, or the SHA-256 of a document; empty for a plain value.

    None is a document or row that there was not, or is not.
    """

    name: str
    part: str
    old: Any
    new: Any

    @property
    def is_material(self) -> bool:
        return (self.name, self.part) not in _RENAMED


def of(request: "PaymentRequest", documents: Mapping[str, str] | None = None) -> Facts:
    """As they are now, with what the directories say; `documents` where they are known."""
    if documents is None:
        documents = request.document_names()
    return {
        **rows(request),
        "currency": str(request.currency),
        "amount": f"{request.amount:.2f}",
        "vat_amount": f"{request.vat_amount:.2f}",
        "purpose": request.purpose,
        "invoice_number": request.invoice_number,
        "invoice_date": request.invoice_date.isoformat() if request.invoice_date else "",
        "contract": request.contract,
        DOCUMENTS: dict(documents),
    }


def rows(request: "PaymentRequest") -> Facts:
    """What the directories say now of the rows that the request names; of no row nothing."""
    complete(request, ROWS)
    item, rate = request.cash_flow_item, request.vat_rate
    percent = "" if rate.percent is None else f"{rate.percent:.2f}"
    return {
        **parties(request),
        "department": _row(request.department, name=request.department.name),
        "cash_flow_item": _row(item, code=item.code, name=item.name),
        "counterparty_account": _account(request.counterparty_account),
        **paying(request),
        "vat_rate": _row(rate, name=rate.name, percent=percent),
        "requester": _row(request.requester, name=str(request.requester)),
    }


def paying(request: "PaymentRequest") -> Facts:
    """From which account it is paid."""
    own = request.own_account
    return {"own_account": _account(own) if own else {}}


def parties(request: "PaymentRequest") -> Facts:
    """Who pays and who is paid: of the directories' facts those that can still become others."""
    return {
        "organization": _party(request.organization),
        "counterparty": _payee(request.counterparty),
    }


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    """Of the facts that `new` has; in their order."""
    for name, value in new.items():
        before = old.get(name)
        if not isinstance(value, dict):
            if before != value:
                yield Difference(name, "", before, value)
        elif before != value:
            yield from _of_rows(name, before or {}, value)


def digest(facts: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the canonical JSON."""
    return hashlib.sha256(canonical(facts).encode()).hexdigest()


def canonical(data: Mapping[str, Any]) -> str:
    """The one text of equal data, whatever order its keys came in."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def in_words(value: Any) -> str:
    """A plain value, or what is said of a row, without its key."""
    if not isinstance(value, dict):
        return str(value or "")
    return ", ".join(value[part] for part in _SAID if value.get(part))


def _of_rows(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for part in dict.fromkeys([*old, *new]):
        if old.get(part) != new.get(part):
            yield Difference(name, part, old.get(part), new.get(part))


def _row(row: Any, **parts: str) -> Facts:
    return {KEY: row.pk, **parts}


def _party(party: "Organization | Counterparty") -> Facts:
    return _row(party, name=party.name, inn=party.inn, kpp=party.kpp)


def _payee(payee: "Counterparty") -> Facts:
    if not payee.is_abroad:
        return _party(payee)
    numbers = {"kio": payee.kio, "tax_number": payee.tax_number}
    known = {part: number for part, number in numbers.items() if number}
    return _row(payee, name=payee.name, country=payee.country, **known)


def _account(account: "CounterpartyAccount | OwnAccount") -> Facts:
    complete(account, ["bank"])
    bank = account.bank
    code = {"swift": bank.swift} if bank.swift else {"bik": bank.bik or ""}
    return _row(account, number=account.number, **code, bank=bank.name)
