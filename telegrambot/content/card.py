"""A request in words: the card that everyone sees."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from telegrambot.content import blocks, talk
from telegrambot.content.blocks import Block, checklist, heading, paragraph, paragraphs
from telegrambot.content.doubts import doubts
from telegrambot.content.fields import chosen
from telegrambot.content.loading import documents
from telegrambot.content.markup import bold, folded, italic, plain, shortened, visible_length
from telegrambot.content.progress import Step, deadline, stage_line, step
from telegrambot.content.words import moment, pay_day, priority, who
from treasury import standing
from treasury.labels import Labelled
from treasury.models import ApprovalStage, Event, PaymentRequest
from treasury.money import money
from treasury.words import invoice, vat
from treasury.workflow import Status

STATUS_MARKS = {
    Status.DRAFT: "📝",
    Status.IN_APPROVAL: "⏳",
    Status.APPROVED: "✅",
    Status.RETURNED: "↩️",
    Status.DECLINED: "❌",
    Status.CANCELLED: "🚫",
}
# So many fields of a rich message are seen before what is folded is opened.
AT_ONCE = 4
# What is shortened until the card fits, and to how many characters at the most.
_SHORTENED = (
    ("purpose", 60),
    ("comment", 0),
    ("talk", 80),
    ("excuse", 60),
    ("contract", 30),
    ("changed", 0),
    ("reason", 120),
    ("doubts", 200),
    ("organization", 40),
    ("department", 40),
    ("cash_flow_item", 40),
    ("payee", 60),
    ("progress", 0),
)


@dataclass(frozen=True)
class Aside:
    """What a card says to its reader alone: what he has decided, in which role, what is new."""

    own: str = ""
    note: str = ""
    changed: str = ""


@dataclass(frozen=True)
class Card:
    """The values of a card, not yet escaped, so that those too long can be shortened."""

    mark: str
    amount: str
    payee: str
    name: str
    priority: str
    # Until when the open stage has to be decided, or since when it is overdue.
    deadline: str
    own: str
    note: str
    changed: str
    purpose: str
    doubts: str
    requester: str
    documents: str
    vat: str
    country: str
    # How it is called: ИНН or КИО.
    number_label: str
    number: str
    own_account: str
    invoice: str
    contract: str
    desired_date: str
    organization: str
    department: str
    cash_flow_item: str
    progress: str
    # What was said of it last, and what waits for an answer.
    talk: str
    reason: str
    comment: str
    # The comment where there are no documents, for it says why.
    excuse: str
    # Those of the stages that matter, each ticked or not.
    steps: tuple[Step, ...]
    # The names of the fields that it shows, in their order.
    layout: tuple[str, ...]

    def head(self) -> str:
        """What a notification shows of it first, and then what is for its reader alone."""
        lines = [
            f"{self.mark} {bold(f'{self.amount} · {self.payee}')}",
            plain(self.name),
            bold(self.priority) if self.priority else "",
            bold(self.deadline) if self.deadline else "",
            bold(self.own) if self.own else "",
            italic(self.note) if self.note else "",
        ]
        return _block(lines)

    def text(self) -> str:
        """Telegram's HTML: by what is decided, who waits, what is said, and the rest folded."""
        blocks = [
            self.head(),
            # Who asked for the money looks for nothing else.
            labelled(_("Reason"), self.reason) if self.reason else "",
            self.news(),
            _block(
                [
                    labelled(_("Purpose"), self.purpose),
                    labelled(_("Comment"), self.excuse) if self.excuse else "",
                    plain(self.doubts),
                ]
            ),
            plain(self.progress),
            plain(self.talk),
            folded(
                _block(labelled(label, value) for label, value in self.fields().values() if value)
            ),
        ]
        return "\n\n".join(filter(None, blocks))

    def blocks(self) -> list[Block]:
        """Rich, in the same order; there is room for all of it."""
        fields = [*self.fields().values()]
        return [
            *self.head_blocks(),
            *(blocks.said(label, value) for label, value in self.words() if value),
            *paragraphs(self.doubts),
            *blocks.facts(fields[:AT_ONCE]),
            *checklist(self.steps),
            *paragraphs(self.talk),
            *blocks.folded(_("More"), blocks.facts(fields[AT_ONCE:])),
        ]

    def words(self) -> list[tuple[str, str]]:
        """What is read before anything else: also why there is nothing to look at."""
        return [
            (_("Reason"), self.reason),
            (_("Purpose"), self.purpose),
            (_("Comment"), self.excuse),
        ]

    def head_blocks(self) -> list[Block]:
        """What a notification shows of it first, what is for its reader alone, and what is new."""
        changed = [paragraph(blocks.bold(_("Changed"))), *paragraphs(self.changed)]
        return [
            heading(f"{self.mark} {self.amount} · {self.payee}"),
            paragraph(self.name),
            *(
                paragraph(blocks.bold(line))
                for line in (self.priority, self.deadline, self.own)
                if line
            ),
            *(paragraph(blocks.italic(line)) for line in self.note.splitlines()),
            *(changed if self.changed else ()),
        ]

    def news(self) -> str:
        return _block([bold(_("Changed")), plain(self.changed)]) if self.changed else ""

    def fields(self) -> dict[str, tuple[str, str]]:
        """The label and the value of each that it shows, by its name."""
        every = {
            "requester": (_("Requester"), self.requester),
            "documents": (_("Documents"), self.documents),
            "vat": (_("VAT"), self.vat),
            "country": (_("Country"), self.country),
            "number": (self.number_label, self.number),
            "own_account": (_("Paid from"), self.own_account),
            "invoice": (_("Invoice"), self.invoice),
            "contract": (_("Contract"), self.contract),
            "desired_date": (_("Desired date"), self.desired_date),
            "organization": (_("Organization"), self.organization),
            "department": (_("Department"), self.department),
            "cash_flow_item": (_("Cash-flow item"), self.cash_flow_item),
            "comment": (_("Comment"), self.comment),
        }
        return {name: every[name] for name in self.layout}

    def fitted(self, limit: int) -> str:
        """The text within so many characters."""
        card = self
        for field, least in _SHORTENED:
            excess = visible_length(card.text()) - limit
            if excess <= 0:
                break
            value = getattr(card, field)
            shorter: dict[str, Any] = {field: shortened(value, max(len(value) - excess, least))}
            card = replace(card, **shorter)
        return card.text()


