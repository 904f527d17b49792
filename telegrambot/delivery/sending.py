"""One chat's lane: send, edit, pace, recover.

A chat's messages are worked off by one worker at a time. A message is rendered at the moment of
sending; the attempt is saved before the call and its outcome after it, with no transaction open in
between. Whatever breaks, the row says what is to be done next.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone
from structlog.contextvars import bound_contextvars

from telegrambot.delivery import (
    abilities,
    client,
    limiter,
    media,
    outgoing,
    quiet,
    results,
    taking_back,
    topics,
    uploading,
    whispers,
    wishes,
)
from telegrambot.delivery.lane import Lane, after
from telegrambot.delivery.outgoing import Form, Outgoing
from telegrambot.kinds import registry
from telegrambot.kinds.base import Rendered
from telegrambot.models import SentMessage
from telegrambot.outage import UNAVAILABLE
from telegrambot.redaction import redacted
from treasury.prepared import Prepared

logger = logging.getLogger(__name__)

State = SentMessage.State

_DUE = Prepared(
    lambda now, chat: SentMessage.objects.due(now).filter(chat=chat)[:1],
    datetime, int,
    related={
        "chat": (), "task": (), "task__stage": (), "task__employee": (), "topic": (),
    },
)  # fmt: skip

# All in seconds. A worker sleeps through a wait this long; for a longer one it leaves the chat.
NAP = 0.7
# For so long single messages of a chat go before an album that waits for its turn.
POLITE = 60.0
# After a defect of ours.
CRASHED = 60.0


def work_for(lane: Lane) -> float:
    """Bring the message of the chat that comes first to its newest state, and leave the lane.

    Gives the seconds that the chat must be left alone then, 0 for none.
    """
    try:
        return _show_next(lane)
    except UNAVAILABLE:
        lane.pause(results.BACKOFF)
        raise
    except Exception:
        # The outer edge of a chat: its trouble must not stop the others.
        logger.exception("a defect: chat=%s", lane.chat_pk)
        lane.pause(CRASHED)
        return CRASHED
    finally:
        lane.release()


def _show_next(lane: Lane) -> float:
    """Show the first message that is due; the seconds that the chat must be left alone then."""
    message = _next(lane.chat_pk)
    if message is None:
        return 0
    about = {"payment_request": message.request_id} if message.request_id else {}
    with bound_contextvars(chat=lane.chat_pk, sent_message=message.pk, **about):
        return _show(lane, message)


def _next(chat_pk: int) -> SentMessage | None:
    return _DUE.first(timezone.now(), chat_pk)


def _show(lane: Lane, message: SentMessage) -> float:
    """Take one message a step further; the seconds that the whole chat must wait after it."""
    if message.state == State.SENDING:
        results.recover_interrupted(lane, message)
        return 0
    if whispers.has_leaked(message):
        return _delete_leak(lane, message)
    if wishes.has_wishes(message):
        return _hear(lane, message)
    if until := quiet.held_until(message):
        # Nobody is late with what is to wait.
        results.put_back(lane, message, not_before=until, behind_since=until)
        return 0
    if topics.is_missing(message):
        topics.wait_for(lane, message)
        return 0
    rendered = _render(lane, message)
    if rendered is None:
        return 0
    # What is rich already stays so while nobody can be asked.
    stands_rich = message.form == Form.RICH
    if rendered.blocks and not abilities.can(abilities.RICH, unless_told=stands_rich):
        rendered = replace(rendered, blocks=())
    if _needs_no_call(message, rendered):
        lane.save(message, shown=message.wanted, **results.at_rest(message))
        return 0
    if message.receiver_id and not message.form and not whispers.may_be_sent(message):
        whispers.give_up(lane, message)
        return 0
    cost = 1 if message.form else max(1, len(rendered.documents))
    chat = message.chat
    # The turn is booked: of many workers, each would else render anew for every turn of another.
    wait = limiter.wait(chat.telegram_id, group=chat.is_group, cost=cost, patience=NAP)
    return _put_off(lane, message, wait, cost) if wait else _transmit(lane, message, rendered)


def _put_off(lane: Lane, message: SentMessage, wait: float, cost: int) -> float:
    """The pace does not let it go yet; the seconds that the whole chat must wait.

    An album needs a long rest before it, in which single messages may still go: they go first, but
    not for ever.
    """
    if cost > 1 and timezone.now() < message.behind_since + timedelta(seconds=POLITE):
        results.put_back(lane, message, not_before=after(wait))
        return 0
    lane.pause(wait, asked=True)
    return wait


def _hear(lane: Lane, message: SentMessage) -> float:
    message.attempts += 1
    try:
        wishes.hear(message)
    except client.TelegramError as error:
        return results.recover_question(lane, message, error)
    return 0


def _render(lane: Lane, message: SentMessage) -> Rendered | None:
    """The outer edge of one message: a defect in it must not stop the chat's others."""
    try:
        return registry.render(message)
    except UNAVAILABLE:
        raise
    except Exception as exc:
        logger.exception("cannot render: message=%s", message.pk)
        results.fail(lane, message, f"{type(exc).__name__}: {redacted(exc)}")
        return None


