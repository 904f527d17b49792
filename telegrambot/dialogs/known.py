"""What is answered for a new request so far, as rows and values; None where it is not yet."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from treasury.models import (
    Bank,
    CashFlowItem,
    Counterparty,
    CounterpartyAccount,
    Department,
    Employee,
    Organization,
    PaymentRequest,
    PaymentRequestQuerySet,
    Priority,
    VatRate,
)
from treasury.validators import account_currency

# The names of the questions. A payee and an account that are no primary keys are new: the one is an
# ИНН, of a branch with its КПП, with name and КПП beside it, the other a БИК and a number.
ORGANIZATION, PAYEE, PAYEE_NAME, PAYEE_KPP = "organization", "payee", "payee_name", "payee_kpp"
ACCOUNT, AMOUNT, VAT = "account", "amount", "vat"
ITEM, OF_DEPARTMENT, PURPOSE, INVOICE = "item", "department", "purpose", "invoice"
DAY, PAPERS, COMMENT = "day", "papers", "comment"
CONTRACT, PRIORITY, REQUESTER = "contract", "priority", "requester"
# Beside them: what makes it one request, however often it is sent; and of a copy its original.
TOKEN, COPIED_FROM, RESUMED = "form token", "copied from", "resumed"

Answers = Mapping[str, Any]


def _key(answers: Answers, name: str) -> int:
    """0 where nothing is answered."""
    return answers.get(name) or 0


def organization(answers: Answers) -> Organization | None:
    return Organization.objects.filter(pk=_key(answers, ORGANIZATION), is_active=True).first()


def department(answers: Answers) -> Department | None:
    in_use = Department.objects.filter(pk=_key(answers, OF_DEPARTMENT), is_active=True)
    return in_use.filter(organization=_key(answers, ORGANIZATION)).first()


def item(answers: Answers) -> CashFlowItem | None:
    return CashFlowItem.objects.filter(pk=_key(answers, ITEM), is_active=True).first()


def rate(answers: Answers) -> VatRate | None:
    return VatRate.objects.filter(pk=_key(answers, VAT)).first()


def numbers(new_payee: str) -> tuple[str, str]:
    """Its ИНН, and the КПП if it was told with it."""
    inn, _space, kpp = new_payee.partition(" ")
    return inn, kpp


def payee(answers: Answers) -> Counterparty | None:
    """A new one is not saved."""
    answer = answers.get(PAYEE)
    if isinstance(answer, str):
        inn, kpp = numbers(answer)
        name = answers.get(PAYEE_NAME, "")
        return Counterparty(name=name, inn=inn, kpp=kpp or answers.get(PAYEE_KPP, ""))
    return Counterparty.objects.filter(pk=_key(answers, PAYEE), is_active=True).first()


def account(answers: Answers) -> CounterpartyAccount | None:
    """A new one is not saved."""
    answer = answers.get(ACCOUNT)
    if PAYEE not in answers:
        return None
    if isinstance(answer, str):
        bik, number = answer.split()
        bank = Bank.objects.filter(bik=bik, is_active=True).first()
        if bank is None:
            return None
        currency = account_currency(number)
        return CounterpartyAccount(bank=bank, number=number, currency=currency)
    if isinstance(answers.get(PAYEE), str):
        return None
    in_use = CounterpartyAccount.objects.filter(is_active=True, bank__is_active=True)
    of_payee = in_use.filter(pk=_key(answers, ACCOUNT), counterparty=answers.get(PAYEE))
    return of_payee.select_related("bank").first()


def currency(answers: Answers) -> str:
    found = account(answers)
    return found.currency if found else "RUB"


def amount(answers: Answers) -> Decimal | None:
    return Decimal(answers[AMOUNT]) if AMOUNT in answers else None


def vat(answers: Answers) -> tuple[VatRate, Decimal] | None:
    """The rate, and what of the amount it makes."""
    found, whole = rate(answers), amount(answers)
    return (found, found.included_in(whole)) if found and whole is not None else None


def day(answers: Answers) -> date | None:
    return date.fromisoformat(answers[DAY]) if DAY in answers else None


def priority(answers: Answers) -> Priority:
    return Priority(answers.get(PRIORITY, Priority.NORMAL))


def requester(answers: Answers) -> Employee | None:
    """Who was named as such; None for whoever asks himself."""
    return Employee.objects.filter(pk=_key(answers, REQUESTER), is_active=True).first()


def source(answers: Answers, employee: Employee) -> PaymentRequest | None:
    """What a copy is one of, if he may read it still."""
    copied = PaymentRequest.objects.filter(pk=_key(answers, COPIED_FROM)).readable_by(employee)
    return copied.select_related("counterparty").first()


def earlier(answers: Answers, employee: Employee) -> PaymentRequestQuerySet:
    """Those to this payee that he may read, the newest first."""
    if not isinstance(answers.get(PAYEE), int):
        return PaymentRequest.objects.none()
    requests = PaymentRequest.objects.visible_to(employee).filter(counterparty=answers[PAYEE])
    return requests.order_by("-id")


def used(answers: Answers, employee: Employee, field: str) -> list[int]:
    """The keys in this field of the last one to this payee, and of his own last ones."""
    last = earlier(answers, employee).values_list(field, flat=True)[:1]
    own = PaymentRequest.objects.filter(author=employee).order_by("-id")
    return list(dict.fromkeys([*last, *own.values_list(field, flat=True)[:20]]))
