"""What one person alone is to see in a group: when it may be sent, and what comes of it otherwise.

https://core.telegram.org/bots/api#ephemeral-messages
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from telegrambot.delivery import abilities, client
from telegrambot.delivery.lane import Lane
from telegrambot.delivery.outgoing import Outgoing
from telegrambot.kinds import registry
from telegrambot.models import SentMessage

logger = logging.getLogger(__name__)

Form, State = SentMessage.Form, SentMessage.State

# Seconds after his press or command. Telegram says 15, of which the call needs some.
IN_TIME = 12.0
# So many a minute to one reader: a group has room for few messages, and others wait for theirs.
SHARE = 6
# The chat itself is closed by these; the others say something of the one person.
_OF_THE_CHAT = ("removed", "restricted", "not_found")


def may_be_sent(message: SentMessage) -> bool:
    """Whether the reader alone would see it: the server knows how, and he has just pressed, or sent
    a command, which he has not done without end."""
    now = timezone.now()
    if not message.chat.is_group or message.created_at <= now - timedelta(seconds=IN_TIME):
        return False
    his = message.chat.messages.filter(receiver_id=message.receiver_id)
    has_his_share = his.filter(sent_at__gt=now - timedelta(minutes=1)).count() >= SHARE
    return not has_his_share and abilities.can(abilities.EPHEMERAL)


def expire() -> None:
    """What he may never have seen, for its answer was lost, is of no use to him any more: he has
    asked again, or will not."""
    over = timezone.now() - timedelta(seconds=IN_TIME)
    lost = SentMessage.objects.filter(state=State.UNKNOWN, receiver_id__isnull=False)
    lost.filter(created_at__lt=over).update(state=State.GONE)


@transaction.atomic
def give_up(lane: Lane, message: SentMessage, reason: str = "") -> None:
    """It goes another way, if its kind knows one."""
    lane.save(message, state=State.GONE, error=reason)
    registry.of(message).unseen(message)


def refused(lane: Lane, message: SentMessage, error: client.TelegramError) -> None:
    if isinstance(error, client.Unreachable) and error.reason in _OF_THE_CHAT:
        lane.close(message.chat, error.reason, error.description)
    give_up(lane, message, error.description)


def sent(message: SentMessage, number: int) -> None:
    """Its number may have been another's, whose message has gone."""
    others = message.chat.messages.filter(receiver_id=message.receiver_id).exclude(pk=message.pk)
    others.filter(first_id=number, form=Form.EPHEMERAL).update(state=State.GONE)


def is_leak(out: Outgoing, result: object) -> bool:
    """Whether what one person was to see is seen by all: a server that does not know the parameter
    passes over it."""
    is_whisper = out.is_new and out.form == Form.EPHEMERAL
    return is_whisper and isinstance(result, dict) and bool(result.get("message_id"))


def note_leak(lane: Lane, message: SentMessage, message_id: int) -> None:
    """It stands there as a text, and is to be deleted at once."""
    abilities.note(abilities.EPHEMERAL, can_it=False)
    logger.critical("shown to all what was for one: message=%s", message.pk)
    lane.save(message, state=State.SENT, form=Form.TEXT, message_ids=[message_id], attempts=0)


def has_leaked(message: SentMessage) -> bool:
    return message.receiver_id is not None and message.form == Form.TEXT


def delete_leak(lane: Lane, message: SentMessage) -> None:
    """Raises `TelegramError`."""
    client.call("deleteMessage", message.place.address_of(message.message_id))
    lane.save(message, form=Form.NONE, message_ids=[])
    give_up(lane, message, "the server has shown it to everybody; it was deleted")
