"""From the journal to the chats: which messages must exist, and which must be shown anew."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.kinds import topic
from telegrambot.kinds.base import News
from telegrambot.kinds.hearing import heard_in
from telegrambot.kinds.registry import KINDS
from telegrambot.kinds.task import card
from telegrambot.models import KEEPS_TOPIC, Bookmark, Chat, SentMessage, anew
from telegrambot.projection import cursor
from treasury import audience, standing
from treasury.audience import Audience
from treasury.models import ApprovalTask, Employee, Event, PaymentRequest
from treasury.prepared import Prepared, PreparedUpdate
from treasury.workflow import Status

# The same number may stand on many invoices, such as «б/н», and many may wait for one payee.
TWINS = 10
# A company's own account stands under every request; so many of them are shown anew, and so many
# open ones are brought to a group that is to hear of them.
RESTING = 500
# Of entries or requests; nobody asks for more at a time.
_MOST = 500
_UNREAD = Prepared(
    lambda watermark: cursor.unread_above(watermark)[:_MOST], int, columns=("id", "request_id")
)
_DUE = Prepared(lambda now: Bookmark.objects.due(now)[:_MOST], datetime, columns=("request_id",))
_LOCKED = Prepared(
    lambda request: PaymentRequest.objects.select_for_update(no_key=True).filter(pk=request), int
)
_REFRESH = PreparedUpdate(
    lambda requests, _now: SentMessage.objects.filter(
        request__pk__among=requests
    ).locked_to_refresh(),
    list, datetime,
    change=lambda _requests, now: anew(now),
)  # fmt: skip
_GROUPS = Prepared(
    lambda organization, department: Chat.objects.hearing_of(organization, department), int, int
)
_TIES = Prepared(
    lambda people: UserToken.objects.valid().filter(
        kind=UserToken.Kind.TELEGRAM, employee__pk__among=people
    ),
    list,
    columns=("id", "employee_id", "token"),
)
_PRIVATE = Prepared(
    lambda ids: Chat.objects.filter(telegram_id__among=ids, kind=Chat.Kind.PRIVATE),
    list,
    columns=("id", "telegram_id"),
)
_GONE = Prepared(
    lambda request: SentMessage.objects.filter(request=request, state=SentMessage.State.GONE),
    int,
    related={"task": ()},
)


def pending(limit: int) -> list[int]:
    """The requests about which something new is in the journal, the oldest news first; then those
    that are to be tried again. Of either not more than so many entries or requests."""
    fresh = [event.request_id for event in _UNREAD(cursor.watermark())]
    again = [bookmark.request_id for bookmark in _DUE(timezone.now())]
    return list(dict.fromkeys([*fresh[:limit], *again[:limit]]))


def project(request_pk: int) -> None:
    """Consume the news about one request. Doing it twice changes nothing.

    The lock on the request keeps decisions and other workers away, so what is read here is one
    state, and what is missing in a chat is added once.
    """
    with transaction.atomic():
        request = _LOCKED(request_pk)[0]
        events = cursor.unread_of(request)
        if not events:
            return
        cursor.consume(events[-1])
        _REFRESH([request.pk, *_comparing(request)], timezone.now())
        heard_by = audience.of(request, events)
        if _has_moved(events):
            _leave_groups(request)
        _tell(request, heard_by, _groups(heard_by))
        if heard_by.asked or heard_by.ending:
            _send_anew(request)


def _has_moved(events: Iterable[Event]) -> bool:
    """To another organization or department."""
    changed = {name for event in events for name in event.data.get("changes", ())}
    return not changed.isdisjoint(("organization", "department"))


def _leave_groups(request: PaymentRequest) -> None:
    """Those that hear of it no more: what changes with the request closes by itself."""
    hearing = Chat.objects.hearing_of(request.organization_id, request.department_id)
    elsewhere = SentMessage.objects.filter(request=request).exclude(chat__in=hearing)
    elsewhere.exclude(chat__kind=Chat.Kind.PRIVATE).take_albums_back()


def _groups(heard_by: Audience) -> list[Chat]:
    if heard_by.organization is None:
        return []
    return _GROUPS(heard_by.organization, heard_by.department)


def _tell(request: PaymentRequest, heard_by: Audience, groups: Iterable[Chat]) -> None:
    documents = request.documents if heard_by.organization else request.documents.none()
    news = News(request, heard_by, private_chats(heard_by.people), list(groups), list(documents))
    for kind in KINDS.values():
        # One after the other: the next may ask what the chats have got.
        add(kind.wanted(news))


def _send_anew(request: PaymentRequest) -> None:
    """What its reader has thrown away, and needs again; what only another release knows stays."""
    gone = _GONE(request.pk)
    for kind in KINDS.values():
        its_own = (message for message in gone if message.kind == kind.name)
        keys = [message.pk for message in its_own if kind.comes_again(message)]
        if keys:
            SentMessage.objects.filter(pk__in=keys).update(
                state=SentMessage.State.PENDING, urgency=kind.urgency, behind_since=timezone.now()
            )


def _comparing(request: PaymentRequest) -> set[int]:
    """Undecided ones whose cards name this request and its status, for they have the same invoice;
    or say that nothing was ever approved to that payee, which this one is now."""
    undecided = PaymentRequest.objects.filter(status=Status.IN_APPROVAL).order_by("-id")
    twins = undecided.twins_of(request)
    found = {*twins.values_list("pk", flat=True)[:TWINS]}
    if request.status == Status.APPROVED:
        alike = undecided.filter(counterparty=request.counterparty_id)
        found.update(alike.values_list("pk", flat=True)[:TWINS])
    return found


def project_group(group: Chat) -> None:
    """The group hears of other organizations or departments than before: what it hears of no more
    closes, and what is open comes."""
    show_everything_anew(Chat.objects.filter(pk=group.pk))
    # These are shared by requests, and are about none.
    keepers = SentMessage.objects.filter(chat=group, kind=KEEPS_TOPIC, request=None)
    keepers.exclude(topic__key="").refresh()
    heard_of = heard_in(group)
    foreign = PaymentRequest.objects.exclude(heard_of)
    SentMessage.objects.filter(chat=group, request__in=foreign).take_albums_back()
    running = PaymentRequest.objects.filter(heard_of, status=Status.IN_APPROVAL)
    for request in reversed(running.order_by("-pk")[:RESTING]):
        last = request.events.latest("id")
        heard_by = Audience(
            last, organization=request.organization_id, department=request.department_id
        )
        _tell(request, heard_by, [group])
    transaction.on_commit(doorbell.ring)


def project_chat(chat: Chat, employee: Employee) -> None:
    """A person's chat has just opened: what waits for him comes there."""
    tasks = ApprovalTask.objects.open_for(employee)
    if add(card(chat.pk, task) for task in tasks):
        transaction.on_commit(doorbell.ring)


