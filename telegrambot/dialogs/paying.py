"""What is paid: how much, for what, by which invoice."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.markup import shortened
from telegrambot.content.words import day as in_words
from telegrambot.dialogs import known
from telegrambot.dialogs.days import latest
from telegrambot.dialogs.lists import DirectoryRow
from telegrambot.dialogs.questions import Question, Unclear, Value
from telegrambot.models import Dialog
from treasury import money, vat
from treasury.models import (
    CashFlowItem,
    Department,
    Employee,
    Organization,
    PaymentRequest,
    VatRate,
)
from treasury.validators import clean_purpose, validate_purpose

# Purposes of earlier requests that are offered; more would push the question off the screen.
_PURPOSES = 2
_LABEL_LENGTH = 60
_BEFORE_NUMBER = re.compile(r"^(?:(?:сч[её]т|invoice)\s*)?(?:№|N|#)?\s*", re.IGNORECASE)
# A day that was not read would be a part of the number, by which nothing is found again.
_DATED = re.compile(r"(?P<number>.*\S)\s+(?:от|of|from|dated)\s+(?P<day>\S.*)", re.IGNORECASE)
_ENDING_WITH_A_DAY = re.compile(
    r"(?P<number>.*\S)\s+(?P<day>[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})(?:\s*г\S*)?)",
    re.IGNORECASE,
)
_AMOUNT: Any = PaymentRequest._meta.get_field("amount")
_AMOUNT_DIGITS: int = _AMOUNT.max_digits - _AMOUNT.decimal_places


@dataclass(frozen=True, kw_only=True)
class Amount(Question):
    """The answer is a decimal number; of a copy the former one is offered."""

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        source = _source(dialog, employee)
        return [(money.money(source.amount, source.currency), source.pk)] if source else []

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        source = _source(dialog, employee)
        return f"{source.amount:.2f}" if source and source.pk == number else None

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        example = _("For example: 1,250,000.50, or 1.2 mln, or 125k.")
        try:
            amount = money.said(text)
        except ValidationError as problem:
            if problem.code != "invalid":
                raise Unclear(f"{' '.join(problem.messages)} {example}") from problem
            what = _("I read no amount in “%(said)s”.")
            said = what % {"said": shortened(" ".join(text.split()), _LABEL_LENGTH)}
            raise Unclear(f"{said} {example}") from problem
        if amount <= 0:
            raise Unclear(_("The amount must be more than zero."))
        if amount >= 10**_AMOUNT_DIGITS:
            what = _("The amount is too large: at most %(count)d digits before the point.")
            raise Unclear(what % {"count": _AMOUNT_DIGITS})
        return f"{amount:.2f}"

    def understood(self, dialog: Dialog) -> str:
        amount = Decimal(dialog.answers[self.name])
        return money.money(amount, known.currency(dialog.answers))


@dataclass(frozen=True, kw_only=True)
class Purpose(Question):
    """The answer is as a bank takes it."""

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        labels: dict[str, int] = {}
        for request in known.earlier(dialog.answers, employee)[: _PURPOSES * 5]:
            if purpose := _again(request, dialog):
                labels.setdefault(shortened(purpose, _LABEL_LENGTH), request.pk)
        return list(labels.items())[:_PURPOSES]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        request = known.earlier(dialog.answers, employee).filter(pk=number).first()
        return _again(request, dialog) or None if request else None

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        purpose = clean_purpose(text)
        try:
            validate_purpose(purpose)
        except ValidationError as problem:
            raise Unclear(" ".join(problem.messages)) from problem
        if wrong := contradiction(purpose, dialog.answers):
            raise Unclear(wrong)
        return purpose


@dataclass(frozen=True, kw_only=True)
class Invoice(Question):
    """The answer is the number, and perhaps its day (ISO) behind a slash."""

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        said = " ".join(text.split())
        dated = _DATED.fullmatch(said) or _ENDING_WITH_A_DAY.fullmatch(said)
        number = _BEFORE_NUMBER.sub("", dated["number"] if dated else said)
        if not re.search(r"\d", number):
            raise Unclear(_("Send the number, and the day if there is one: 45 of 10.11.2026"))
        day = _invoice_day(dated["day"]) if dated else None
        try:
            PaymentRequest._meta.get_field("invoice_number").clean(number, None)
        except ValidationError as problem:
            raise Unclear(" ".join(problem.messages)) from problem
        return f"{day or ''}/{number}"

    def understood(self, dialog: Dialog) -> str:
        return invoice_in_words(dialog.answers)


def _invoice_day(said: str) -> date:
    try:
        day = latest(said)
    except ValueError as problem:
        raise Unclear(_("I cannot read the day: send it as 45 of 10.11.2026")) from problem
    if day is None or day > timezone.localdate():
        raise Unclear(_("Of an invoice this day cannot be: compare it."))
    return day


def invoice(answers: known.Answers) -> tuple[str, date | None]:
    day, _slash, number = str(answers.get(known.INVOICE, "")).partition("/")
    return number, date.fromisoformat(day) if day else None


def invoice_in_words(answers: known.Answers) -> str:
    number, dated = invoice(answers)
    if not dated:
        return number
    return _("%(number)s of %(date)s") % {"number": number, "date": in_words(dated)}


def contradiction(purpose: str, answers: known.Answers) -> str:
    """In which way it says another VAT than is answered; as long as nothing is, in none."""
    answered = known.vat(answers)
    if answered is None:
        return ""
    rate, amount = answered
    return vat.contradiction(purpose, rate.percent, amount)


def renewed(purpose: str, answers: known.Answers) -> str:
    """With the VAT that is answered in place of the one that it says; empty if it then is too
    long."""
    if not contradiction(purpose, answers):
        return purpose
    purpose = vat.with_phrase(purpose, phrase(answers))
    try:
        validate_purpose(purpose)
    except ValidationError:
        return ""
    return "" if contradiction(purpose, answers) else purpose


def phrase(answers: known.Answers) -> str:
    """The VAT that is answered, as a purpose says it; empty as long as nothing is."""
    answered = known.vat(answers)
    if answered is None:
        return ""
    rate, amount = answered
    return vat.phrase(rate.percent, amount, known.currency(answers))


def with_vat(answers: known.Answers) -> str:
    """The purpose that says nothing of the VAT, with what is answered at its end; empty of one that
    does, or has no room for it."""
    purpose, written = answers.get(known.PURPOSE, ""), phrase(answers)
    if not purpose or not written or not vat.silence(purpose):
        return ""
    whole = vat.with_phrase(purpose, written)
    try:
        validate_purpose(whole)
    except ValidationError:
        return ""
    return whole


def names_invoice(request: PaymentRequest) -> bool:
    """Whether its purpose says which invoice it pays: of another payment that would be untrue."""
    number = request.invoice_number.strip()
    if not number:
        return False
    return bool(re.search(rf"(?<!\w){re.escape(number)}(?!\w)", request.purpose, re.IGNORECASE))


def _again(request: PaymentRequest, dialog: Dialog) -> str:
    """Its purpose for this payment; empty if it is none for it."""
    return "" if names_invoice(request) else renewed(request.purpose, dialog.answers)


def _vat_to_name(dialog: Dialog, employee: Employee) -> str:
    return phrase(dialog.answers)


def _source(dialog: Dialog, employee: Employee) -> PaymentRequest | None:
    """What is copied, as long as the same payee is paid in the same currency."""
    source = known.source(dialog.answers, employee)
    payee = dialog.answers.get(known.PAYEE)
    is_alike = source and (source.counterparty_id, source.currency) == (
        payee,
        known.currency(dialog.answers),
    )
    return source if is_alike else None


def _to_whom(dialog: Dialog, employee: Employee) -> str:
    """An ИНН that was typed may be another's than was meant."""
    account, source = known.account(dialog.answers), _source(dialog, employee)
    payee, lines = known.payee(dialog.answers), []
    if source:
        facts = {
            "payee": source.counterparty.name,
            "number": source.number,
            "amount": money.money(source.amount, source.currency),
        }
        lines.append(_("Payee: %(payee)s. In %(number)s it was %(amount)s.") % facts)
    elif payee:
        lines.append(_("Payee: %(payee)s") % {"payee": payee.name})
    if account:
        to = {"account": account.get_short_name(), "currency": account.currency}
        lines.append(_("To %(account)s, in %(currency)s") % to)
    return "\n".join(lines)


