"""What is paid: how much, for what, by which invoice."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.markup import shortened
from telegrambot.dialogs import known
from telegrambot.dialogs.days import date_of, full_year
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
_INVOICE = re.compile(
    r"(?:(?:сч[её]т|invoice)\s*)?(?:№|N|#)?\s*(?P<number>\S.*?)"
    r"(?:\s+(?:от|of|from|dated)?\s*(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\."
    r"(?P<year>[0-9]{4}|[0-9]{2})(?:\s*(?:г\.?|года))?)?",
    re.IGNORECASE,
)
# A day that was not read would be a part of the number, by which nothing is found again.
_DATED = re.compile(r"\s(?:от|of|from|dated)\s", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Amount(Question):
    """The answer is a decimal number."""

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        try:
            amount = money.said(text)
            PaymentRequest._meta.get_field("amount").clean(amount, None)
        except ValidationError as problem:
            example = _("For example: 1,250,000.50, or 1.2 mln, or 125k.")
            raise Unclear(f"{' '.join(problem.messages)} {example}") from problem
        return f"{amount:.2f}"


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
        found = _INVOICE.fullmatch(" ".join(text.split()))
        if found is None:
            raise Unclear(_("Send the number, and the day if there is one: 45 of 10.11.2026"))
        number, day = found["number"], None
        if _DATED.search(number):
            raise Unclear(_("I cannot read the day: send it as 45 of 10.11.2026"))
        if found["year"]:
            day = date_of(full_year(found["year"]), int(found["month"]), int(found["day"]))
            if day is None or date.fromisoformat(day) > timezone.localdate():
                raise Unclear(_("Of an invoice this day cannot be: compare it."))
        try:
            PaymentRequest._meta.get_field("invoice_number").clean(number, None)
        except ValidationError as problem:
            raise Unclear(" ".join(problem.messages)) from problem
        return f"{day or ''}/{number}"


def invoice(answers: known.Answers) -> tuple[str, date | None]:
    day, _slash, number = str(answers.get(known.INVOICE, "")).partition("/")
    return number, date.fromisoformat(day) if day else None


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


def _in_currency(dialog: Dialog, employee: Employee) -> str:
    account = known.account(dialog.answers)
    return (
        _("To %(account)s, in %(currency)s")
        % {
            "account": account.get_short_name(),
            "currency": account.currency,
        }
        if account
        else ""
    )


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
    facts=_in_currency,
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
    skip=gettext_lazy("Without an invoice"),
    takes_numbers=True,
)
