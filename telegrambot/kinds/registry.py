"""All kinds, in the order in which what they make necessary must stand in a chat."""

from telegrambot.kinds.alert import AlertKind
from telegrambot.kinds.announcement import Announcement
from telegrambot.kinds.answer import Answer
from telegrambot.kinds.base import NOTHING, Kind, Rendered
from telegrambot.kinds.comment import CommentKind
from telegrambot.kinds.details import Details
from telegrambot.kinds.digest import Digest
from telegrambot.kinds.documents import Documents
from telegrambot.kinds.escalation import Escalation
from telegrambot.kinds.menu import Menu
from telegrambot.kinds.notice import Notice
from telegrambot.kinds.outcome import Outcome
from telegrambot.kinds.passed_on import PassedOn
from telegrambot.kinds.printed import Printed
from telegrambot.kinds.privately import Privately
from telegrambot.kinds.reminder import ReminderKind
from telegrambot.kinds.task import Task
from telegrambot.kinds.ticket import Ticket
from telegrambot.kinds.topic import TopicKind
from telegrambot.kinds.weekly import Weekly
from telegrambot.models import SentMessage

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Task(), Announcement(), Documents(), Outcome(), CommentKind(), Details(), Printed(),
        Privately(), Notice(), Answer(), AlertKind(), Ticket(), TopicKind(), PassedOn(), Menu(),
        ReminderKind(), Escalation(), Digest(), Weekly(),
    )
}  # fmt: skip


class _OfAnotherRelease(Kind):
    def render(self, message: SentMessage) -> Rendered:
        raise LookupError(f"this release knows no messages of the kind {message.kind!r}")


_OF_ANOTHER_RELEASE = _OfAnotherRelease()


def of(message: SentMessage) -> Kind:
    """Its kind; of one that only another release knows, one that cannot be rendered."""
    return KINDS.get(message.kind, _OF_ANOTHER_RELEASE)


def label(message: SentMessage) -> str:
    """What the message is for; of a kind that only another release knows, its name."""
    kind = KINDS.get(message.kind)
    return str(kind.label) if kind else message.kind


def render(message: SentMessage) -> Rendered:
    """What the message must show now. Of what its reader does not want nothing is sent."""
    kind = of(message)
    if not message.form and message.kind in message.chat.muted and not kind.is_owed(message):
        return NOTHING
    return kind.render(message)
