"""What a card says to its reader alone: what he has decided, in which role, what is new to him."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _

from telegrambot.content.card import Aside
from telegrambot.content.markup import shortened
from telegrambot.content.words import moment
from telegrambot.models import Chat, SentMessage
from treasury import changes, explanation
from treasury.models import ApprovalTask, Decision, Employee, PaymentRequest
from treasury.names import accusative
from treasury.workflow import Action

# Characters, for a reason may be a long one.
_NOTE_LENGTH = 300
_CHANGES_LENGTH = 700


def aside_for(
    request: PaymentRequest, task: ApprovalTask | None, reader: Employee, chat: Chat
) -> Aside:
    """`task` is what the reader has to decide now."""
    own = _decided(request, reader)
    if task is None:
        return Aside(own=own)
    note, known = _note(request, task, reader), _known(request, reader, chat)
    if known is None:
        return Aside(own, note)
    changed = _since(request, known)
    return Aside(own, note, _changed(changed))


def _decided(request: PaymentRequest, reader: Employee) -> str:
    """«You approved 24.11 17:36»: the newest decision of his own that counts."""
    made = [
        task.decision
        for stage in request.stages.all()
        for task in stage.tasks.all()
        if hasattr(task, "decision") and task.decision.decided_by_id == reader.pk
    ]
    pressed = [entry for entry in made if entry.channel != Decision.Channel.POLICY]
    if not pressed:
        return ""
    decision = max(pressed, key=lambda entry: entry.decided_at)
    words = {
        Action.APPROVE: _("You approved %(when)s"),
        Action.DECLINE: _("You declined %(when)s"),
        Action.RETURN: _("You returned it for rework %(when)s"),
    }
    said = words[Action(decision.action)] % {"when": moment(decision.decided_at)}
    if decision.on_behalf_of is None:
        return said
    principal = accusative(decision.on_behalf_of.get_short_name())
    return f"{said}, " + _("for %(principal)s") % {"principal": principal}


def _note(request: PaymentRequest, task: ApprovalTask, reader: Employee) -> str:
    """In whose place the reader decides, who has brought him into it."""
    lines = []
    if task.employee_id != reader.pk:
        principal = accusative(task.employee.get_short_name())
        lines.append(_("For %(principal)s") % {"principal": principal})
    if task.origin != ApprovalTask.Origin.ROUTE:
        lines.append(shortened(explanation.origin(task, request), _NOTE_LENGTH))
    return "\n".join(lines)


def _known(request: PaymentRequest, reader: Employee, chat: Chat) -> int | None:
    """The last version on which he has decided, else the first that he was asked about."""
    if request.revision == 1:
        return None
    his = Q(employee=reader) | Q(decision__decided_by=reader)
    # A deputy has had the card of somebody else's task.
    read = Q(pk__in=SentMessage.objects.filter(chat=chat).exclude(form="").values("task"))
    earlier = request.tasks.filter(his | read, revision__lt=request.revision)
    tasks = list(earlier.select_related("decision"))
    made = [task.decision for task in tasks if hasattr(task, "decision")]
    own = [decision for decision in made if decision.decided_by_id == reader.pk]
    if own:
        return max(decision.revision for decision in own)
    return min((task.revision for task in tasks), default=None)


def _since(request: PaymentRequest, known: int) -> list[changes.Change]:
    """What is other than in that version."""
    # The first of these made that version; what came after it is new.
    events = request.events.filter(revision__gte=known).order_by("id")[1:]
    return list(changes.between(events))


def _changed(changed: Iterable[changes.Change]) -> str:
    # Of documents that came the card says who has not seen them: see `treasury.late`.
    told = (str(change) for change in changed if not change.is_addition)
    return shortened("\n".join(told), _CHANGES_LENGTH)