def organizations(dialog: Dialog, employee: Employee) -> Sequence[Organization]:
    return list(Organization.objects.filter(is_active=True))


def rates(dialog: Dialog, employee: Employee) -> Sequence[VatRate]:
    today = timezone.localdate()
    return [rate for rate in VatRate.objects.all() if rate.holds_on(today)]


def items(dialog: Dialog, employee: Employee) -> Sequence[CashFlowItem]:
    return list(CashFlowItem.objects.filter(is_active=True))


def departments(dialog: Dialog, employee: Employee) -> Sequence[Department]:
    of = dialog.answers.get(known.ORGANIZATION)
    return list(Department.objects.filter(organization=of, is_active=True))


def _first(field: str) -> Callable[[Dialog, Employee], list[int]]:
    return lambda dialog, employee: known.used(dialog.answers, employee, field)


ORGANIZATION = DirectoryRow(
    name=known.ORGANIZATION,
    text=gettext_lazy("Which organization pays?"),
    everything=organizations,
    first=_first("organization"),
)
AMOUNT = Amount(
    name=known.AMOUNT,
    text=gettext_lazy("How much?"),
    hint=gettext_lazy("With the VAT in it: 1,250,000.50, or 1.2 mln, or 125k."),
    told_as=gettext_lazy("Amount"),
    facts=_to_whom,
)
VAT = DirectoryRow(
    name=known.VAT,
    text=gettext_lazy("Which VAT is in it?"),
    hint=gettext_lazy("Choose."),
    everything=rates,
    first=_first("vat_rate"),
)
ITEM = DirectoryRow(
    name=known.ITEM,
    text=gettext_lazy("Which cash-flow item?"),
    everything=items,
    first=_first("cash_flow_item"),
)
DEPARTMENT = DirectoryRow(
    name=known.OF_DEPARTMENT,
    text=gettext_lazy("Which department?"),
    everything=departments,
    first=_first("department"),
)
PURPOSE = Purpose(
    name=known.PURPOSE,
    text=gettext_lazy("What is it paid for?"),
    hint=gettext_lazy(
        "As the payment order will say it: at most 210 characters. If you leave the VAT out, one "
        "tap adds it at the end."
    ),
    facts=_vat_to_name,
)
INVOICE = Invoice(
    name=known.INVOICE,
    text=gettext_lazy("By which invoice?"),
    hint=gettext_lazy("The number, and the day: 45 of 10.11.2026"),
    told_as=gettext_lazy("Invoice"),
    skip=gettext_lazy("Without an invoice"),
    takes_numbers=True,
)
