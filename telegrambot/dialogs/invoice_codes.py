"""What the code for payment on the photo of an invoice answers, of what is not answered yet."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from telegrambot.dialogs import known, payees
from telegrambot.dialogs.questions import Unclear, Value
from telegrambot.dialogs.script import by_picture
from telegrambot.models import Dialog
from treasury import invoice_qr
from treasury.invoice_qr import Invoice
from treasury.models import Employee
from treasury.money import number
from treasury.validators import COMPANY_INN


def read(dialog: Dialog, employee: Employee, codes: Iterable[bytes]) -> list[str]:
    """Take what they answer, and say it; of several invoices the first."""
    invoice = next(filter(None, map(invoice_qr.read, codes)), None)
    if invoice is None:
        return []
    taken = dict(_taken(dialog, employee, invoice))
    wrong = [*_wrong(invoice), *_differences(dialog, employee, invoice)]
    if not taken and not wrong:
        return []
    heading = [_("Read from its QR code, compare it with the invoice:")] if taken else []
    return [*heading, *taken.values(), *wrong]


def _taken(dialog: Dialog, employee: Employee, invoice: Invoice) -> Iterator[tuple[str, str]]:
    """The names of the questions that are answered by it, with what is said of each."""
    if known.PAYEE not in dialog.answers:
        yield from _payee(dialog, employee, invoice)
    if known.ACCOUNT not in dialog.answers and _is_of(dialog, invoice):
        yield from _account(dialog, employee, invoice)
    if known.AMOUNT not in dialog.answers and invoice.amount is not None:
        _answer(dialog, known.AMOUNT, f"{invoice.amount:.2f}")
        yield known.AMOUNT, _("amount %(amount)s") % {"amount": number(invoice.amount)}
    if known.PURPOSE not in dialog.answers and invoice.purpose:
        _answer(dialog, known.PURPOSE, invoice.purpose)
        yield known.PURPOSE, _("purpose “%(purpose)s”") % {"purpose": invoice.purpose}


def _payee(dialog: Dialog, employee: Employee, invoice: Invoice) -> Iterator[tuple[str, str]]:
    if not invoice.inn:
        return
    there = payees.the_one(invoice.inn, invoice.kpp)
    if there:
        _answer(dialog, known.PAYEE, there.pk)
        yield known.PAYEE, _("payee %(name)s") % {"name": there.name}
    elif payees.is_unknown(invoice.inn) and payees.may_add(employee):
        _answer(dialog, known.PAYEE, invoice.inn)
        if invoice.name:
            _answer(dialog, known.PAYEE_NAME, invoice.name)
        if invoice.kpp and len(invoice.inn) == COMPANY_INN:
            _answer(dialog, known.PAYEE_KPP, invoice.kpp)
        facts = {"name": invoice.name, "inn": invoice.inn}
        yield known.PAYEE, _("new payee %(name)s, INN %(inn)s") % facts


def _account(dialog: Dialog, employee: Employee, invoice: Invoice) -> Iterator[tuple[str, str]]:
    if not invoice.account:
        return
    payee = known.payee(dialog.answers)
    there = payee.accounts.filter(number=invoice.account) if payee and payee.pk else None
    same = there and there.filter(bank__bik=invoice.bik, bank__is_active=True).first()
    said = _("account %(number)s, BIK %(bik)s") % {"number": invoice.account, "bik": invoice.bik}
    if same and same.is_active:
        _answer(dialog, known.ACCOUNT, same.pk)
        yield known.ACCOUNT, said
    elif not same and employee.has_perm("treasury.add_counterpartyaccount"):
        try:
            payees.checked_account(invoice.bik, invoice.account)
        except Unclear:
            return
        _answer(dialog, known.ACCOUNT, f"{invoice.bik} {invoice.account}")
        yield known.ACCOUNT, said


def _answer(dialog: Dialog, name: str, value: Value) -> None:
    dialog.answers |= {name: value, by_picture(name): True}


def _is_of(dialog: Dialog, invoice: Invoice) -> bool:
    """Whether the payee is the one whom the code names."""
    payee = known.payee(dialog.answers)
    return payee is not None and bool(invoice.inn) and payee.inn == invoice.inn


def _wrong(invoice: Invoice) -> Iterator[str]:
    """What stands there and cannot be."""
    words = {
        "name": _("name of the payee"),
        "inn": _("INN"),
        "kpp": _("KPP"),
        "account": _("account or BIK: they do not belong together"),
        "amount": _("amount"),
        "purpose": _("purpose"),
    }
    for name in invoice.wrong:
        yield _("❗ Wrong in its QR code, and not taken: %(what)s") % {"what": words[name]}


def _differences(dialog: Dialog, employee: Employee, invoice: Invoice) -> Iterator[str]:
    """What is answered another way, or could not be taken: nobody is to pay the wrong one, nor
    another amount."""
    amount = known.amount(dialog.answers)
    if invoice.amount is not None and amount is not None and amount != invoice.amount:
        text = _("❗ Its QR code names another amount: %(amount)s.")
        yield text % {"amount": number(invoice.amount)}
    payee, account = known.payee(dialog.answers), known.account(dialog.answers)
    if invoice.inn and payee is None:
        text = _("❗ The payee with the INN %(inn)s is not in the directory, or not only once.")
        hint = "" if payees.may_add(employee) else payees.who_may("treasury.add_counterparty")
        yield f"{text % {'inn': invoice.inn}} {hint}".rstrip()
    elif payee and invoice.inn and payee.inn != invoice.inn:
        text = _("❗ Its QR code names another payee: INN %(inn)s.")
        yield text % {"inn": invoice.inn}
    elif invoice.account and account is None:
        yield from _untaken(invoice, employee)
    elif account and invoice.account and account.number != invoice.account:
        text = _("❗ Its QR code names another account: %(number)s.")
        yield text % {"number": invoice.account}
    if payee and payee.inn == invoice.inn and invoice.kpp and payee.kpp != invoice.kpp:
        text = _(
            "❗ Its QR code names another KPP: %(kpp)s. If that branch is paid, change the payee: "
            "send its INN and KPP."
        )
        yield text % {"kpp": invoice.kpp}


def _untaken(invoice: Invoice, employee: Employee) -> Iterator[str]:
    said = _("❗ The account %(number)s is not taken.") % {"number": invoice.account}
    try:
        payees.checked_account(invoice.bik, invoice.account)
    except Unclear as problem:
        yield f"{said} {problem}"
        return
    if not employee.has_perm("treasury.add_counterpartyaccount"):
        yield f"{said} {payees.who_may('treasury.add_counterpartyaccount')}"
