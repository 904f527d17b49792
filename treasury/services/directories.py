"""Directory rows under the requests that name them: added, held still for a moment, taken out of
use."""

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

from django.contrib.admin.models import ADDITION
from django.db import models, transaction

from treasury import facts, readiness, reasons
from treasury.errors import NoRight, NotReady
from treasury.models import (
    Bank,
    Counterparty,
    CounterpartyAccount,
    Department,
    Employee,
    OwnAccount,
    PaymentRequest,
)
from treasury.models.facts import DirectoryRow
from treasury.prepared import Prepared, complete
from treasury.services import pages
from treasury.validators import account_currency

Row = TypeVar("Row", bound=models.Model)
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


def add_payee(
    *, name: str, inn: str, kpp: str, bank: Bank, number: str, actor: Employee
) -> CounterpartyAccount:
    """A payee in Russia with his account. Raises `NoRight`, or `ValidationError` with the problems
    by field.
    """
    if not actor.has_perm("treasury.add_counterparty"):
        raise NoRight
    with transaction.atomic():
        payee = _added(Counterparty(name=name, inn=inn, kpp=kpp), actor)
        return add_account(counterparty=payee, bank=bank, number=number, actor=actor)


def add_account(
    *, counterparty: Counterparty, bank: Bank, number: str, actor: Employee
) -> CounterpartyAccount:
    """One more of a payee at a bank in Russia. Raises as `add_payee` does."""
    if not actor.has_perm("treasury.add_counterpartyaccount"):
        raise NoRight
    currency = account_currency(number)
    account = CounterpartyAccount(
        counterparty=counterparty, bank=bank, number=number, currency=currency
    )
    return _added(account, actor)


def _added(row: Row, actor: Employee) -> Row:
    """With an entry in the history of its page."""
    row.full_clean()
    row.save(force_insert=True)
    pages.note(row, ADDITION, [{"added": {}}], actor)
    return row


def retire(*, row: DirectoryRow, reason: str) -> None:
    """Take a row out of use; whoever meets it reads why. Raises `ReasonRequired`."""
    row.is_active, row.out_of_use_reason = False, reasons.checked(reason)
    row.save(update_fields=["is_active", "out_of_use_reason"])
