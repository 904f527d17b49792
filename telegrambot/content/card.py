"""A request in words: the card that everyone sees."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Count, Window
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from telegrambot.content.markup import bold, folded, italic, plain, shortened, visible_length
from telegrambot.content.progress import chain, stage_line
from telegrambot.content.words import day, moment, priority, who
from treasury import late, standing, unusual
from treasury.labels import Labelled
from treasury.models import (
    ApprovalStage,
    Attachment,
    CounterpartyAccount,
    Event,
    OwnAccount,
    PaymentRequest,
)
from treasury.money import money
from treasury.prepared import Prepared, gather
from treasury.words import invoice, vat
from treasury.workflow import Action, Status

STATUS_MARKS = {
    Status.DRAFT: "📝",
    Status.IN_APPROVAL: "⏳",
    Status.APPROVED: "✅",
    Status.RETURNED: "↩️",
    Status.DECLINED: "❌",
    Status.CANCELLED: "🚫",
}
_REQUEST = Prepared(
    lambda request: PaymentRequest.objects.filter(pk=request),
    int,
    related=dict.fromkeys(
        (
            "organization", "department", "cash_flow_item", "counterparty", "requester",
            "vat_rate", "snapshot",
        ),
        (),
    ),
)  # fmt: skip
_FILES = Prepared(
    lambda request: Attachment.objects.filter(request=request),
    int,
    columns=("id", "request_id", "name", "size", "removed_at"),
)
_ACCOUNT = Prepared(
    lambda account: CounterpartyAccount.objects.filter(pk=account), int, related={"bank": ()}
)
_OWN_ACCOUNT = Prepared(
    lambda account: OwnAccount.objects.filter(pk=account), int, related={"bank": ()}
)
# So many of the other requests with the same invoice are named.
_TWINS_SHOWN = 2
# Of the documents that came later; the details name all.
_LATE_SHOWN = 3
# What is shortened until the card fits, and to how many characters at the most.
_SHORTENED = (
    ("purpose", 60),
    ("comment", 0),
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


def with_progress(pk: int) -> PaymentRequest:
    """A request with what its card shows of it, in six queries; `card_of` asks for the doubts."""
    request = _REQUEST.first(pk)
    if request is None:
        raise PaymentRequest.DoesNotExist(f"there is no request {pk}")
    # Not joined: PostgreSQL plans a join of all those tables for 20 ms.
    request.counterparty_account = _ACCOUNT(request.counterparty_account_id)[0]
    if request.own_account_id is not None:
        request.own_account = _OWN_ACCOUNT.first(request.own_account_id)
    gather(request, "stages", chain(pk))
    gather(request, "attachments", _FILES(pk))
    return request


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
    reason: str
    comment: str

    def head(self) -> str:
        """What a notification shows of it first, and then what is for its reader alone."""
        lines = [
            f"{self.mark} {bold(f'{self.amount} · {self.payee}')}",
            plain(self.name),
            bold(self.priority) if self.priority else "",
            bold(self.own) if self.own else "",
            italic(self.note) if self.note else "",
        ]
        return _block(lines)

    def text(self) -> str:
        """Telegram's HTML: by what is decided, who waits, and the rest folded."""
        blocks = [
            self.head(),
            # Who asked for the money looks for nothing else.
            labelled(_("Reason"), self.reason) if self.reason else "",
            self.news(),
            _block([labelled(_("Purpose"), self.purpose), plain(self.doubts)]),
            plain(self.progress),
            folded(_block(labelled(label, value) for label, value in self._fields() if value)),
        ]
        return "\n\n".join(filter(None, blocks))

    def news(self) -> str:
        return _block([bold(_("Changed")), plain(self.changed)]) if self.changed else ""

    def _fields(self) -> list[tuple[str, str]]:
        return [
            (_("Requester"), self.requester),
            (_("Documents"), self.documents),
            (_("VAT"), self.vat),
            (_("Country"), self.country),
            (self.number_label, self.number),
            (_("Paid from"), self.own_account),
            (_("Invoice"), self.invoice),
            (_("Contract"), self.contract),
            (_("Desired date"), self.desired_date),
            (_("Organization"), self.organization),
            (_("Department"), self.department),
            (_("Cash-flow item"), self.cash_flow_item),
            (_("Comment"), self.comment),
        ]

    def fitted(self, limit: int) -> str:
        """The text within so many characters."""
        card = self
        for field, least in _SHORTENED:
            excess = visible_length(card.text()) - limit
            if excess <= 0:
                break
            value = getattr(card, field)
            kept = max(len(value) - excess, least)
            card = replace(card, **{field: shortened(value, kept)})
        return card.text()


