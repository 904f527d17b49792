"""Whom is paid, and to which account: chosen, or added by whoever may."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content.markup import shortened
from telegrambot.dialogs import known
from telegrambot.dialogs.lists import DirectoryRow, Keyed, Listed
from telegrambot.dialogs.questions import Question, Unclear, Value
from telegrambot.models import Dialog
from treasury import rights, search
from treasury.errors import Text
from treasury.models import (
    Bank,
    Counterparty,
    CounterpartyAccount,
    Currency,
    Employee,
    PaymentRequest,
)
from treasury.validators import (
    COMPANY_INN,
    account_currency,
    check_account_key,
    validate_inn,
    validate_kpp,
    validate_party_name,
)

_FIELDS = ("name__finds", "inn__finds", "kio__finds", "tax_number__finds")
# So many of his last requests tell whom he pays; so many payees are found by words.
_LAST, _MOST = 100, 80
# Of a name, so that the numbers behind it stand on the button too.
_NAME_LENGTH = 36
_NAMED = 5
_BIK, _ACCOUNT = 9, 20
# Names that are offered of a branch.
_BRANCHES = 3
# «3528000597/997550001», «ИНН 3528000597 КПП 997550001»: as an invoice has them.
_WITH_KPP = re.compile(
    r"(?:инн|inn)?:?\s*(?P<inn>[0-9]{10})(?:\s*/\s*|,?\s+)(?:кпп|kpp)?:?\s*(?P<kpp>[0-9A-Z]{9})",
    re.IGNORECASE,
)
# An ИНН may begin with a zero; no key is so long.
_NEW = 10**10


@dataclass(frozen=True, kw_only=True)
class Payee(Listed):
    """The answer is a primary key, or the ИНН of a new payee; of a branch that is new with its
    КПП."""

    def found(self, dialog: Dialog, employee: Employee) -> Keyed:
        """Without words those to whom he has asked for payments last."""
        in_use = Counterparty.objects.filter(is_active=True)
        if dialog.search:
            words = search.words(dialog.search, model=Counterparty, fields=_FIELDS)
            return [(payee.pk, payee) for payee in in_use.filter(words)[:_MOST]]
        own = PaymentRequest.objects.filter(author=employee).order_by("-id")
        last = list(dict.fromkeys(own.values_list("counterparty", flat=True)[:_LAST]))
        payees = in_use.in_bulk(last)
        return [(key, payees[key]) for key in last if key in payees]

    def labels(self, entries: Keyed) -> list[tuple[str, int]]:
        return [(label(payee), key) for key, payee in entries]

    def nothing_found(self, text: str) -> str:
        return _("I find no payee called “%(name)s”. Send the INN, to add one.") % {"name": text}

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        if number >= _NEW:
            return self._new(employee, str(number)[1:])
        in_use = Counterparty.objects.filter(pk=number, is_active=True)
        return number if in_use.exists() else None

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        if told := _WITH_KPP.fullmatch(" ".join(text.split())):
            return self._branch(employee, told["inn"], told["kpp"].upper())
        inn = "".join(re.sub(r"(?i)инн|inn", "", text).split())
        if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", inn):
            return super().typed(dialog, employee, text)
        payees = list(Counterparty.objects.filter(inn=inn).order_by("-is_active", "name"))
        in_use = [payee for payee in payees if payee.is_active]
        if len(in_use) == 1:
            return in_use[0].pk
        if in_use:
            return super().typed(dialog, employee, inn)
        if payees:
            gone = _("“%(name)s” is no longer in use.") % {"name": payees[0]}
            raise Unclear(f"{gone} {payees[0].out_of_use_reason}".rstrip())
        _check(validate_inn, inn)
        unknown = _("There is no payee with the INN %(inn)s.") % {"inn": inn}
        if not may_add(employee):
            raise Unclear(f"{unknown} {who_may('treasury.add_counterparty')}")
        raise Unclear(unknown, (_("➕ Add a payee with this INN"), int(f"1{inn}")))

    def _branch(self, employee: Employee, inn: str, kpp: str) -> Value:
        """Told by ИНН and КПП, it is this one alone, whatever others there are."""
        payee = Counterparty.objects.filter(inn=inn, kpp=kpp).first()
        if payee and payee.is_active:
            return payee.pk
        if payee:
            gone = _("“%(name)s” is no longer in use.") % {"name": payee}
            raise Unclear(f"{gone} {payee.out_of_use_reason}".rstrip())
        _check(validate_inn, inn)
        _check(validate_kpp, kpp)
        if not may_add(employee):
            unknown = _("There is no payee with the INN %(inn)s and the KPP %(kpp)s.")
            facts = {"inn": inn, "kpp": kpp}
            raise Unclear(f"{unknown % facts} {who_may('treasury.add_counterparty')}")
        return f"{inn} {kpp}"

    def _new(self, employee: Employee, inn: str) -> Value | None:
        """Of a button that was offered to him; he may have lost the right since."""
        if not is_unknown(inn):
            return None
        if not may_add(employee):
            raise Unclear(who_may("treasury.add_counterparty"))
        try:
            validate_inn(inn)
        except ValidationError:
            return None
        return inn


@dataclass(frozen=True, kw_only=True)
class PayeeName(Question):
    """Of a branch the names of the others are offered."""

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        by_name = {payee.name: payee.pk for payee in _branches(dialog)}
        return list(by_name.items())[:_BRANCHES]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        return _branches(dialog).filter(pk=number).values_list("name", flat=True).first()

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        name = " ".join(text.split())
        _check(validate_party_name, name)
        return name


@dataclass(frozen=True, kw_only=True)
class Kpp(Question):
    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        kpp = "".join(re.sub(r"(?i)кпп|kpp", "", text).split()).upper()
        _check(validate_kpp, kpp)
        return kpp


@dataclass(frozen=True, kw_only=True)
class Account(DirectoryRow):
    """The answer is a primary key, or БИК and number of a new account."""

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        bik, number = _bank_details(text)
        account = checked_account(bik, number)
        same = same_account(dialog.answers, account)
        if same and not same.is_active:
            gone = _("“%(name)s” is no longer in use.") % {"name": same}
            raise Unclear(f"{gone} {same.out_of_use_reason}".rstrip())
        if same:
            return same.pk
        if not employee.has_perm("treasury.add_counterpartyaccount"):
            raise Unclear(who_may("treasury.add_counterpartyaccount"))
        return f"{bik} {number}"


def _branches(dialog: Dialog) -> QuerySet[Counterparty]:
    """Those that the directory has of a company whose branch is added."""
    inn, _kpp = known.numbers(str(dialog.answers[known.PAYEE]))
    return Counterparty.objects.filter(inn=inn).order_by("-is_active", "name")


def accounts_in_use(dialog: Dialog, employee: Employee) -> list[CounterpartyAccount]:
    payee = known.payee(dialog.answers)
    if payee is None or payee.pk is None:
        return []
    in_use = payee.accounts.filter(is_active=True, bank__is_active=True)
    return list(in_use.select_related("bank"))


def same_account(
    answers: known.Answers, account: CounterpartyAccount
) -> CounterpartyAccount | None:
    """That which the payee has already."""
    payee = known.payee(answers)
    if payee is None or payee.pk is None:
        return None
    return payee.accounts.filter(bank=account.bank, number=account.number).first()


def label(payee: Counterparty) -> str:
    numbers = filter(None, [*(number.value for number in payee.numbers), payee.kpp])
    return " · ".join([shortened(payee.name, _NAME_LENGTH), "/".join(numbers)])


def the_one(inn: str, kpp: str) -> Counterparty | None:
    """The payee in use with this ИНН; of several branches the one with this КПП."""
    in_use = list(Counterparty.objects.filter(inn=inn, is_active=True))
    if len(in_use) > 1:
        in_use = [payee for payee in in_use if payee.kpp == kpp]
    return in_use[0] if len(in_use) == 1 else None


def is_unknown(inn: str) -> bool:
    return not Counterparty.objects.filter(inn=inn).exists()


def may_add(employee: Employee) -> bool:
    """A payee, who needs an account too."""
    return employee.has_perms(["treasury.add_counterparty", "treasury.add_counterpartyaccount"])


def who_may(permission: str) -> str:
    """Add payees, or accounts of theirs: a sentence."""
    people = [person.get_short_name() for person in rights.holders(permission)[: _NAMED + 1]]
    names = ", ".join(people[:_NAMED]) + ("…" if people[_NAMED:] else "")
    if not names:
        return _("Payees and their accounts are added in the back office.")
    return _("Payees and their accounts are added by: %(names)s.") % {"names": names}


def checked_account(bik: str, number: str) -> CounterpartyAccount:
    """As it would be added, not saved. Raises `Unclear`."""
    _check(check_account_key, number, bik)
    bank = Bank.objects.filter(bik=bik).first()
    if bank is None:
        text = _("The directory of banks has none with the BIK %(bik)s: compare it.")
        raise Unclear(text % {"bik": bik})
    if not bank.is_active:
        gone = _("“%(name)s” is no longer in use.") % {"name": bank}
        raise Unclear(f"{gone} {bank.out_of_use_reason}".rstrip())
    try:
        currency = account_currency(number)
    except ValidationError as problem:
        raise Unclear(" ".join(problem.messages)) from problem
    if currency not in Currency.values:
        raise Unclear(_("Nothing is paid in %(code)s here.") % {"code": currency})
    return CounterpartyAccount(bank=bank, number=number, currency=currency)


def _bank_details(text: str) -> tuple[str, str]:
    """БИК and number, in whatever order and with whatever between their digits."""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) != _BIK + _ACCOUNT:
        raise Unclear(
            _(
                "Send both in one message: the BIK, 9 digits, and the account, 20 digits; here are "
                "%(count)d digits."
            )
            % {"count": len(digits)}
        )
    orders = {digits[:_BIK]: digits[_BIK:], digits[_ACCOUNT:]: digits[:_ACCOUNT]}
    banks = Bank.objects.filter(bik__in=orders).values_list("bik", flat=True)
    # Of a bank that nobody knows: they begin so in Russia.
    likely = [*banks, *(bik for bik in orders if bik.startswith("04")), *orders]
    bik = str(likely[0])
    return bik, orders[bik]


def _check(validate: Callable[..., None], *values: str) -> None:
    try:
        validate(*values)
    except ValidationError as problem:
        raise Unclear(" ".join(problem.messages)) from problem


def wants_kpp(answers: known.Answers) -> bool:
    """Whether it is a new company, of which the КПП was not told with the ИНН."""
    new = answers.get(known.PAYEE)
    return isinstance(new, str) and len(new) == COMPANY_INN


def meanwhile(answers: known.Answers) -> Counterparty | None:
    """The payee in use who was to be added, and is there by now."""
    inn, kpp = known.numbers(answers[known.PAYEE])
    if kpp:
        return Counterparty.objects.filter(inn=inn, kpp=kpp, is_active=True).first()
    return the_one(inn, answers.get(known.PAYEE_KPP, ""))


_BOTH: Text = gettext_lazy(
    "Send the BIK and the account number in one message, in any order, with spaces or without."
)
PAYEE = Payee(
    name=known.PAYEE,
    text=gettext_lazy("Who is paid?"),
    hint=gettext_lazy(
        "Choose, or send the INN or a part of the name; of a branch the INN and the KPP."
    ),
)
PAYEE_NAME = PayeeName(
    name=known.PAYEE_NAME,
    text=gettext_lazy("What is the new payee called?"),
    hint=gettext_lazy("As in the invoice: at most 160 characters."),
)
PAYEE_KPP = Kpp(
    name=known.PAYEE_KPP,
    text=gettext_lazy("Which KPP has the new payee?"),
    hint=gettext_lazy("9 characters; it stands beside the INN in the invoice."),
)
ACCOUNT = Account(
    name=known.ACCOUNT,
    text=gettext_lazy("To which account?"),
    hint=_BOTH,
    everything=accounts_in_use,
    label=CounterpartyAccount.get_short_name,
)
