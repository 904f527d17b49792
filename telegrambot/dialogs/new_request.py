"""A new payment request: what it says is asked for one by one, files come when they come."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content import keyboards
from telegrambot.content.callback_data import Verb
from telegrambot.content.keyboards import Row
from telegrambot.content.markup import shortened
from telegrambot.content.words import day, in_full
from telegrambot.dialogs import invoice_codes, known, payees, paying
from telegrambot.dialogs.days import Day
from telegrambot.dialogs.lists import DirectoryRow
from telegrambot.dialogs.questions import Again, Question, Unclear, Value
from telegrambot.dialogs.script import ASKED_AGAIN, Made, Script, by_picture, forget
from telegrambot.models import BegunRequest, Dialog, IncomingFile
from treasury import days
from treasury.errors import AlreadySaved, TreasuryError
from treasury.files import shown_size
from treasury.models import (
    CounterpartyAccount,
    Decision,
    Employee,
    OwnAccount,
    PaymentRequest,
    Upload,
    VatRate,
)
from treasury.money import money
from treasury.services import directories
from treasury.services.requests import copied, create, submit
from treasury.services.uploads import MAX_COUNT

SUBJECT = "new"
TELEGRAM = Decision.Channel.TELEGRAM
# Begun ones that a person has at once.
MOST_BEGUN = 10
# Of a file: as many as there may be are to be listed beside all the answers.
_NAME_LENGTH = 60
_ATTACHED, _NONE = "attached", "none"
_SUBMIT, _KEEP = "submit", "keep"
# By the fields of a request what a copy takes of it as answered.
_COPIED = {
    known.ORGANIZATION: "organization",
    known.PAYEE: "counterparty",
    known.ACCOUNT: "counterparty_account",
    known.VAT: "vat_rate",
    known.ITEM: "cash_flow_item",
    known.OF_DEPARTMENT: "department",
    known.PURPOSE: "purpose",
}
# On the buttons of the summary, the numbers of the questions that are asked again begin here.
_CHANGE = 10


@dataclass(frozen=True, kw_only=True)
class Papers(Question):
    """The documents, which are sent as files."""

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        kept, _gone = files_of(dialog)
        return [(_("Go on"), 1)] if kept else [(_("There are none: say why"), 2)]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        check_arrived(dialog)
        return {1: _ATTACHED, 2: _NONE}.get(number)

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        raise Unclear(_("Send the documents as files or photos, or choose with a button."))


@dataclass(frozen=True, kw_only=True)
class Comment(Question):
    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        words, limit = text.strip(), PaymentRequest._meta.get_field("comment").max_length or 0
        if not 0 < len(words) <= limit:
            raise Unclear(_("Say it in words, in at most %(limit)d characters.") % {"limit": limit})
        return words


@dataclass(frozen=True, kw_only=True)
class Summary(Question):
    """All that was answered; what is to be another way is asked again."""

    def rows(self, dialog: Dialog, employee: Employee) -> list[Row]:
        if dialog.page < 2:
            acts = [(_("✅ Submit"), 1), (_("💾 Keep as a draft"), 2)]
            change = keyboards.options(Verb.TURN, dialog.pk, [(_("✏️ Change …"), 2)])
            return [*keyboards.options(self.name, dialog.pk, acts), *change]
        asked = [(label, _CHANGE + number) for number, label in _changeable(dialog)]
        back = keyboards.options(Verb.TURN, dialog.pk, [(_("← As it is"), 1)])
        return [*keyboards.options(self.name, dialog.pk, asked), *back]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | Again | None:
        if number >= _CHANGE:
            changeable = dict(_changeable(dialog))
            wanted = number - _CHANGE
            return Again(_NAMES[wanted]) if wanted in changeable else None
        check_arrived(dialog)
        return {1: _SUBMIT, 2: _KEEP}.get(number)


def files_of(dialog: Dialog) -> tuple[list[Upload], list[str]]:
    """What he has sent, and the names of what is kept no longer."""
    kept = Upload.objects.in_bulk([file["upload"] for file in dialog.files])
    gone = [file["name"] for file in dialog.files if file["upload"] not in kept]
    return list(kept.values()), gone


def check_arrived(dialog: Dialog) -> None:
    """Raise `Unclear` while a file is on its way."""
    if IncomingFile.objects.waiting().filter(dialog=dialog.pk).exists():
        raise Unclear(_("A file that you have sent is still on its way: one moment."))


def _listed_files(dialog: Dialog, employee: Employee) -> str:
    kept, gone = files_of(dialog)
    lines = [
        f"📎 {shortened(upload.name, _NAME_LENGTH)}, {shown_size(upload.size)}" for upload in kept
    ]
    again = _("“%(name)s” is kept no longer: send it again.")
    lines += [again % {"name": shortened(name, _NAME_LENGTH)} for name in gone]
    return "\n".join(lines[:MAX_COUNT])


def _changeable(dialog: Dialog) -> list[tuple[int, str]]:
    """The questions that were answered, by their places, with their labels."""
    asked = {question.name for question in _questions(dialog.answers)}
    labels = _labels()
    return [(number, labels[name]) for number, name in enumerate(_NAMES) if name in asked]


def _labels() -> dict[str, str]:
    return {
        known.ORGANIZATION: _("Organization"),
        known.PAYEE: _("Payee"),
        known.PAYEE_NAME: _("Name of the payee"),
        known.PAYEE_KPP: _("KPP"),
        known.ACCOUNT: _("Account"),
        known.AMOUNT: _("Amount"),
        known.VAT: _("VAT"),
        known.ITEM: _("Cash-flow item"),
        known.OF_DEPARTMENT: _("Department"),
        known.PURPOSE: _("Purpose"),
        known.INVOICE: _("Invoice"),
        known.DAY: _("Desired date"),
        known.PAPERS: _("Documents"),
        known.COMMENT: _("Comment"),
    }


def _summary(dialog: Dialog, employee: Employee) -> str:
    labels = _labels()
    check = _("read from the picture: compare it")
    lines = [
        f"{labels[name]}: {value}" + (f" ({check})" if by_picture(name) in dialog.answers else "")
        for name, value in _told(dialog)
        if value
    ]
    return "\n".join(filter(None, [*lines, _listed_files(dialog, employee), *_doubts(dialog)]))


def _told(dialog: Dialog) -> Iterator[tuple[str, str]]:
    answers = dialog.answers
    payee, account = known.payee(answers), known.account(answers)
    amount, rate, wanted = known.vat(answers), known.rate(answers), known.day(answers)
    yield known.ORGANIZATION, str(known.organization(answers) or "")
    if payee:
        yield known.PAYEE, ", ".join([payee.name, *(str(number) for number in payee.numbers)])
        yield known.PAYEE_KPP, payee.kpp
    if account:
        yield known.ACCOUNT, f"{account.number}, {account.bank}"
        if (whole := known.amount(answers)) is not None:
            yield known.AMOUNT, money(whole, account.currency)
        if rate and amount and amount[1]:
            yield known.VAT, f"{rate}, {money(amount[1], account.currency)}"
        elif rate:
            yield known.VAT, str(rate)
    yield known.ITEM, str(known.item(answers) or "")
    yield known.OF_DEPARTMENT, str(known.department(answers) or "")
    yield known.PURPOSE, answers.get(known.PURPOSE, "")
    number, dated = paying.invoice(answers)
    of = _("%(number)s of %(date)s") % {"number": number, "date": day(dated)} if dated else number
    yield known.INVOICE, of
    if wanted:
        yield known.DAY, ". ".join(filter(None, [day(wanted), days.day_off(wanted)]))
    yield known.COMMENT, answers.get(known.COMMENT, "")


def _doubts(dialog: Dialog) -> Iterator[str]:
    """What is new, and what of it may be wrong."""
    payee, account = known.payee(dialog.answers), known.account(dialog.answers)
    if payee is None or account is None or account.pk:
        return
    yield (
        _("❗ The account will be added.")
        if payee.pk
        else _("❗ The payee and the account will be added.")
    )
    account.counterparty_id = payee.pk or 0
    others = CounterpartyAccount.objects.of_other_payees(account)
    if known_of := "; ".join(other.counterparty.name for other in others):
        text = _("The account %(number)s is also that of %(known)s: whose is it really?")
        yield text % {"number": account.number, "known": known_of}


def _questions(answers: Mapping[str, Any]) -> Sequence[Question]:
    """A company that is added has a KPP, an entrepreneur none."""
    is_new = isinstance(answers.get(known.PAYEE), str)
    of_new = {known.PAYEE_NAME: is_new, known.PAYEE_KPP: payees.is_new_company(answers)}
    without = {known.COMMENT: answers.get(known.PAPERS) == _NONE}
    return [question for question in _ALL if {**of_new, **without}.get(question.name, True)]


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
    _settle_papers(dialog)


def _rate_of_today(answers: known.Answers) -> VatRate | None:
    """That of a copied request may hold no more."""
    rate = known.rate(answers)
    return rate if rate and rate.holds_on(timezone.localdate()) else None


def _settle_payee(dialog: Dialog) -> None:
    """Who was to be added may have been meanwhile, by a colleague."""
    answers = dialog.answers
    inn = answers.get(known.PAYEE)
    if isinstance(inn, str):
        if (there := payees.the_one(inn, answers.get(known.PAYEE_KPP, ""))) is None:
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
    answers, has_files = dialog.answers, bool(files_of(dialog)[0])
    if answers.get(known.PAPERS) == _NONE and has_files:
        answers[known.PAPERS] = _ATTACHED
        forget(answers, known.COMMENT)
    elif answers.get(known.PAPERS) == _ATTACHED and not has_files:
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
    if dialog.answers[SUMMARY.name] == _KEEP:
        return Made(_("%(number)s is kept as a draft.") % {"number": number}, request)
    try:
        submit(request=request, actor=employee, channel=TELEGRAM)
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
                documents=files_of(dialog)[0],
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
        "desired_date": known.day(answers),
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


def copy_of(source: PaymentRequest) -> dict[str, Any]:
    """… a copy: how much is asked besides what no copy has; so is for what, where the earlier
    purpose names its invoice."""
    taken = copied(source)
    if paying.names_invoice(source):
        del taken["purpose"]
    answers = {name: taken[field] for name, field in _COPIED.items() if field in taken}
    of_copy = {name: getattr(value, "pk", value) for name, value in answers.items()}
    return {**of_copy, **fresh(), known.COPIED_FROM: source.pk}


def headline(begun: BegunRequest) -> str:
    """By what a begun one is told from the others."""
    payee, amount = known.payee(begun.answers), known.amount(begun.answers)
    what = money(amount, known.currency(begun.answers)) if amount is not None else ""
    who = payee.name or payee.inn if payee else ""
    return " · ".join(filter(None, [what, who])) or _("Nothing was answered yet")


PAPERS = Papers(
    name=known.PAPERS,
    text=gettext_lazy("Which documents belong to it?"),
    hint=gettext_lazy("Send them now, as files or photos."),
    facts=_listed_files,
)
COMMENT = Comment(
    name=known.COMMENT, text=gettext_lazy("Why are there no documents?"),
    hint=gettext_lazy("It is read by those who decide."),
)  # fmt: skip
SUMMARY = Summary(name="send", text=gettext_lazy("Is that right?"), facts=_summary)
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
        hint=gettext_lazy("Choose, or send a day such as 25.12."),
    ),
    PAPERS,
    COMMENT,
    SUMMARY,
)
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
