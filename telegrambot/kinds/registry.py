"""All kinds, in the order in which what they make necessary must stand in a chat."""

from typing import Any

from telegrambot.kinds.announcement import Announcement
from telegrambot.kinds.answer import Answer
from telegrambot.kinds.base import Kind, Rendered
from telegrambot.kinds.details import Details
from telegrambot.kinds.documents import Documents
from telegrambot.kinds.notice import Notice
from telegrambot.kinds.outcome import Outcome
from telegrambot.kinds.task import Task
from telegrambot.models import SentMessage

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (Task(), Announcement(), Documents(), Outcome(), Details(), Notice(), Answer())
}


def of(message: SentMessage) -> Kind:
    return KINDS[message.kind]


def label(message: SentMessage) -> str:
    """What the message is for; of a kind that only another release knows, its name."""
    kind = KINDS.get(message.kind)
    return str(kind.label) if kind else message.kind


def forgotten(message: SentMessage) -> dict[str, Any]:
    """What the row loses once its message is sent, or given up; nothing of a kind that only
    another release knows."""
    kind = KINDS.get(message.kind)
    return kind.forgotten(message) if kind else {}


def render(message: SentMessage) -> Rendered:
    """What the message must show now."""
    return of(message).render(message)
