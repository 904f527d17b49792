"""A topic of a chat: its row keeps it as it must be, and goes before all that stands in it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.admin.models import CHANGE
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from oauth.models import UserToken
from telegrambot.content import topics
from telegrambot.content.markup import mention, plain
from telegrambot.kinds import answer
from telegrambot.kinds.base import NOTHING, Kind, Rendered
from telegrambot.kinds.hearing import heard_in, hears_of
from telegrambot.models import KEEPS_TOPIC, Chat, SentMessage, Topic, anew
from treasury.admin import history
from treasury.errors import Text
from treasury.models import PaymentRequest
from treasury.prepared import Prepared
from treasury.services import pages
from treasury.workflow import RUNNING

# The kind that has a topic where only what is to be put right has one; see `kinds.ticket`.
TICKET = "ticket"
# That of further documents, and that of what they belong to in a group.
_DOCUMENTS, _CARD = "documents", "announcement"
# Of those who set up chats, whatever they are there.
RIGHT = "telegrambot.change_chat"
Per, Form, State = Chat.TopicPer, SentMessage.Form, SentMessage.State
# Of what was deleted with its topic: these come again in a new one.
_UNDECIDED = Q(request__status__in=RUNNING)

_WITH_TOPICS = Prepared(
    lambda chats: Chat.objects.filter(pk__among=chats, topic_per__gt=""),
    list,
    columns=("id", "topic_per"),
)


class TopicKind(Kind):
    name = KEEPS_TOPIC
    label = pgettext_lazy("message", "Keeps a topic")

    def render(self, message: SentMessage) -> Rendered:
        topic = message.topic
        if topic is None or not (topic.thread_id or _is_needed(topic)):
            return NOTHING
        return Rendered(plain(topic.name), topic=_look(topic, message.chat))


class _Subject(NamedTuple):
    """What has a topic of its own; a request whose topic follows it."""

    key: str
    name: str
    request: PaymentRequest | None = None


def place(rows: Sequence[SentMessage]) -> None:
    """Have what is about requests stand in the topics that its chats have for such. The rows have
    their urgency, and are not inserted yet."""
    rows = [row for row in rows if not _follows_card(row)]
    if not rows:
        return
    chats = {chat.pk: chat for chat in _WITH_TOPICS(sorted({row.chat_id for row in rows}))}
    there = [row for row in rows if row.chat_id in chats and row.request_id and not row.topic_id]
    if not there:
        return
    requests = PaymentRequest.objects.select_related("organization", "department", "counterparty")
    named = requests.in_bulk({row.request_id for row in there})
    for row in there:
        subject = _subject(chats[row.chat_id].topic_per, named[row.request_id], row.kind)
        if subject:
            row.topic = _in(row.chat_id, subject, row.urgency)


@transaction.atomic
def decide(topic: Topic, wish: dict[str, Any], *, granted: bool) -> None:
    """Of the oldest wish: it becomes what is wanted, or whose it is is told that he may not."""
    mine = Topic.objects.select_for_update(no_key=True).get(pk=topic.pk)
    if mine.wishes[:1] != [wish]:
        # Another worker has decided.
        return
    mine.wishes = mine.wishes[1:]
    if granted:
        _note(mine, wish)
        mine.asked_by = wish["by"]
        for name, value in wish["fields"].items():
            setattr(mine, name, value)
            # Somebody may have made it so, or not so, unheard: it is asked for whatever is known.
            mine.told.pop(name, None)
    else:
        _tell(wish["by"], gettext_lazy("Only who has the right for that in the group can do it."))
        if not mine.is_wanted and not mine.wishes:
            mine.forget()
            return
    mine.save()


def _note(topic: Topic, wish: Mapping[str, Any]) -> None:
    """For the history of the chat's page."""
    employee = UserToken.objects.employee_of(wish["by"])
    parts = history.inside(topic, _deed(wish["fields"]), wish["fields"])
    if employee and parts:
        pages.note(topic.chat, CHANGE, parts, employee)


def _deed(fields: Mapping[str, Any]) -> str:
    match fields:
        case {"is_wanted": True}:
            return "added"
        case {"is_deleted": True}:
            return "deleted"
        case _:
            return "changed"


def tell_done(topic: Topic) -> None:
    """To whoever has asked for it, if anybody has."""
    if topic.asked_by:
        text = gettext_lazy("It is done, as you have asked: the topic “%(name)s”.")
        _tell(topic.asked_by, text, name=topic.name)


@transaction.atomic
def refused(topic: Topic, reason: str, *, once: str, for_good: bool) -> None:
    """Telegram has; whoever has asked for it is told. `once` is the field of what is wanted but
    once, and is not wanted any more."""
    if topic.asked_by:
        text = gettext_lazy(
            "Telegram has refused it: %(reason)s. Perhaps the bot must be made an administrator of "
            "the group who may manage topics."
        )
        _tell(topic.asked_by, text, reason=reason.removeprefix("Bad Request: "))
        if topic.thread_id is None and not topic.key:
            topic.forget()
            return
    ended = {once: False} if once else {}
    Topic.objects.filter(pk=topic.pk).update(asked_by=None, **ended)
    if for_good and not topic.chat.is_group:
        _end_in_private(topic.chat)


