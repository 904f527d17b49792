"""Everything about a request, for whoever asks for it."""

from collections.abc import Iterable

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from telegrambot.card import card_of, day, invoice, moment, stage_line, title
from telegrambot.markup import bold, italic, plain, shortened, visible_length
from treasury import changes
from treasury.models import Event, PaymentRequest
from treasury.money import money
from treasury.names import accusative

# The journal may be long; its newest entries tell how things stand.
_EVENTS_SHOWN = 15
_CHANGES_LENGTH = 200


def text(request: PaymentRequest, note: str, limit: int) -> str:
    """All fields, the stages, the documents and the journal, within so many characters."""
    status = plain(request.get_status_display())
    blocks = [
        "\n".join(filter(None, [title(request), status, italic(note) if note else ""])),
        "\n".join(_line(label, value) for label, value in _fields(request) if value),
        _block(_("Stages"), map(stage_line, request.stages.all())),
        _block(_("Documents"), _documents(request)),
        _block(_("Journal"), _journal(request)),
    ]
    # What stands last is missed least; the card itself always fits.
    while len(blocks) > 2:
        whole = "\n\n".join(filter(None, blocks))
        if visible_length(whole) <= limit:
            return whole
        blocks.pop()
    return card_of(request, note).fitted(limit)


def _line(label: str, value: str) -> str:
    return f"{plain(label)}: {plain(value)}"


def _block(heading: str, lines: Iterable[str]) -> str:
    filled = [plain(line) for line in lines]
    return "\n".join([bold(heading), *filled]) if filled else ""


def _fields(request: PaymentRequest) -> list[tuple[str, str]]:
    account = request.counterparty_account
    payee = request.counterparty
    return [
        (_("Amount"), money(request.amount, request.currency)),
        (_("VAT"), _vat(request)),
        (_("Payee"), payee.name),
        (_("INN"), payee.inn),
        (_("KPP"), payee.kpp),
        (_("Account"), account.number),
        (_("Bank"), str(account.bank)),
        (_("Purpose"), request.purpose),
        (_("Organization"), request.organization.name),
        (_("Department"), request.department.name),
        (_("Cash-flow item"), str(request.cash_flow_item)),
        (_("Invoice"), invoice(request)),
        (_("Contract"), request.contract),
        (_("Desired date"), day(request.desired_date)),
        (_("Priority"), str(request.get_priority_display())),
        (_("Payment"), str(request.get_payment_status_display())),
        (_("Requester"), request.requester.get_short_name()),
        (_("Author"), request.author.get_short_name()),
        (_("Comment"), request.comment),
    ]


def _vat(request: PaymentRequest) -> str:
    if not request.vat_amount:
        return request.vat_rate.name
    return f"{request.vat_rate.name}, {money(request.vat_amount, request.currency)}"


def _documents(request: PaymentRequest) -> list[str]:
    return [f"{document.name}, {filesizeformat(document.size)}" for document in request.documents]


def _journal(request: PaymentRequest) -> list[str]:
    newest = request.events.select_related("actor", "on_behalf_of").order_by("-id")
    return [_entry(event) for event in reversed(newest[:_EVENTS_SHOWN])]


def _entry(event: Event) -> str:
    who = event.actor.get_short_name()
    if event.on_behalf_of:
        principal = accusative(event.on_behalf_of.get_short_name())
        who = _("%(deputy)s for %(principal)s") % {"deputy": who, "principal": principal}
    if whom := event.data.get("to") or event.data.get("added"):
        who = f"{who} → {whom}"
    entry = f"{moment(event.at)} {event.get_action_display()}, {who}"
    more = event.reason or shortened(changes.in_a_line(event), _CHANGES_LENGTH)
    return f"{entry}: {more}" if more else entry
