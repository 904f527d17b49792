"""From the journal to the chats: which messages must exist, and which must be shown anew."""

from collections.abc import Collection, Iterable

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.content import albums
from telegrambot.models import Chat, SentMessage
from treasury import standing
from treasury.models import (
    ApprovalTask,
    Attachment,
    Delegation,
    Employee,
    Event,
    PaymentRequest,
)
from treasury.workflow import Action, Status

Purpose = SentMessage.Purpose

# The same number may stand on many invoices, such as «б/н».
TWINS = 10
# A company's own account stands under every request; so many of them are shown anew.
RESTING = 500


def pending(limit: int) -> list[int]:
    """The requests about which something new is in the journal, the oldest news first."""
    events = Event.objects.unprojected()[:limit]
    return list(dict.fromkeys(events.values_list("request", flat=True)))


def project(request_pk: int) -> None:
    """Consume the news about one request. Doing it twice changes nothing."""
    # One after the other: who locked both at once could meet another who does in a deadlock.
    if request := _consume(request_pk):
        _show_twins_anew(request)


def _consume(request_pk: int) -> PaymentRequest | None:
    """None when there was nothing new.

    The lock on the request keeps decisions and other workers away, so what is read here is one
    state, and what is missing in a chat is added once.
    """
    with transaction.atomic():
        request = PaymentRequest.objects.select_for_update(no_key=True).get(pk=request_pk)
        events = list(request.events.unprojected())
        if not events:
            return None
        claimed = Event.objects.filter(pk__in=[event.pk for event in events])
        claimed.update(projected_at=timezone.now())
        request.messages.all().refresh()
        if request.status == Status.IN_APPROVAL:
            _add(_asked(request))
        if _concerns_groups(request, {event.action for event in events}):
            _inform_groups(request, events[-1])
        _tell_outcome(request, events)
    return request


def _show_twins_anew(request: PaymentRequest) -> None:
    """The cards of undecided requests with the same invoice name this one and its status."""
    twins = PaymentRequest.objects.twins_of(request).filter(status=Status.IN_APPROVAL)
    SentMessage.objects.filter(request__in=twins.order_by("-id").values("pk")[:TWINS]).refresh()


def project_chat(chat: Chat, employee: Employee) -> None:
    """A person's chat has just opened: what waits for him comes there."""
    tasks = ApprovalTask.objects.open_for(employee)
    if _add(_card(chat.pk, task) for task in tasks):
        transaction.on_commit(doorbell.ring)


def ask_deputies() -> None:
    """A delegation has begun: what already waited for the one who is away comes to his deputy."""
    away = Delegation.objects.running().values("principal")
    tasks = ApprovalTask.objects.filter(
        status=ApprovalTask.Status.OPEN, employee__in=away, employee__is_active=True
    )
    if _add(_cards(_deputies(tasks.select_related("request", "stage")))):
        transaction.on_commit(doorbell.ring)


def show_undecided_anew_to(people: QuerySet[Employee]) -> None:
    """These have got rights or lost them. Who cannot be spoken to sees it when he can."""
    telegram_ids = UserToken.objects.telegram_ids(people).values()
    chats = Chat.objects.filter(telegram_id__in=telegram_ids)
    undecided = SentMessage.objects.filter(request__status=Status.IN_APPROVAL)
    if undecided.filter(chat__in=chats).refresh():
        transaction.on_commit(doorbell.ring)


def show_everything_anew(chats: QuerySet[Chat]) -> None:
    """Whoever reads there has come or gone: what is settled is his to see no more, or again."""
    about_requests = SentMessage.objects.filter(chat__in=chats, request__isnull=False)
    if about_requests.refresh():
        transaction.on_commit(doorbell.ring)


def show_anew_what_rests_on(row: Model) -> None:
    """A row of a directory is another, or has gone out of use: the newest cards that name it say
    so. Who looks for an older request is shown it as it stands."""
    newest = standing.resting_on(row).order_by("-pk")[:RESTING]
    messages = SentMessage.objects.filter(request__in=list(newest.values_list("pk", flat=True)))
    if messages.refresh():
        transaction.on_commit(doorbell.ring)


def document_messages(
    chat_pk: int, event: Event, documents: Iterable[Attachment]
) -> Iterable[SentMessage]:
    """The messages that carry these documents, as many as an album takes in each."""
    for album in albums.cut(documents):
        yield SentMessage(
            chat_id=chat_pk,
            request_id=event.request_id,
            purpose=Purpose.DOCUMENTS,
            event=event,
            documents=[document.pk for document in album],
        )


