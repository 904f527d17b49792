"""Everything about a request, for whoever asks for it."""

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from telegrambot.content.card import Aside, card_of, documents, labelled
from telegrambot.content.markup import bold, plain, shortened, visible_length
from telegrambot.content.progress import stage_line
from telegrambot.content.words import day, moment, who
from treasury import changes, late, standing
from treasury.files import shown_size
from treasury.models import Event, PaymentRequest
from treasury.money import money
from treasury.words import invoice, vat

# The journal may be long; its newest entries tell how things stand.
_EVENTS_SHOWN = 15
_CHANGES_LENGTH = 200


def text(request: PaymentRequest, aside: Aside, limit: int) -> str:
    """All fields, the stages, the documents and the journal, within so many characters."""
    card, submitted = card_of(request, aside), standing.as_submitted(request)
    blocks = [
        "\n\n".join(filter(None, [card.head(), card.news(), plain(card.doubts)])),
        "\n".join(labelled(label, value) for label, value in _fields(submitted) if value),
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
    return card.fitted(limit)


def _block(heading: str, lines: Iterable[str]) -> str:
    filled = [plain(line) for line in lines]
    return "\n".join([bold(heading), *filled]) if filled else ""


def _fields(request: PaymentRequest) -> list[tuple[str, str]]:
    account = request.counterparty_account
    payee = request.counterparty
    return [
        (_("Amount"), money(request.amount, request.currency)),
        (_("VAT"), vat(request)),
        (_("Payee"), payee.name),
        (_("Country"), payee.foreign_country),
        *((capfirst(label), number) for label, number in payee.numbers),
        (_("KPP"), payee.kpp),
        (_("Account"), account.number),
        (_("Bank"), str(account.bank)),
        (_("Paid from"), str(request.own_account or "")),
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


def _documents(request: PaymentRequest) -> list[str]:
    notes = late.notes(request)
    return [
        ", ".join(filter(None, [document.name, shown_size(document.size), notes.get(document.pk)]))
        for document in documents(request)
    ]


def _journal(request: PaymentRequest) -> list[str]:
    newest = request.events.select_related("actor", "on_behalf_of").order_by("-id")
    return [_entry(event) for event in reversed(newest[:_EVENTS_SHOWN])]


def _entry(event: Event) -> str:
    person = who(event.actor, event.on_behalf_of)
    if whom := event.data.get("to") or event.data.get("added"):
        person = f"{person} → {whom}"
    entry = f"{moment(event.at)} {event.get_action_display()}, {person}"
    more = event.reason or shortened(changes.in_a_line(event), _CHANGES_LENGTH)
    return f"{entry}: {more}" if more else entry
