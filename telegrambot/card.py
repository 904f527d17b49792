"""A request in words: the card that everyone sees, and the details for whoever asks."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from telegrambot.markup import bold, italic, plain, shortened, visible_length
from treasury.models import ApprovalStage, ApprovalTask, Decision, Employee, PaymentRequest
from treasury.money import money
from treasury.names import accusative
from treasury.workflow import Action, Status

STATUS_MARKS = {
    Status.DRAFT: "📝",
    Status.IN_APPROVAL: "⏳",
    Status.APPROVED: "✅",
    Status.RETURNED: "↩️",
    Status.DECLINED: "❌",
    Status.CANCELLED: "🚫",
}
_STAGE_MARKS = {
    ApprovalStage.State.WAITING: "○",
    ApprovalStage.State.SKIPPED: "–",
    ApprovalStage.State.OPEN: "●",
    ApprovalStage.State.PASSED: "✓",
    ApprovalStage.State.STOPPED: "✗",
}
# More names than this make an open stage hard to read.
_NAMES_SHOWN = 3
_PEOPLE = ("employee", "decision__decided_by", "decision__on_behalf_of")
# What is shortened until the card fits, and to how many characters at the most.
_SHORTENED = (
    ("purpose", 60),
    ("comment", 0),
    ("contract", 30),
    ("reason", 120),
    ("organization", 40),
    ("department", 40),
    ("cash_flow_item", 40),
    ("payee", 60),
    ("progress", 0),
)


def with_progress(pk: int) -> PaymentRequest:
    """A request with all that its card shows, in three queries."""
    named = _named(pk).select_related(*_PEOPLE).only(
        "stage", "status", "decision__reason", "decision__channel", "decision__decided_at",
        *(f"{person}__{name}" for person in _PEOPLE for name in ("first_name", "last_name")),
    )  # fmt: skip
    chain = ApprovalStage.objects.valid().prefetch_related(Prefetch("tasks", queryset=named))
    stages = Prefetch("stages", queryset=chain)
    return PaymentRequest.objects.with_card().prefetch_related(stages).get(pk=pk)


def _named(request_pk: int) -> QuerySet[ApprovalTask]:
    """The tasks whose people a card names, and one more; a stage may have hundreds of others."""
    # Only one stage is open at a time.
    waiting = ApprovalTask.objects.filter(request=request_pk, status=ApprovalTask.Status.OPEN)
    first = waiting.order_by("id").values("pk")[: _NAMES_SHOWN + 1]
    return ApprovalTask.objects.filter(Q(status=ApprovalTask.Status.DECIDED) | Q(pk__in=first))


def moment(at: datetime) -> str:
    """«20.11 12:31»: a message stands in its chat for years, so a bare time would mislead."""
    return f"{timezone.localtime(at):%d.%m %H:%M}"


def moment_of_year(at: datetime) -> str:
    """«20.11.2026 12:31», for what is still to come."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"


def day(value: date) -> str:
    return f"{value:%d.%m.%Y}"


def title(request: PaymentRequest) -> str:
    """«⏳ Payment request ООО-2026-00001», and the revision when it is not the first."""
    name = _("Payment request %(number)s") % {"number": request.number}
    mark = STATUS_MARKS[Status(request.status)]
    if request.revision < 2:
        return f"{mark} {bold(name)}"
    revision = _("revision %(number)d") % {"number": request.revision}
    return f"{mark} {bold(name)} · {plain(revision)}"


