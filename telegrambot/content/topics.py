"""How a topic is to look: its name, its icon, whether it is closed."""

from dataclasses import dataclass

from telegrambot.content.markup import shortened
from telegrambot.models import NAME_LENGTH
from treasury import standing
from treasury.models import PaymentRequest
from treasury.workflow import RUNNING, Status

# Of those that Telegram offers for topics, by what a treasury says with them.
# https://core.telegram.org/bots/api#getforumtopiciconstickers
ICONS = (
    "🗳", "✅", "✍️", "‼️", "📁", "📝", "💰", "💸", "🪙", "💱", "💎", "📈", "📉", "🏛", "💼", "🏠",
    "🚗", "✈️", "🛒", "💻", "📱", "🖨", "🧮", "📆", "📣", "🔎", "⚡️", "❗️", "❓", "💬", "🔥", "⭐️",
    "🤖",
)  # fmt: skip
_OF_STATUS = {
    Status.DRAFT: "📝",
    Status.IN_APPROVAL: "🗳",
    Status.APPROVED: "✅",
    Status.RETURNED: "✍️",
    Status.DECLINED: "‼️",
    Status.CANCELLED: "📁",
}
# While a ticket is open, somebody has something to put right.
TICKETS = frozenset({Status.RETURNED, Status.DECLINED})


@dataclass(frozen=True)
class Look:
    """`icon` is an emoji, or the number of a custom one; empty for none."""

    name: str
    icon: str = ""
    is_closed: bool = False
    is_hidden: bool = False


def of_request(request: PaymentRequest) -> Look:
    """Of the topic that a request has: it closes when the request ends."""
    return Look(name_of(request), _icon(request), is_closed=request.status not in RUNNING)


def of_ticket(request: PaymentRequest) -> Look:
    """Of the topic that a request has while something is to be put right."""
    return Look(name_of(request), _icon(request), is_closed=request.status not in TICKETS)


def of_hidden(name: str) -> Look:
    """The group is not to know any more what it is about."""
    return Look(name, "", is_closed=True)


def name_of(request: PaymentRequest) -> str:
    """«РОМ-2026-00022 · ООО Ромашка», as it was submitted."""
    payee = standing.as_submitted(request).counterparty
    return fitted(f"{request.number} · {payee}")


def fitted(name: str) -> str:
    return shortened(" ".join(name.split()), NAME_LENGTH)


def _icon(request: PaymentRequest) -> str:
    return _OF_STATUS[Status(request.status)]
