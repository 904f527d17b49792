"""All that was answered for a new request, shown before it is sent, and changed there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import Verb
from telegrambot.content.keyboards import Row
from telegrambot.content.words import pay_day
from telegrambot.dialogs import known, papers, paying
from telegrambot.dialogs.questions import Again, Question, Taken, Value
from telegrambot.dialogs.script import by_picture
from telegrambot.models import Dialog
from treasury import vat
from treasury.models import CounterpartyAccount, Employee, Priority
from treasury.money import money

# The answers.
SUBMIT, KEEP = "submit", "keep"
_SUBMIT, _KEEP, _WITH_VAT, _URGENT = range(1, 5)
# On the buttons, the numbers of the questions that are asked again begin here.
_CHANGE = 10


@dataclass(frozen=True, kw_only=True)
class Summary(Question):
    """What is to be another way is asked again: of those that `changeable` names, each by a number
    that outlives a new release."""

    changeable: Callable[[known.Answers], Sequence[tuple[int, str]]]

    def rows(self, dialog: Dialog, employee: Employee) -> list[Row]:
        return self._changes(dialog) if dialog.page > 1 else self._acts(dialog)

    def _acts(self, dialog: Dialog) -> list[Row]:
        acts = [(_("✅ Submit"), _SUBMIT), (_("💾 Keep as a draft"), _KEEP)]
        if paying.with_vat(dialog.answers):
            added = _("➕ In the purpose: %(phrase)s") % {"phrase": paying.phrase(dialog.answers)}
            acts.append((added, _WITH_VAT))
        change = keyboards.options(Verb.TURN, dialog.pk, [(_("✏️ Change …"), 2)])
        urgent = [(_("❗ Urgent"), _URGENT)] if _may_be_urgent(dialog) else []
        last = [*change, *keyboards.options(self.name, dialog.pk, urgent)]
        return [
            *keyboards.options(self.name, dialog.pk, acts),
            [button for row in last for button in row],
        ]

    def _changes(self, dialog: Dialog) -> list[Row]:
        short = labels()
        asked = [(short[name], _CHANGE + place) for place, name in self.changeable(dialog.answers)]
        back = keyboards.options(Verb.TURN, dialog.pk, [(_("← As it is"), 1)])
        return [*keyboards.pairs(self.name, dialog.pk, asked), *back]

    def chosen(
        self, dialog: Dialog, employee: Employee, number: int
    ) -> Value | Again | Taken | None:
        if number >= _CHANGE:
            name = dict(self.changeable(dialog.answers)).get(number - _CHANGE)
            return Again(name) if name else None
        if number == _WITH_VAT:
            purpose = paying.with_vat(dialog.answers)
            return Taken(known.PURPOSE, purpose) if purpose else None
        if number == _URGENT:
            return Taken(known.PRIORITY, Priority.HIGH.value) if _may_be_urgent(dialog) else None
        papers.check_arrived(dialog)
        return {_SUBMIT: SUBMIT, _KEEP: KEEP}.get(number)


def _may_be_urgent(dialog: Dialog) -> bool:
    return known.priority(dialog.answers) != Priority.HIGH


def labels() -> dict[str, str]:
    """Short: two of them stand beside each other."""
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
        known.CONTRACT: _("Contract"),
        known.DAY: _("Desired date"),
        known.PRIORITY: _("Priority"),
        known.REQUESTER: _("Requester"),
        known.PAPERS: _("Documents"),
        known.COMMENT: _("Comment"),
    }


def told(dialog: Dialog, employee: Employee) -> str:
    """It, line by line, with what is doubtful."""
    named = labels()
    check = _("read from the QR code: compare it")
    lines = [
        f"{named[name]}: {value}" + (f" ({check})" if by_picture(name) in dialog.answers else "")
        for name, value in _facts(dialog.answers, employee)
        if value
    ]
    return "\n".join(filter(None, [*lines, papers.listed(dialog, employee), *_doubts(dialog)]))


def _facts(answers: known.Answers, employee: Employee) -> Iterator[tuple[str, str]]:
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
    yield known.INVOICE, paying.invoice_in_words(answers)
    yield known.CONTRACT, answers.get(known.CONTRACT, "")
    if wanted:
        yield known.DAY, pay_day(wanted)
    if (priority := known.priority(answers)) != Priority.NORMAL:
        yield known.PRIORITY, str(priority.label)
    yield known.REQUESTER, str(known.requester(answers) or _instead(answers, employee))
    yield known.COMMENT, answers.get(known.COMMENT, "")


def _instead(answers: known.Answers, employee: Employee) -> str:
    """Who is the requester of a copy, where the former one does not let him ask for him."""
    source = known.source(answers, employee)
    is_another = source and source.requester_id != employee.pk
    return _("you, %(name)s") % {"name": employee.get_short_name()} if is_another else ""


def _doubts(dialog: Dialog) -> Iterator[str]:
    """What is missing, what is new, and what of it may be wrong."""
    if paying.with_vat(dialog.answers):
        yield f"❗ {vat.silence(dialog.answers[known.PURPOSE])}"
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