@dataclass(frozen=True)
class Card:
    """The values of a card, not yet escaped, so that those too long can be shortened."""

    title: str
    status: str
    amount: str
    payee: str
    purpose: str
    organization: str
    department: str
    cash_flow_item: str
    invoice: str
    contract: str
    desired_date: str
    progress: str
    reason: str
    comment: str
    note: str = ""

    def text(self) -> str:
        """Telegram's HTML: the head, the fields, the progress, what people say."""
        head = [self.title, plain(self.status), italic(self.note) if self.note else ""]
        what = f"{bold(self.amount)} · {plain(self.payee)}"
        fields = [
            f"{plain(label)}: {plain(value)}"
            for label, value in (
                (_("Purpose"), self.purpose),
                (_("Organization"), self.organization),
                (_("Department"), self.department),
                (_("Cash-flow item"), self.cash_flow_item),
                (_("Invoice"), self.invoice),
                (_("Contract"), self.contract),
                (_("Desired date"), self.desired_date),
            )
            if value
        ]
        said = [
            f"{plain(label)}: {italic(value)}"
            for label, value in ((_("Reason"), self.reason), (_("Comment"), self.comment))
            if value
        ]
        blocks = [head, [what, *fields], [plain(self.progress)], said]
        return "\n\n".join("\n".join(filter(None, block)) for block in blocks if any(block))

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


def card_of(request: PaymentRequest, note: str = "") -> Card:
    """The card of a request from `with_progress`; `note` is for its reader alone."""
    return Card(
        title=title(request),
        status=str(request.get_status_display()),
        amount=money(request.amount, request.currency),
        payee=_("%(name)s (INN %(inn)s)")
        % {"name": request.counterparty.name, "inn": request.counterparty.inn},
        purpose=request.purpose,
        organization=request.organization.name,
        department=request.department.name,
        cash_flow_item=str(request.cash_flow_item),
        invoice=invoice(request),
        contract=request.contract,
        desired_date=day(request.desired_date),
        progress="\n".join(stage_line(stage) for stage in request.stages.all() if _matters(stage)),
        reason=refusal(request),
        comment=" ".join(request.comment.split()),
        note=note,
    )


def invoice(request: PaymentRequest) -> str:
    if not request.invoice_date:
        return request.invoice_number
    return _("%(number)s of %(date)s") % {
        "number": request.invoice_number,
        "date": day(request.invoice_date),
    }


def _matters(stage: ApprovalStage) -> bool:
    """A stage that this amount does not need is noise on a phone; the details name it."""
    return stage.state != ApprovalStage.State.SKIPPED


def stage_line(stage: ApprovalStage) -> str:
    """«✓ Budget holder — B. Orlov, 20.11 12:31»."""
    line = f"{_STAGE_MARKS[ApprovalStage.State(stage.state)]} {stage.name}"
    tasks = list(stage.tasks.all())
    decided = [decided_by(task.decision) for task in tasks if hasattr(task, "decision")]
    awaited = [task.employee for task in tasks if task.status == ApprovalTask.Status.OPEN]
    people = "; ".join(filter(None, [*decided, _awaited(awaited)]))
    return f"{line} — {people}" if people else line


def _awaited(people: list[Employee]) -> str:
    if not people:
        return ""
    names = ", ".join(person.get_short_name() for person in people[:_NAMES_SHOWN])
    if len(people) > _NAMES_SHOWN:
        names = _("%(names)s and others") % {"names": names}
    return pgettext("stage", "waits for %(names)s") % {"names": names}


def decided_by(decision: Decision) -> str:
    """«B. Orlov, 20.11 12:31», with the person he stood in for, or where it comes from."""
    who = decision.decided_by.get_short_name()
    if decision.on_behalf_of:
        principal = accusative(decision.on_behalf_of.get_short_name())
        who = _("%(deputy)s for %(principal)s") % {"deputy": who, "principal": principal}
    if decision.channel == Decision.Channel.POLICY:
        return f"{who} ({decision.get_channel_display().lower()})"
    return f"{who}, {moment(decision.decided_at)}"


def refusal(request: PaymentRequest) -> str:
    """Why the request was declined, returned or cancelled; empty when it was not."""
    if request.status == Status.CANCELLED:
        event = request.events.filter(action=Action.CANCEL).last()
        return event.reason if event else ""
    reasons = [
        task.decision.reason
        for stage in request.stages.all()
        for task in stage.tasks.all()
        if stage.state == ApprovalStage.State.STOPPED and hasattr(task, "decision")
    ]
    return next(filter(None, reasons), "")
