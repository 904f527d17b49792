"""Directory rows under the requests that name them: held still for a moment, taken out of use."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db import connection, models

from treasury import readiness, reasons
from treasury.errors import NotReady
from treasury.models import (
    Bank,
    Counterparty,
    CounterpartyAccount,
    Department,
    OwnAccount,
    PaymentRequest,
)
from treasury.models.facts import DirectoryRow

Row = TypeVar("Row", bound=models.Model)
NAMED: dict[str, type[DirectoryRow]] = {
    "department": Department,
    "counterparty": Counterparty,
    "counterparty_account": CounterpartyAccount,
    "own_account": OwnAccount,
}


def hold(request: PaymentRequest) -> None:
    """Read afresh by what the request is paid; nobody rewrites or retires it until the commit.

    Many may hold a row at once. Whoever changes one waits, and then finds the request.
    """
    for name, model in NAMED.items():
        for row in _held(model, [getattr(request, f"{name}_id")]):
            setattr(request, name, row)
    accounts = [row for row in (request.counterparty_account, request.own_account) if row]
    banks = {bank.pk: bank for bank in _held(Bank, {account.bank_id for account in accounts})}
    for account in accounts:
        account.bank = banks[account.bank_id]


def hold_to_pay(request: PaymentRequest, account: OwnAccount) -> OwnAccount | None:
    """The account afresh and held, as above; None when the request cannot be paid from it."""
    return next(_shared(OwnAccount.objects.to_pay(request).filter(pk=account.pk).order_by()), None)


def check_ready(request: PaymentRequest) -> None:
    """Whether it may be asked for, or paid, as it is at this moment. Raises `NotReady`."""
    hold(request)
    if shortcomings := readiness.shortcomings(request):
        raise NotReady(by_field=shortcomings)


def _held(model: type[Row], keys: Iterable[int | None]) -> list[Row]:
    """In the order of their keys, as all who lock several."""
    wanted = [key for key in keys if key is not None]
    if not wanted:
        return []
    return list(_shared(model._default_manager.filter(pk__in=wanted).order_by("pk")))


def _shared(rows: "models.QuerySet[Row]") -> Iterator[Row]:
    sql, values = rows.query.sql_with_params()
    # SQLite has one writer at a time.
    share = f' FOR SHARE OF "{rows.model._meta.db_table}"'
    statement = sql + share if connection.vendor == "postgresql" else sql
    return iter(rows.model._default_manager.raw(statement, values))


def retire(*, row: DirectoryRow, reason: str) -> None:
    """Take a row out of use; whoever meets it reads why. Raises `ReasonRequired`."""
    row.is_active, row.out_of_use_reason = False, reasons.checked(reason)
    row.save(update_fields=["is_active", "out_of_use_reason"])