def ask_deputies() -> None:
    """A delegation has begun: what already waited for the one who is away comes to his deputy."""
    asked = audience.asked_by_deputies()
    chats = private_chats({person for _task, person in asked})
    if add(card(chats[person], task) for task, person in asked if person in chats):
        transaction.on_commit(doorbell.ring)


def show_undecided_anew_to(people: QuerySet[Employee]) -> None:
    """These have got rights or lost them. Who cannot be spoken to sees it when he can."""
    telegram_ids = UserToken.objects.telegram_ids(people).values()
    chats = Chat.objects.filter(telegram_id__in=telegram_ids)
    undecided = SentMessage.objects.filter(request__status=Status.IN_APPROVAL)
    if undecided.refresh_read_in(chats):
        transaction.on_commit(doorbell.ring)


def show_everything_anew(chats: QuerySet[Chat]) -> None:
    """Whoever reads there has come or gone: what is settled is his to see no more, or again."""
    if SentMessage.objects.filter(request__isnull=False).refresh_read_in(chats):
        transaction.on_commit(doorbell.ring)


def show_anew_what_rests_on(row: Model) -> None:
    """A row of a directory is another, or has gone out of use: the newest cards that name it say
    so. Who looks for an older request is shown it as it stands."""
    show_anew(standing.resting_on(row).order_by("-pk")[:RESTING])


def show_anew(requests: QuerySet[PaymentRequest]) -> None:
    """Their cards would say something else by now."""
    messages = SentMessage.objects.filter(request__in=list(requests.values_list("pk", flat=True)))
    if messages.refresh():
        transaction.on_commit(doorbell.ring)


def private_chats(people: Collection[int]) -> dict[int, int]:
    """Employee pk → chat pk, for those with a Telegram account; whether or not the chat can be
    spoken to now: if not, what comes there waits."""
    if not people:
        return {}
    ties = _TIES(list(people))
    chats = _PRIVATE([int(tie.token) for tie in ties])
    chat_of = {str(chat.telegram_id): chat.pk for chat in chats}
    return {
        tie.employee_id: chat_of[tie.token]
        for tie in ties
        if tie.employee_id and tie.token in chat_of
    }


def add(messages: Iterable[SentMessage]) -> int:
    """Insert those that do not exist yet; how many were wanted."""
    rows = list(messages)
    if not rows:
        return 0
    for message in rows:
        message.urgency = KINDS[message.kind].urgency
    with transaction.atomic():
        topic.place(rows)
        return len(SentMessage.objects.bulk_create(rows, ignore_conflicts=True))