def _asked(request: PaymentRequest) -> Iterable[SentMessage]:
    """The card for everyone who may decide at the open stage, and for nobody else."""
    open_tasks = request.tasks.filter(status=ApprovalTask.Status.OPEN)
    tasks = list(open_tasks.select_related("request", "stage"))
    return _cards([*((task, task.employee_id) for task in tasks), *_deputies(tasks)])


def _deputies(tasks: Collection[ApprovalTask]) -> Iterable[tuple[ApprovalTask, int]]:
    """Who stands in on these tasks now; never those who ask for the money."""
    principals = {task.employee_id for task in tasks}
    found = Delegation.objects.running().filter(principal__in=principals)
    running = list(found.select_related("principal"))
    for task in tasks:
        for delegation in running:
            is_his = delegation.principal_id == task.employee_id
            if is_his and delegation.reaches(task.request, task.stage):
                yield task, delegation.deputy_id


def _cards(readers: Iterable[tuple[ApprovalTask, int]]) -> Iterable[SentMessage]:
    """A card for each (task, employee pk) who can be spoken to."""
    pairs = list(readers)
    chats = private_chats({person for _task, person in pairs})
    for task, person in pairs:
        if person in chats:
            yield _card(chats[person], task)


def _concerns_groups(request: PaymentRequest, actions: Collection[str]) -> bool:
    """A group hears of what was submitted, and of changes while it is not being reworked."""
    if Action.SUBMIT in actions:
        return request.status != Status.DRAFT
    return Action.CHANGE in actions and request.status in (Status.IN_APPROVAL, Status.APPROVED)


def _inform_groups(request: PaymentRequest, event: Event) -> None:
    """The card with the first document under it, and whatever documents a group has not got."""
    groups = Chat.objects.filter(organization=request.organization_id, state=Chat.State.ACTIVE)
    documents = list(request.documents)
    for group in groups.exclude(kind=Chat.Kind.PRIVATE):
        _add(_for_group(group, event, documents))


def _for_group(group: Chat, event: Event, documents: list[Attachment]) -> Iterable[SentMessage]:
    sent = list(group.messages.filter(request=event.request_id))
    known = {document for message in sent for document in message.documents}
    missing = [document for document in documents if document.pk not in known]
    if not any(message.purpose == Purpose.ANNOUNCEMENT for message in sent):
        first, missing = missing[:1], missing[1:]
        yield SentMessage(
            chat=group,
            request_id=event.request_id,
            purpose=Purpose.ANNOUNCEMENT,
            event=event,
            documents=[document.pk for document in first],
        )
    yield from document_messages(group.pk, event, missing)


def _tell_outcome(request: PaymentRequest, events: Iterable[Event]) -> None:
    """Who asked for the money, and who typed, hear how it ended; of two endings the last."""
    outcomes = [event for event in events if _is_outcome(event)]
    if not outcomes:
        return
    chats = private_chats(request.asking)
    _add(
        SentMessage(chat_id=chat, request=request, purpose=Purpose.OUTCOME, event=outcomes[-1])
        for chat in chats.values()
    )


def _is_outcome(event: Event) -> bool:
    if event.action in (Action.DECLINE, Action.RETURN):
        return True
    # A draft that nobody had been asked about ends in silence.
    if event.action == Action.CANCEL:
        return event.revision > 0
    # Earlier approvals may fulfil every stage, so that it ends with a submit or a change; or the
    # only one who had not approved has lost his role.
    ends = event.action in (Action.APPROVE, Action.SUBMIT, Action.REASK)
    ends = ends or event.data.get("material", False)
    return bool(ends and event.status == Status.APPROVED)


def private_chats(people: Collection[int]) -> dict[int, int]:
    """Employee pk → chat pk, for those who can be spoken to."""
    linked = UserToken.objects.telegram_ids(Employee.objects.filter(pk__in=people))
    chats = Chat.objects.filter(
        telegram_id__in=linked.values(), kind=Chat.Kind.PRIVATE, state=Chat.State.ACTIVE
    )
    chat_of = dict(chats.values_list("telegram_id", "pk"))
    return {person: chat_of[key] for person, key in linked.items() if key in chat_of}


def _card(chat_pk: int, task: ApprovalTask) -> SentMessage:
    return SentMessage(chat_id=chat_pk, request_id=task.request_id, purpose=Purpose.TASK, task=task)


def _add(messages: Iterable[SentMessage]) -> int:
    """Insert those that do not exist yet; how many were wanted."""
    return len(SentMessage.objects.bulk_create(messages, ignore_conflicts=True))