def _needs_no_call(message: SentMessage, rendered: Rendered) -> bool:
    """It looks so already, or cannot be edited, or is empty."""
    if taking_back.is_due(message, rendered):
        return False
    if message.topic and rendered.topic:
        return topics.step(message.topic, rendered.topic) is None
    return (
        message.shown_hash == outgoing.fingerprint(rendered)
        or message.form == Form.ALBUM
        or not (rendered.text or rendered.documents)
    )


def _transmit(lane: Lane, message: SentMessage, rendered: Rendered) -> float:
    message.attempts += 1
    try:
        out = _prepare(message, rendered)
    except client.TelegramError as error:
        return results.recover_question(lane, message, error)
    except OSError as exc:
        results.retry_later(lane, message, f"{type(exc).__name__}: {redacted(exc)}")
        return 0
    if out.upload_bytes and not lane.hold(out.upload_bytes):
        return 0
    uploading.show(message.place, out)
    if not _claim(message, rendered):
        return 0
    try:
        result = client.call(out.method, out.params, out.files, plain=out.plain_params)
    except client.TelegramError as error:
        return results.recover(lane, message, out, error)
    if whispers.is_leak(out, result):
        whispers.note_leak(lane, message, result["message_id"])
        return 0
    results.succeed(lane, message, out, result)
    media.remember(out.media, result)
    return 0


def _delete_leak(lane: Lane, message: SentMessage) -> float:
    message.attempts += 1
    try:
        whispers.delete_leak(lane, message)
    except client.RetryAfter as error:
        lane.pause(error.seconds, asked=True)
        return error.seconds
    except (client.NotSent, client.DeliveryUnknown, client.ServerError) as error:
        results.retry_later(lane, message, error.description)
    except client.TelegramError as error:
        results.fail(lane, message, f"everybody sees it, delete it by hand: {error.description}")
    return 0


def _prepare(message: SentMessage, rendered: Rendered) -> Outgoing:
    """Raises OSError when the storage cannot give a document of a message that is to be sent."""
    if taking_back.is_due(message, rendered):
        return taking_back.prepare(message, rendered)
    try:
        return outgoing.prepare(message, rendered)
    except OSError:
        if not message.form:
            raise
        # What it says is worth more than what it carries.
        return outgoing.prepare(message, replace(rendered, documents=()))


def _claim(message: SentMessage, rendered: Rendered) -> bool:
    """Save the attempt. What the message shows is not known until its outcome is saved.

    False: it was to show something else before its turn had come, and is looked at anew.
    """
    as_loaded = SentMessage.objects.filter(
        pk=message.pk, state=message.state, wanted=message.wanted
    )
    attempt = {"state": State.SENDING, "attempts": message.attempts, "shown_hash": ""}
    return as_loaded.update(**attempt, **rendered.keeps) == 1