@transaction.atomic
def vanished(topic: Topic) -> bool:
    """It was deleted, with all that stood there. What is undecided stood there for a reason, and
    what is still to come there needs it: whether it comes again."""
    inside = SentMessage.objects.filter(topic=topic).exclude(kind=KEEPS_TOPIC)
    stood = inside.exclude(form=Form.NONE)
    nowhere = {"form": Form.NONE, "message_ids": [], "shown_hash": ""}
    # Some of it may have been missed before the topic was.
    lost = inside.exclude(Q(form=Form.NONE) & ~Q(state=State.GONE)).filter(_UNDECIDED)
    again = [*lost.values_list("pk", flat=True)]
    # In the order in which others lock them.
    list(inside.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    stood.exclude(pk__in=again).update(**nowhere, state=State.GONE)
    pending = {**anew(timezone.now()), **nowhere, "state": State.PENDING}
    SentMessage.objects.filter(pk__in=again).update(**pending)
    if not (topic.key and inside.behind().exists()):
        topic.forget()
        return False
    Topic.objects.filter(pk=topic.pk).update(thread_id=None, told={}, is_deleted=False)
    keeping = SentMessage.objects.filter(topic=topic, kind=KEEPS_TOPIC)
    keeping.update(**nowhere, state=State.PENDING)
    topic.keep()
    return True


@transaction.atomic
def made(topic: Topic, number: int) -> None:
    """Who has asked for it is called there, and told its number. Others may have met it, and spoken
    of it, before its number was known."""
    for met in Topic.objects.filter(chat=topic.chat_id, thread_id=number).exclude(pk=topic.pk):
        met.messages.exclude(kind=KEEPS_TOPIC).update(topic=topic)
        met.forget()
    Topic.objects.filter(pk=topic.pk).update(thread_id=number)
    if not topic.asked_by:
        return
    employee = UserToken.objects.employee_of(topic.asked_by)
    caller = mention(topic.asked_by, employee.get_short_name() if employee else "")
    with _language_of(topic.asked_by):
        here = _("this is the topic “%(name)s”, number %(number)d.")
        said = plain(here % {"name": topic.name, "number": number})
    answer.tell(topic.chat, f"{caller}, {said}", None, number)
    there = gettext_lazy("The topic “%(name)s” is there, number %(number)d.")
    _tell(topic.asked_by, there, name=topic.name, number=number)


def _end_in_private(chat: Chat) -> None:
    Chat.objects.filter(pk=chat.pk).update(topic_per=Per.NOTHING)
    text = gettext_lazy(
        "This bot has no topics in private chats. An administrator can ask @BotFather for them."
    )
    _tell(chat.telegram_id, text)


def _tell(telegram_id: int, text: Text, **facts: object) -> None:
    """In his private chat, and in his language."""
    private = Chat.objects.filter(telegram_id=telegram_id, kind=Chat.Kind.PRIVATE).first()
    if private:
        with _language_of(telegram_id):
            said = plain(str(text) % facts)
        answer.tell(private, said, None)


def _language_of(telegram_id: int) -> translation.override:
    employee = UserToken.objects.employee_of(telegram_id)
    return translation.override(employee.language if employee else settings.LANGUAGE_CODE)


def coming(topic: Topic) -> SentMessage | None:
    """The row by which its lane is still about to make it."""
    return SentMessage.objects.filter(topic=topic, kind=KEEPS_TOPIC).behind().first()


def _follows_card(row: SentMessage) -> bool:
    """Further documents stand where their card does, whatever the chat wants by now."""
    if row.kind != _DOCUMENTS:
        return False
    cards = SentMessage.objects.filter(chat=row.chat_id, request=row.request_id, kind=_CARD)
    card = cards.exclude(form=Form.NONE).first()
    if card:
        row.topic_id = card.topic_id
    return card is not None


def _in(chat_pk: int, subject: _Subject, urgency: int) -> Topic:
    topic, _is_new = Topic.objects.get_or_create(
        chat_id=chat_pk,
        key=subject.key,
        defaults={"name": topics.fitted(subject.name), "request": subject.request},
    )
    if topic.thread_id is None:
        topic.keep(urgency)
    return topic


def _subject(per: str, request: PaymentRequest, kind: str) -> _Subject | None:
    match per:
        case Per.REQUEST:
            return _Subject(f"request:{request.pk}", topics.name_of(request), request)
        case Per.ORGANIZATION:
            organization = request.organization
            return _Subject(f"organization:{organization.pk}", str(organization))
        case Per.DEPARTMENT:
            return _Subject(f"department:{request.department_id}", str(request.department))
        case Per.PAYEE:
            return _Subject(f"payee:{request.counterparty_id}", str(request.counterparty))
        case Per.TICKET if kind == TICKET:
            return _Subject(f"{TICKET}:{request.pk}", topics.name_of(request), request)
    return None


def _is_needed(topic: Topic) -> bool:
    """Whether somebody wants it who may, or something stands or will stand in it."""
    if not topic.key:
        return topic.is_wanted
    return topic.messages.exclude(kind=KEEPS_TOPIC).exists()


def _look(topic: Topic, chat: Chat) -> topics.Look:
    request = topic.request
    if request is None:
        if topic.key and _is_no_more_for(topic, chat):
            return topics.of_hidden(f"№ {topic.thread_id}")
        return topics.Look(topic.name, topic.icon, topic.is_closed, topic.is_hidden)
    if chat.is_group and not hears_of(chat, request):
        return topics.of_hidden(request.number)
    is_ticket = topic.key.startswith(TICKET)
    return topics.of_ticket(request) if is_ticket else topics.of_request(request)


def _is_no_more_for(topic: Topic, chat: Chat) -> bool:
    """Whether the group hears of none of what stands in it any more."""
    inside = PaymentRequest.objects.filter(messages__topic=topic)
    return chat.is_group and inside.exists() and not inside.filter(heard_in(chat)).exists()