_NO_ASIDE = Aside()


def card_of(request: PaymentRequest, aside: Aside = _NO_ASIDE) -> Card:
    """The card of a request from `with_progress`; of one that was submitted as it was then."""
    ending, doubtful = standing.ending(request), doubts(request)
    request = standing.as_submitted(request)
    # The details tell all of them.
    number = next(iter(request.counterparty.numbers), Labelled("", ""))
    return Card(
        mark=STATUS_MARKS[Status(request.status)],
        amount=money(request.amount, request.currency),
        payee=request.counterparty.name,
        name=_name(request, ending),
        priority=priority(request),
        own=aside.own,
        note=aside.note,
        changed=aside.changed,
        purpose=request.purpose,
        doubts=doubtful,
        requester=request.requester.get_short_name(),
        documents=str(len(documents(request)) or _("none")),
        vat=vat(request),
        country=request.counterparty.foreign_country,
        number_label=capfirst(number.label),
        number=number.value,
        own_account=request.own_account.get_short_name() if request.own_account else "",
        invoice=invoice(request),
        contract=request.contract,
        desired_date=day(request.desired_date),
        organization=request.organization.name,
        department=request.department.name,
        cash_flow_item=str(request.cash_flow_item),
        progress="\n".join(stage_line(stage) for stage in request.stages.all() if _matters(stage)),
        reason=ending.reason if ending else "",
        comment=" ".join(request.comment.split()),
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


def documents(request: PaymentRequest) -> list[Attachment]:
    """Those still valid, of a request from `with_progress`."""
    return [document for document in request.attachments.all() if not document.removed_at]


def doubts(request: PaymentRequest) -> str:
    """What is worth a second look, a line each."""
    lines = (f"⚠️ {line}" for line in [*standing.warnings(request), *unusual.lines(request)])
    return "\n".join([*lines, *_same_invoice(request), *_unseen_documents(request)])


def _unseen_documents(request: PaymentRequest) -> list[str]:
    lines = [f"⚠️ {line}" for line in late.lines(request)]
    if more := len(lines[_LATE_SHOWN:]):
        lines[_LATE_SHOWN:] = [
            ngettext("… and %(count)d more document", "… and %(count)d more documents", more)
            % {"count": more}
        ]
    return lines


def _same_invoice(request: PaymentRequest) -> list[str]:
    """Other requests by which the same invoice may be paid, and why it is asked for again."""
    twins = PaymentRequest.objects.twins_of(request).order_by("-id")
    counted = twins.annotate(in_all=Window(Count("pk")))
    rows = list(counted.values_list("number", "status", "in_all")[:_TWINS_SHOWN])
    lines = [
        _("⚠️ Invoice %(invoice)s is already in request %(number)s (%(status)s)")
        % {"invoice": request.invoice_number, "number": number, "status": Status(status).label}
        for number, status, _in_all in rows
    ]
    if not rows:
        return []
    if more := rows[0][2] - len(rows):
        lines.append(
            ngettext("… and in %(count)d more", "… and in %(count)d more", more) % {"count": more}
        )
    submits = request.events.filter(action=Action.SUBMIT).order_by("-id")
    if reason := submits.values_list("reason", flat=True).first():
        lines.append(_("Why again: %(reason)s") % {"reason": reason})
    return lines


def _matters(stage: ApprovalStage) -> bool:
    """A stage that this amount does not need is noise on a phone; the details name it."""
    return stage.state != ApprovalStage.State.SKIPPED
