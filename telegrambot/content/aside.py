"""What a card says to its reader alone: what he has decided, in which role, what is new to him."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import F, Q
from django.utils.translation import gettext as _

from telegrambot.content.card import Aside
from telegrambot.content.markup import shortened
from telegrambot.content.words import moment
from telegrambot.models import Chat, SentMessage
from treasury import changes, explanation
from treasury.models import ApprovalTask, Decision, Employee, Event, PaymentRequest
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
    news = news_of_each([request], reader, chat).get(request.pk, "")
    return Aside(own, _note(request, task, reader), shortened(news, _CHANGES_LENGTH))


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


def news_of_each(
    requests: Collection[PaymentRequest], reader: Employee, chat: Chat
) -> dict[int, str]:
    """What is other than in the version that the reader knows, a line each, by the keys of those
    of which he knows an earlier one; in two queries. Of documents that came the card says who has
    not seen them: see `treasury.late`."""
    known = _known(requests, reader, chat)
    events: dict[int, list[Event]] = defaultdict(list)
    for event in Event.objects.filter(request__in=known).order_by("id") if known else ():
        if event.revision >= known[event.request_id]:
            events[event.request_id].append(event)
    # The first of them made that version; what came after it is new.
    changed = {key: changes.between(found[1:]) for key, found in events.items()}
    return {
        key: "\n".join(str(change) for change in found if not change.is_addition)
        for key, found in changed.items()
    }


def _known(requests: Collection[PaymentRequest], reader: Employee, chat: Chat) -> dict[int, int]:
    """By the keys of the requests: the last version on which he has decided, else the first that he
    was asked about."""
    changed = [request.pk for request in requests if request.revision > 1]
    if not changed:
        return {}
    his = Q(employee=reader) | Q(decision__decided_by=reader)
    # A deputy has had the card of somebody else's task.
    read = Q(pk__in=SentMessage.objects.filter(chat=chat).exclude(form="").values("task"))
    asked = ApprovalTask.objects.filter(his | read, request__in=changed)
    earlier = asked.filter(revision__lt=F("request__revision")).select_related("decision")
    tasks: dict[int, list[ApprovalTask]] = defaultdict(list)
    for task in earlier:
        tasks[task.request_id].append(task)
    return {key: _version(found, reader) for key, found in tasks.items()}


def _version(tasks: Iterable[ApprovalTask], reader: Employee) -> int:
    made = [task.decision for task in tasks if hasattr(task, "decision")]
    own = [decision.revision for decision in made if decision.decided_by_id == reader.pk]
    return max(own) if own else min(task.revision for task in tasks)
