"""Everything about a request, for whoever asks for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from telegrambot.content.blocks import Block, checklist, facts, folded, paragraphs
from telegrambot.content.card import Aside, Card, card_of, labelled
from telegrambot.content.loading import documents
from telegrambot.content.markup import bold, plain, shortened, visible_length
from telegrambot.content.progress import stage_line, step
from telegrambot.content.talk import in_details
from telegrambot.content.words import moment, pay_day, who
from treasury import changes, late, standing
from treasury.files import shown_size
from treasury.models import ApprovalStage, Event, PaymentRequest
from treasury.money import money
from treasury.words import invoice, vat

# The journal may be long; its newest entries tell how things stand.
_EVENTS_SHOWN = 15
_CHANGES_LENGTH = 200


@dataclass(frozen=True)
class Details:
    """All fields, the stages, the documents, the comments and the journal of a request."""

    card: Card
    fields: tuple[tuple[str, str], ...]
    stages: tuple[ApprovalStage, ...]
    documents: tuple[str, ...]
    talk: tuple[str, ...]
    journal: tuple[str, ...]

    def fitted(self, limit: int) -> str:
        """Telegram's HTML, within so many characters."""
        card = self.card
        parts = [
            "\n\n".join(filter(None, [card.head(), card.news(), plain(card.doubts)])),
            "\n".join(labelled(label, value) for label, value in self.fields if value),
            _block(_("Stages"), map(stage_line, self.stages)),
            _block(_("Documents"), self.documents),
            _block(_("Comments"), self.talk),
            _block(_("Journal"), self.journal),
        ]
        # What stands last is missed least; the card itself always fits.
        while len(parts) > 2:
            whole = "\n\n".join(filter(None, parts))
            if visible_length(whole) <= limit:
                return whole
            parts.pop()
        return card.fitted(limit)

    def blocks(self) -> list[Block]:
        """Rich, with what is long folded."""
        lists = (
            (_("Comments"), self.talk),
            (_("Documents"), self.documents),
            (_("Journal"), self.journal),
        )
        return [
            *self.card.head_blocks(),
            *paragraphs(self.card.doubts),
            *facts(self.fields),
            *checklist(map(step, self.stages)),
            *(block for name, lines in lists for block in folded(name, _lines(lines))),
        ]


def details_of(request: PaymentRequest, aside: Aside) -> Details:
    """Of what `with_progress` gives."""
    return Details(
        card=card_of(request, aside),
        fields=tuple(_fields(standing.as_submitted(request))),
        stages=tuple(request.stages.all()),
        documents=tuple(_documents(request)),
        talk=tuple(in_details(request.pk)),
        journal=tuple(_journal(request)),
    )


def _lines(lines: Iterable[str]) -> list[Block]:
    return [block for line in lines for block in paragraphs(line)]


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
        (_("Desired date"), pay_day(request.desired_date)),
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
    newest = standing.deeds(request.pk).select_related("actor", "on_behalf_of")
    return [_entry(event) for event in reversed(newest[:_EVENTS_SHOWN])]


def _entry(event: Event) -> str:
    person = who(event.actor, event.on_behalf_of)
    if whom := event.data.get("to") or event.data.get("added"):
        person = f"{person} → {whom}"
    entry = f"{moment(event.at)} {event.get_action_display()}, {person}"
    more = event.reason or shortened(changes.in_a_line(event), _CHANGES_LENGTH)
    return f"{entry}: {more}" if more else entry
