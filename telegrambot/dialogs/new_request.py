"""A new payment request: what it says is asked for one by one, files come when they come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.words import in_full
from telegrambot.dialogs import again, invoice_codes, known, papers, payees, paying, summary
from telegrambot.dialogs.days import Day
from telegrambot.dialogs.lists import DirectoryRow
from telegrambot.dialogs.people import Keyed, Person, keyed
from telegrambot.dialogs.questions import Choice, Question, Unclear, Value
from telegrambot.dialogs.script import ASKED_AGAIN, Made, Script, forget
from telegrambot.dialogs.summary import Summary
from telegrambot.models import BegunRequest, Dialog
from treasury.errors import AlreadySaved, DuplicateInvoice, TreasuryError
from treasury.models import (
    CounterpartyAccount,
    Decision,
    Employee,
    OwnAccount,
    PaymentRequest,
    Priority,
    RequesterConsent,
    VatRate,
)
from treasury.money import money
from treasury.services import directories
from treasury.services.requests import copied, create, submit

SUBJECT = "new"
TELEGRAM = Decision.Channel.TELEGRAM
# Begun ones that a person has at once.
MOST_BEGUN = 10
# By the fields of a request what a copy takes of it as answered.
_COPIED = {
    known.ORGANIZATION: "organization",
    known.PAYEE: "counterparty",
    known.ACCOUNT: "counterparty_account",
    known.VAT: "vat_rate",
    known.ITEM: "cash_flow_item",
    known.OF_DEPARTMENT: "department",
    known.PURPOSE: "purpose",
    known.CONTRACT: "contract",
}


@dataclass(frozen=True, kw_only=True)
class Words(Question):
    """The answer is a text of at most so many characters."""

    longest: int

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        words = text.strip()
        if not 0 < len(words) <= self.longest:
            what = _("Say it in words, in at most %(limit)d characters.")
            raise Unclear(what % {"limit": self.longest})
        return words


def _questions(answers: Mapping[str, Any]) -> Sequence[Question]:
    """A company that is added has a KPP, an entrepreneur none."""
    is_new = isinstance(answers.get(known.PAYEE), str)
    of_new = {known.PAYEE_NAME: is_new, known.PAYEE_KPP: payees.wants_kpp(answers)}
    without = {known.COMMENT: answers.get(known.PAPERS) == papers.NONE}
    further = {name: name in answers or answers.get(ASKED_AGAIN) == name for name in _FURTHER}
    wanted = {**of_new, **without, **further}
    return [question for question in _ALL if wanted.get(question.name, True)]


def _changeable(answers: Mapping[str, Any]) -> list[tuple[int, str]]:
    """The questions that were answered, and those that nobody is asked unless he wants to, by
    their places."""
    offered = {question.name for question in _questions(answers)} | _FURTHER
    return [(place, name) for place, name in enumerate(_NAMES) if name in offered]


def _everybody(dialog: Dialog, employee: Employee) -> Keyed:
    return keyed(Employee.objects.filter(is_active=True))


def _of_consent(dialog: Dialog, employee: Employee) -> str:
    return _("Whoever you name confirms once that you ask in this name, and hears the outcome.")


def _settle(dialog: Dialog, employee: Employee) -> None:
    """One after the other, as one rests on the other: a payee may be gone, and of what there is
    but one nobody is asked."""
    answers = dialog.answers
    _take_the_only(dialog, employee, paying.ORGANIZATION, known.organization(answers))
    _settle_payee(dialog)
    _take_the_only(dialog, employee, payees.ACCOUNT, known.account(answers))
    _take_the_only(dialog, employee, paying.VAT, _rate_of_today(answers))
    _take_the_only(dialog, employee, paying.ITEM, known.item(answers))
    _take_the_only(dialog, employee, paying.DEPARTMENT, known.department(answers))
    if purpose := answers.get(known.PURPOSE):
        _keep(dialog, known.PURPOSE, paying.renewed(purpose, answers))
    wanted = known.day(answers)
    if wanted and wanted < timezone.localdate():
        forget(answers, known.DAY)
    if known.requester(answers) is None:
        forget(answers, known.REQUESTER)
    _settle_papers(dialog)


def _rate_of_today(answers: known.Answers) -> VatRate | None:
    """That of a copied request may hold no more."""
    rate = known.rate(answers)
    return rate if rate and rate.holds_on(timezone.localdate()) else None


def _settle_payee(dialog: Dialog) -> None:
    """Who was to be added may have been meanwhile, by a colleague."""
    answers = dialog.answers
    if isinstance(answers.get(known.PAYEE), str):
        if (there := payees.meanwhile(answers)) is None:
            return
        answers[known.PAYEE] = there.pk
    elif known.payee(answers) is None:
        forget(answers, known.PAYEE)
    for name in (known.PAYEE_NAME, known.PAYEE_KPP):
        forget(answers, name)
    if (account := known.account(answers)) and (same := payees.same_account(answers, account)):
        answers[known.ACCOUNT] = same.pk


def _settle_papers(dialog: Dialog) -> None:
    """What is there, is there, whatever was said of it."""
    answers, has_files = dialog.answers, bool(papers.files_of(dialog)[0])
    if answers.get(known.PAPERS) == papers.NONE and has_files:
        answers[known.PAPERS] = papers.ATTACHED
        forget(answers, known.COMMENT)
    elif answers.get(known.PAPERS) == papers.ATTACHED and not has_files:
        forget(answers, known.PAPERS)


def _take_the_only(
    dialog: Dialog, employee: Employee, question: DirectoryRow, answered: object
) -> None:
    if answered is not None or dialog.answers.get(ASKED_AGAIN) == question.name:
        return
    forget(dialog.answers, question.name)
    rows = list(question.everything(dialog, employee))
    if len(rows) == 1:
        dialog.answers[question.name] = rows[0].pk


def _keep(dialog: Dialog, name: str, value: str) -> None:
    if value:
        dialog.answers[name] = value
    else:
        forget(dialog.answers, name)


def _set_aside(dialog: Dialog, employee: Employee) -> str:
    has_begun = dialog.answers.keys() & {known.COPIED_FROM, known.RESUMED}
    if not (dialog.steps or dialog.files or has_begun):
        return _("Nothing was changed.")
    BegunRequest.objects.create(employee=employee, answers=dialog.answers, files=dialog.files)
    begun = BegunRequest.objects.filter(employee=employee).order_by("-updated_at", "-pk")
    too_many = list(begun.values_list("pk", flat=True)[MOST_BEGUN:])
    BegunRequest.objects.filter(pk__in=too_many).delete()
    return _("The new request is put aside. /drafts goes on with it.")


def _carry_out(dialog: Dialog, employee: Employee) -> Made:
    request = _made(dialog, employee)
    number = request.number
    if dialog.answers[SUMMARY.name] == summary.KEEP:
        return Made(_("%(number)s is kept as a draft.") % {"number": number}, request)
    try:
        submit(request=request, actor=employee, channel=TELEGRAM)
    except DuplicateInvoice:
        text = _("%(number)s is kept as a draft, and not submitted.") % {"number": number}
        return Made(text, request, asks=(again.AGAIN.subject, again.about(request)))
    except TreasuryError as refusal:
        text = _("%(number)s is kept as a draft, and not submitted.") % {"number": number}
        return Made(f"{text}\n{in_full(refusal)}", request)
    return Made(_("%(number)s is submitted.") % {"number": number}, request)


def _made(dialog: Dialog, employee: Employee) -> PaymentRequest:
    """The draft. Raises `Unclear`: whatever is refused, no answer is lost."""
    token = UUID(dialog.answers[known.TOKEN])
    copied_from = PaymentRequest.objects.filter(pk=dialog.answers.get(known.COPIED_FROM)).first()
    try:
        with transaction.atomic():
            return create(
                author=employee,
                channel=TELEGRAM,
                fields=_fields(dialog, employee),
                documents=papers.files_of(dialog)[0],
                copied_from=copied_from,
                form_token=token,
            )
    except AlreadySaved:
        return PaymentRequest.objects.get(author=employee, form_token=token)
    except ValidationError as problem:
        raise Unclear(" ".join(problem.messages)) from problem
    except TreasuryError as refusal:
        raise Unclear(in_full(refusal)) from refusal


def _fields(dialog: Dialog, employee: Employee) -> dict[str, Any]:
    answers = dialog.answers
    account = _saved_account(dialog, employee)
    organization, rate = known.organization(answers), known.rate(answers)
    amount, answered = known.amount(answers), known.vat(answers)
    number, dated = paying.invoice(answers)
    fields = {
        "organization": organization,
        "department": known.department(answers),
        "cash_flow_item": known.item(answers),
        "counterparty": account.counterparty,
        "counterparty_account": account,
        "amount": amount,
        "currency": account.currency,
        "vat_rate": rate,
        "vat_amount": answered and answered[1],
        "purpose": answers[known.PURPOSE],
        "invoice_number": number,
        "invoice_date": dated,
        "contract": answers.get(known.CONTRACT, ""),
        "desired_date": known.day(answers),
        "priority": known.priority(answers),
        "requester": known.requester(answers) or employee,
        "comment": answers.get(known.COMMENT, ""),
    }
    own = OwnAccount.objects.to_pay(
        PaymentRequest(organization=organization, currency=account.currency)
    )
    # Of several it is the treasurer who chooses.
    return {**fields, "own_account": own.get()} if own.count() == 1 else fields


def _saved_account(dialog: Dialog, employee: Employee) -> CounterpartyAccount:
    payee, account = known.payee(dialog.answers), known.account(dialog.answers)
    if payee is None or account is None:
        raise Unclear(_("The payee or the account is no longer in use: choose again."))
    if account.pk:
        return account
    if payee.pk:
        return directories.add_account(
            counterparty=payee, bank=account.bank, number=account.number, actor=employee
        )
    return directories.add_payee(
        name=payee.name,
        inn=payee.inn,
        kpp=payee.kpp,
        bank=account.bank,
        number=account.number,
        actor=employee,
    )


def fresh() -> dict[str, Any]:
    """The answers with which one begins."""
    return {known.TOKEN: str(uuid4())}


def copy_of(source: PaymentRequest, employee: Employee) -> dict[str, Any]:
    """… a copy: how much is asked besides what no copy has; so is for what, where the earlier
    purpose names its invoice. Its requester is the same, if he lets this person ask for him."""
    taken = copied(source)
    if paying.names_invoice(source):
        del taken["purpose"]
    answers = {name: taken[field] for name, field in _COPIED.items() if field in taken}
    of_copy = {name: getattr(value, "pk", value) for name, value in answers.items()}
    consents = RequesterConsent.objects.filter(requester=source.requester_id, author=employee)
    if source.requester.is_active and consents.given().exists():
        of_copy[known.REQUESTER] = source.requester_id
    return {**of_copy, **fresh(), known.COPIED_FROM: source.pk}


def headline(begun: BegunRequest) -> str:
    """By what a begun one is told from the others."""
    payee, amount = known.payee(begun.answers), known.amount(begun.answers)
    what = money(amount, known.currency(begun.answers)) if amount is not None else ""
    who = payee.name or payee.inn if payee else str(known.organization(begun.answers) or "")
    return " · ".join(filter(None, [what, who])) or _("Nothing was answered yet")


COMMENT = Words(
    name=known.COMMENT, text=gettext_lazy("Why are there no documents?"),
    hint=gettext_lazy("It is read by those who decide."),
    longest=PaymentRequest._meta.get_field("comment").max_length or 0,
)  # fmt: skip
CONTRACT = Words(
    name=known.CONTRACT,
    text=gettext_lazy("By which contract?"),
    hint=gettext_lazy("Its number and date."),
    skip=gettext_lazy("Without a contract"),
    longest=PaymentRequest._meta.get_field("contract").max_length or 0,
    takes_numbers=True,
)
PRIORITY = Choice(
    name=known.PRIORITY,
    text=gettext_lazy("How urgent is it?"),
    options={
        1: (Priority.HIGH.label, Priority.HIGH.value),
        2: (Priority.NORMAL.label, Priority.NORMAL.value),
        3: (Priority.LOW.label, Priority.LOW.value),
    },
)
REQUESTER = Person(
    name=known.REQUESTER,
    text=gettext_lazy("Who asks for the payment?"),
    facts=_of_consent,
    people=_everybody,
)
SUMMARY = Summary(
    name="send",
    text=gettext_lazy("Is that right?"),
    facts=summary.told,
    changeable=_changeable,
)
_ALL: Sequence[Question] = (
    paying.ORGANIZATION,
    payees.PAYEE,
    payees.PAYEE_NAME,
    payees.PAYEE_KPP,
    payees.ACCOUNT,
    paying.AMOUNT,
    paying.VAT,
    paying.ITEM,
    paying.DEPARTMENT,
    paying.PURPOSE,
    paying.INVOICE,
    Day(
        name=known.DAY,
        text=gettext_lazy("When is it to be paid?"),
        hint=gettext_lazy("Choose, or send a day such as 25.12, tomorrow or Friday."),
        told_as=gettext_lazy("Desired date"),
    ),
    papers.PAPERS,
    COMMENT,
    CONTRACT,
    PRIORITY,
    REQUESTER,
    SUMMARY,
)
# Most requests need none of these: they are asked for by the summary's buttons alone.
_FURTHER = {known.CONTRACT, known.PRIORITY, known.REQUESTER}
_NAMES = [question.name for question in _ALL[:-1]]
NEW = Script(
    subject=SUBJECT,
    questions=_questions,
    carry_out=_carry_out,
    settle=_settle,
    set_aside=_set_aside,
    confirms=SUMMARY.name,
    read_picture=invoice_codes.read,
)
