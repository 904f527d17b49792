"""What the printed form says, in the language that is active."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from treasury import late, standing
from treasury.files import shown_size
from treasury.labels import Labelled
from treasury.models import Bank, OwnAccount, PaymentRequest, Priority
from treasury.money import money
from treasury.printed.amounts import in_words
from treasury.printed.sheet import Sheet, moment, plain, sheet, who
from treasury.words import invoice, vat
from treasury.workflow import PaymentStatus, Status

# Of 64 digits; so many tell one file of a request from another.
_HASH_SHOWN = 16


@dataclass(frozen=True)
class Group:
    title: str
    facts: Sequence[Labelled]


@dataclass(frozen=True)
class Paper:
    """A document, with its note if it came late."""

    name: str
    note: str
    size: str
    sha256: str


@dataclass(frozen=True)
class Form:
    """The whole of it: equal ones give the same bytes.

    `subject` is what it is about at a glance, `stamp` the status in words and `under_stamp` what
    is to be known of it, a line each; `digest` that of the revision, or nothing of a draft;
    `state` which one it is, and `address` where to look for the newest.
    """

    language: str
    number: str
    organization: str
    payer_numbers: str
    title: str
    subject: str
    version: str
    status: Status
    stamp: str
    under_stamp: Sequence[str]
    groups: Sequence[Group]
    documents: Sequence[Paper]
    sheet: Sheet
    digest: str
    state: str
    address: str


def form(pk: int) -> Form:
    """All of one state of the request: what it says, who has decided, what its journal ends with.

    Raises `PaymentRequest.DoesNotExist`.
    """
    while True:
        request = PaymentRequest.objects.with_card().get(pk=pk)
        read = _read(request)
        # Whoever has decided in between has written an entry too.
        if PaymentRequest.objects.filter(pk=pk, journal_length=request.journal_length).exists():
            return read


def file_name(number: str) -> str:
    """Of the form of the request with this number."""
    safe = number.replace("/", "-").replace("\\", "-")
    return _("Payment request %(number)s") % {"number": safe} + ".pdf"


def _read(request: PaymentRequest) -> Form:
    shown = standing.as_submitted(request)
    payer = shown.organization
    made_on = date_format(timezone.localtime(request.created_at), "SHORT_DATE_FORMAT")
    return Form(
        language=get_language() or settings.LANGUAGE_CODE,
        number=request.number,
        organization=payer.name,
        payer_numbers=_line(_labelled(_("INN"), payer.inn), _labelled(_("KPP"), payer.kpp)),
        title=_("Payment request No. %(number)s of %(date)s")
        % {"number": request.number, "date": made_on},
        subject=f"{money(shown.amount, shown.currency)} · {shown.counterparty.name}",
        version=_version(request),
        status=Status(request.status),
        stamp=str(request.get_status_display()),
        under_stamp=list(_under_stamp(request)),
        groups=[Group(title, [*filter(_is_filled, facts)]) for title, facts in _groups(shown)],
        documents=list(_documents(request)),
        sheet=sheet(request),
        digest=request.snapshot.digest if request.snapshot else "",
        state=_state(request),
        address=_address(request),
    )


def _version(request: PaymentRequest) -> str:
    if request.snapshot:
        return _("revision %(number)d") % {"number": request.snapshot.number}
    if request.revision:
        return _("prepared anew after revision %(number)d") % {"number": request.revision}
    return _("not submitted yet")


def _under_stamp(request: PaymentRequest) -> Iterator[str]:
    if request.payment_status != PaymentStatus.NONE:
        yield str(request.get_payment_status_display())
    if request.stage:
        yield request.stage.name
    if ended := standing.ending(request):
        person = who(ended.actor, ended.on_behalf_of).replace("\n", " ")
        yield f"{ended.get_action_display()}: {person}, {moment(ended.at)}"
        if ended.reason:
            yield _("Reason: %(reason)s") % {"reason": plain(ended.reason)}


def _groups(request: PaymentRequest) -> Iterator[tuple[str, Iterator[Labelled]]]:
    """As it was submitted."""
    yield pgettext("printed form", "Payment"), _payment(request)
    yield pgettext("printed form", "Payee"), _payee(request)
    yield pgettext("printed form", "Payer"), _payer(request)
    yield pgettext("printed form", "Grounds"), _grounds(request)


def _payment(request: PaymentRequest) -> Iterator[Labelled]:
    yield Labelled(_("Amount"), money(request.amount, request.currency))
    yield Labelled(_("In words"), in_words(request.amount, request.currency))
    yield Labelled(_("VAT"), vat(request))
    yield Labelled(_("Purpose"), plain(request.purpose))
    yield Labelled(_("Desired date"), date_format(request.desired_date, "SHORT_DATE_FORMAT"))
    if request.priority != Priority.NORMAL:
        yield Labelled(_("Priority"), str(request.get_priority_display()))


def _payee(request: PaymentRequest) -> Iterator[Labelled]:
    payee, account = request.counterparty, request.counterparty_account
    kpp = [Labelled(_("KPP"), payee.kpp)] if payee.kpp else []
    numbers = [*payee.numbers, *kpp]
    yield Labelled(_("Payee"), payee.name)
    yield Labelled(_("Country"), payee.foreign_country)
    yield Labelled(
        _line(*(capfirst(number.label) for number in numbers)),
        _line(*(number.value for number in numbers)),
    )
    yield Labelled(_("Account"), account.number)
    yield Labelled(_("Bank"), _line(account.bank.name, str(account.bank.code)))
    yield Labelled(_("Correspondent account"), _correspondent_account(account.bank))


def _correspondent_account(bank: Bank) -> str:
    """A revision does not keep it: the directory knows it by the БИК, and never rewrites it."""
    known = Bank.objects.filter(bik=bank.bik or "")
    return known.values_list("correspondent_account", flat=True).first() or ""


def _payer(request: PaymentRequest) -> Iterator[Labelled]:
    """Whose organization stands at the head."""
    yield Labelled(_("Paid from"), _own_account(request.own_account))
    yield Labelled(_("Department"), request.department.name)
    yield Labelled(_("Cash-flow item"), str(request.cash_flow_item))


def _own_account(account: OwnAccount | None) -> str:
    return _line(account.number, account.bank.name, str(account.bank.code)) if account else ""


def _grounds(request: PaymentRequest) -> Iterator[Labelled]:
    yield Labelled(_("Invoice"), invoice(request))
    yield Labelled(_("Contract"), request.contract)
    yield Labelled(_("Requester"), str(request.requester))
    yield Labelled(_("Author"), str(request.author))
    yield Labelled(_("Comment"), plain(request.comment))


def _documents(request: PaymentRequest) -> Iterator[Paper]:
    notes = late.notes(request)
    for document in request.documents:
        yield Paper(
            name=document.name,
            note=notes.get(document.pk, ""),
            size=shown_size(document.size),
            sha256=document.sha256[:_HASH_SHOWN],
        )


def _state(request: PaymentRequest) -> str:
    """No clock is in it: what is printed anew of the same state is the same."""
    last = standing.deeds(request.pk).first()
    if last is None:
        return ""
    return _("As of entry %(sequence)d of the journal, %(moment)s") % {
        "sequence": last.sequence,
        "moment": moment(last.at),
    }


def _address(request: PaymentRequest) -> str:
    page = reverse("admin:treasury_paymentrequest_change", args=[request.pk])
    return f"{settings.PUBLIC_URL}{page}"


def _labelled(label: str, value: str) -> str:
    return f"{label} {value}" if value else ""


def _line(*parts: str) -> str:
    return ", ".join(filter(None, parts))


def _is_filled(fact: Labelled) -> bool:
    return bool(fact.value)
