"""Directory rows under the requests that name them: held still for a moment, taken out of use."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import models

from treasury import facts, readiness, reasons
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
from treasury.prepared import Prepared, complete

NAMED: dict[str, type[DirectoryRow]] = {
    "department": Department,
    "counterparty": Counterparty,
    "counterparty_account": CounterpartyAccount,
    "own_account": OwnAccount,
}
_HELD_TO_PAY = Prepared(
    lambda account, organization, currency: (
        OwnAccount.objects.to_pay(PaymentRequest(organization_id=organization, currency=currency))
        .filter(pk=account)
        .order_by()
    ),
    int,
    int,
    str,
    shared=True,
)


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
    return _HELD_TO_PAY.first(account.pk, request.organization_id, request.currency)


def check_ready(request: PaymentRequest) -> None:
    """Whether it may be asked for, or paid, as it is at this moment. Raises `NotReady`."""
    hold(request)
    complete(request, facts.ROWS)
    if shortcomings := readiness.shortcomings(request):
        raise NotReady(by_field=shortcomings)


def _held(model: type[models.Model], keys: Iterable[int | None]) -> list[Any]:
    wanted = [key for key in keys if key is not None]
    return _by_keys(model)(wanted) if wanted else []


@cache
def _by_keys(model: type[models.Model]) -> Prepared[Any]:
    """In their order, as all who lock several."""
    return Prepared(
        lambda keys: model._default_manager.filter(pk__among=keys).order_by("pk"),
        list,
        shared=True,
    )


def retire(*, row: DirectoryRow, reason: str) -> None:
    """Take a row out of use; whoever meets it reads why. Raises `ReasonRequired`."""
    row.is_active, row.out_of_use_reason = False, reasons.checked(reason)
    row.save(update_fields=["is_active", "out_of_use_reason"])