_NO_ASIDE = Aside()


def card_of(request: PaymentRequest, aside: Aside = _NO_ASIDE) -> Card:
    """The card of what `with_progress` gives; of what was submitted as it was then."""
    ending, doubtful = standing.ending(request), doubts(request)
    request = standing.as_submitted(request)
    matter = [stage for stage in request.stages.all() if _matters(stage)]
    attached, comment = len(documents(request)), " ".join(request.comment.split())
    # The details tell all of them.
    number = next(iter(request.counterparty.numbers), Labelled("", ""))
    return Card(
        mark=STATUS_MARKS[Status(request.status)],
        amount=money(request.amount, request.currency),
        payee=request.counterparty.name,
        name=_name(request, ending),
        priority=priority(request),
        deadline=deadline(matter),
        own=aside.own,
        note=aside.note,
        changed=aside.changed,
        purpose=request.purpose,
        doubts=doubtful,
        requester=request.requester.get_short_name(),
        documents=str(attached or _("none")),
        vat=vat(request),
        country=request.counterparty.foreign_country,
        number_label=capfirst(number.label),
        number=number.value,
        own_account=request.own_account.get_short_name() if request.own_account else "",
        invoice=invoice(request),
        contract=request.contract,
        desired_date=pay_day(request.desired_date),
        organization=request.organization.name,
        department=request.department.name,
        cash_flow_item=str(request.cash_flow_item),
        progress="\n".join(map(stage_line, matter)),
        talk=talk.on_card(request.pk),
        reason=ending.reason if ending else "",
        comment=comment if attached else "",
        excuse="" if attached else comment,
        steps=tuple(step(stage) for stage in matter),
        layout=chosen(request.organization_id),
    )


def _block(lines: Iterable[str]) -> str:
    return "\n".join(filter(None, lines))


def labelled(label: str, value: str) -> str:
    """The label slanted, so that the eye finds the value."""
    return f"{italic(label)}: {plain(value)}"


def _name(request: PaymentRequest, ending: Event | None) -> str:
    """«НМЗ-2026-00022 · revision 2 · In approval», or who has ended the approval and when."""
    parts = [request.number]
    if request.revision > 1:
        parts.append(_("revision %(number)d") % {"number": request.revision})
    status = str(request.get_status_display())
    if ending:
        if request.status == Status.DRAFT:
            status = pgettext("ended", "Withdrawn")
        elif request.status == Status.RETURNED:
            status = pgettext("ended", "Returned for rework")
        status = f"{status}, {who(ending.actor, ending.on_behalf_of)}, {moment(ending.at)}"
    return " · ".join([*parts, status])


def _matters(stage: ApprovalStage) -> bool:
    """A stage that this amount does not need is noise on a phone; the details name it."""
    return stage.state != ApprovalStage.State.SKIPPED
