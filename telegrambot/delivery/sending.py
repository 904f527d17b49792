"""One chat's lane: send, edit, pace, recover.

A chat's messages are worked off by one worker at a time. A message is rendered at the moment of
sending; the attempt is saved before the call and its outcome after it, with no transaction open in
between. Whatever breaks, the row says what is to be done next.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, PositiveSmallIntegerField, Value, When
from django.utils import timezone

from telegrambot.delivery import (
    abilities,
    chats,
    client,
    limiter,
    media,
    outgoing,
    uploading,
    whispers,
)  # fmt: skip
from telegrambot.delivery.lane import Lane, after
from telegrambot.delivery.outgoing import Form, Outgoing
from telegrambot.kinds import registry
from telegrambot.kinds.base import Rendered
from telegrambot.kinds.files import PRINTED_FORM
from telegrambot.models import SentMessage, Urgency
from telegrambot.outage import UNAVAILABLE
from telegrambot.redaction import redacted
from treasury.prepared import Prepared

logger = logging.getLogger(__name__)

State = SentMessage.State
# Of a message that stands in the chat no more.
_NOT_THERE: dict[str, Any] = {"form": Form.NONE, "message_ids": [], "shown_hash": ""}

_DUE = Prepared(
    lambda now, chat: SentMessage.objects.due(now).filter(chat=chat)[:1],
    datetime, int,
    related={"chat": (), "task": (), "task__stage": (), "task__employee": ()},
)  # fmt: skip

# All in seconds. A worker sleeps through a wait this long; for a longer one it leaves the chat.
NAP = 0.7
# The wait before another try doubles, up to the longest; so many tries and the message has failed.
BACKOFF = 2.0
BACKOFF_LONGEST = 300.0
ATTEMPTS = 12
# For so long single messages of a chat go before an album that waits for its turn.
POLITE = 60.0
# After a defect of ours.
CRASHED = 60.0
# Until a new message whose answer was lost is sent once more.
LOST_PAUSE = 30.0


def work_for(lane: Lane) -> float:
    """Bring the message of the chat that comes first to its newest state, and leave the lane.

    Gives the seconds that the chat must be left alone then, 0 for none.
    """
    try:
        return _show_next(lane)
    except UNAVAILABLE:
        lane.pause(BACKOFF)
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
    return _show(lane, message) if message else 0


def _next(chat_pk: int) -> SentMessage | None:
    return _DUE.first(timezone.now(), chat_pk)


def _show(lane: Lane, message: SentMessage) -> float:
    """Take one message a step further; the seconds that the whole chat must wait after it."""
    if message.state == State.SENDING:
        _recover_interrupted(lane, message)
        return 0
    if whispers.has_leaked(message):
        return _delete_leak(lane, message)
    rendered = _render(lane, message)
    if rendered is None:
        return 0
    # What is rich already stays so while nobody can be asked.
    stands_rich = message.form == Form.RICH
    if rendered.blocks and not abilities.can(abilities.RICH, unless_told=stands_rich):
        rendered = replace(rendered, blocks=())
    if _needs_no_call(message, rendered):
        lane.save(message, shown=message.wanted, **_at_rest(message))
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
        _put_back(lane, message, not_before=after(wait))
        return 0
    lane.pause(wait, asked=True)
    return wait


def _render(lane: Lane, message: SentMessage) -> Rendered | None:
    """The outer edge of one message: a defect in it must not stop the chat's others."""
    try:
        return registry.render(message)
    except UNAVAILABLE:
        raise
    except Exception as exc:
        logger.exception("cannot render: message=%s", message.pk)
        _fail(lane, message, f"{type(exc).__name__}: {redacted(exc)}")
        return None


def _needs_no_call(message: SentMessage, rendered: Rendered) -> bool:
    """It looks so already, or cannot be edited, or is empty."""
    return (
        message.shown_hash == outgoing.fingerprint(rendered)
        or message.form == Form.ALBUM
        or not (rendered.text or rendered.documents)
    )


def _transmit(lane: Lane, message: SentMessage, rendered: Rendered) -> float:
    message.attempts += 1
    try:
        out = _prepare(message, rendered)
    except OSError as exc:
        _retry_later(lane, message, f"{type(exc).__name__}: {redacted(exc)}")
        return 0
    if out.upload_bytes and not lane.hold(out.upload_bytes):
        return 0
    uploading.show(message.place, out)
    if not _claim(message):
        return 0
    try:
        result = client.call(out.method, out.params, out.files, plain=out.plain_params)
    except client.TelegramError as error:
        return _recover(lane, message, out, error)
    if whispers.is_leak(out, result):
        whispers.note_leak(lane, message, result["message_id"])
        return 0
    _succeed(lane, message, out, result)
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
        _retry_later(lane, message, error.description)
    except client.TelegramError as error:
        _fail(lane, message, f"everybody sees it, delete it by hand: {error.description}")
    return 0


def _prepare(message: SentMessage, rendered: Rendered) -> Outgoing:
    """Raises OSError when the storage cannot give a document of a message that is to be sent."""
    try:
        return outgoing.prepare(message, rendered)
    except OSError:
        if not message.form:
            raise
        # What it says is worth more than what it carries.
        return outgoing.prepare(message, replace(rendered, documents=()))


def _claim(message: SentMessage) -> bool:
    """Save the attempt. What the message shows is not known until its outcome is saved.

    False: it was to show something else before its turn had come, and is looked at anew.
    """
    as_loaded = SentMessage.objects.filter(
        pk=message.pk, state=message.state, wanted=message.wanted
    )
    return as_loaded.update(state=State.SENDING, attempts=message.attempts, shown_hash="") == 1


def _succeed(lane: Lane, message: SentMessage, out: Outgoing, result: Any) -> None:
    if out.is_new:
        made: dict[str, Any] = {"message_ids": outgoing.message_ids(result)}
        times = {"sent_at": timezone.now()}
    else:
        made, times = {}, {"edited_at": timezone.now()}
    if message.form == Form.RICH and out.form == Form.TEXT:
        # What it carried has gone with it, and comes like a document that the chat has not got; but
        # nothing else brings the printed form.
        made["documents"] = [key for key in message.documents if key == PRINTED_FORM]
    lane.save(
        message,
        state=State.SENT,
        form=out.form,
        shown=message.wanted,
        shown_hash=out.fingerprint,
        error="",
        attempts=0,
        lost=0,
        not_before=None,
        **_at_rest(message),
        **made,
        **times,
    )
    lane.delivered_at = timezone.now()
    if message.receiver_id:
        whispers.sent(message)


def _at_rest(message: SentMessage) -> dict[str, Any]:
    """Nothing is urgent any more, unless something has come meanwhile; then it has come by now."""
    none = Value(Urgency.CHANGE, PositiveSmallIntegerField())
    urgency = _unless_changed(message, "urgency", none)
    return {"urgency": urgency, "behind_since": timezone.now(), **_forgotten(message)}


def _forgotten(message: SentMessage) -> dict[str, Any]:
    """What was sent, or will not be; what has come meanwhile is not."""
    fields = registry.of(message).forgotten(message)
    return {name: _unless_changed(message, name, Value(none)) for name, none in fields.items()}


def _unless_changed(message: SentMessage, name: str, value: Value) -> Case:
    """What the field becomes, unless the message was to show something else meanwhile."""
    return Case(When(wanted=message.wanted, then=value), default=F(name))


def _recover(lane: Lane, message: SentMessage, out: Outgoing, error: client.TelegramError) -> float:
    """Do what the error asks for; the seconds that the whole chat must wait."""
    match error:
        case client.RetryAfter():
            limiter.refused(message.chat.telegram_id, error.seconds)
            _put_back(lane, message, attempts=message.attempts - 1)
            lane.pause(error.seconds, asked=True)
            return error.seconds
        case client.NotSent():
            return _wait_for_network(lane, message, error.description)
        case client.NotModified():
            _succeed(lane, message, out, None)
        case client.ChatMigrated():
            _retry_later(lane, message, error.description, 0)
            chats.migrate(message.chat, error.new_chat_id)
        case client.DeliveryUnknown() if out.is_new:
            _send_again(lane, message, error.description)
        case client.DeliveryUnknown() | client.ServerError():
            _retry_later(lane, message, error.description)
        case _ if message.receiver_id and out.is_new:
            whispers.refused(lane, message, error)
        case client.Unreachable():
            _put_back(lane, message, error=error.description)
            lane.close(message.chat, error.reason, error.description)
        case client.MessageGone() if not registry.of(message).comes_again(message):
            lane.save(message, **_NOT_THERE, state=State.GONE, error=error.description)
        case client.CantEdit() if message.receiver_id:
            lane.save(message, state=State.GONE, error=error.description)
        case client.CantEdit() if out.form == Form.RICH and message.form == Form.TEXT:
            # It may not become rich; as a text it can still be edited.
            _put_back(lane, message, rich_refused=True)
        case client.MessageGone() | client.CantEdit() if out.is_new:
            # Nothing stands there that could be gone.
            _retry_later(lane, message, error.description)
        case client.MessageGone() | client.CantEdit():
            _put_back(lane, message, **_NOT_THERE, state=State.PENDING)
        case client.KindRefused() if not message.as_documents:
            _put_back(lane, message, as_documents=True, error=error.description)
        case client.MediaRefused() if out.media and registry.of(message).stands_alone:
            # The text tells how many documents there are, and has the link to them.
            _put_back(lane, message, documents=[], error=error.description)
        case client.MediaRefused() if out.media:
            _give_up_documents(lane, message, error.description)
        case client.TopicGone() if message.thread_id:
            _put_back(lane, message, thread_id=None, error=error.description)
        case client.RichRefused() if out.form == Form.RICH:
            _put_back(lane, message, rich_refused=True, error=error.description)
        case client.UnknownMethod() if out.form == Form.RICH:
            abilities.note(abilities.RICH, can_it=False)
            _put_back(lane, message)
        case client.WrongFile():
            media.forget(out.media)
            _retry_later(lane, message, error.description)
        case _:
            _fail(lane, message, error.description)
    return 0


def _recover_interrupted(lane: Lane, message: SentMessage) -> None:
    """A worker was killed during the call. An edit may simply be repeated."""
    logger.warning("interrupted: message=%s", message.pk)
    if message.form:
        message.state = State.SENT
        _retry_later(lane, message, "interrupted")
    else:
        _send_again(lane, message, "interrupted")


def _wait_for_network(lane: Lane, message: SentMessage, reason: str) -> float:
    """No fault of the message, which never fails by it; all of the chat waits."""
    logger.warning("not sent: message=%s %s", message.pk, reason)
    _put_back(lane, message, error=reason, attempts=min(message.attempts, ATTEMPTS // 2))
    wait = _backoff(message.attempts)
    lane.pause(wait)
    return wait


def _send_again(lane: Lane, message: SentMessage, reason: str) -> None:
    """It must arrive, so it is sent once more, and may then stand there twice, if that is better
    than not at all. After that it is for somebody to look."""
    logger.warning("answer lost: message=%s %s", message.pk, reason)
    message.state, message.lost = State.PENDING, message.lost + 1
    if not registry.of(message).may_stand_twice(message):
        # Its form says that no change concerns it.
        lane.save(message, state=State.UNKNOWN, form=Form.ALBUM, lost=1, error=reason)
        return
    if message.lost > 1:
        secrets = _forgotten(message)
        lane.save(message, state=State.UNKNOWN, lost=message.lost, error=reason, **secrets)
        return
    _put_back(lane, message, lost=message.lost, error=reason, not_before=after(LOST_PAUSE))


def _retry_later(lane: Lane, message: SentMessage, reason: str, pause: float | None = None) -> None:
    if message.attempts >= ATTEMPTS:
        _fail(lane, message, reason)
        return
    seconds = _backoff(message.attempts) if pause is None else pause
    _put_back(lane, message, error=reason, not_before=after(seconds))


def _backoff(attempts: int) -> float:
    return min(BACKOFF * 2.0 ** (attempts - 1), BACKOFF_LONGEST)


def _fail(lane: Lane, message: SentMessage, reason: str, **values: Any) -> None:
    logger.error("failed: message=%s %s", message.pk, reason)
    lane.save(message, state=State.FAILED, error=reason, **_forgotten(message), **values)


def _give_up_documents(lane: Lane, message: SentMessage, reason: str) -> None:
    """The chat does not take them, which no change of the request makes another: their form says
    that none concerns them. A group has the link to them; a person has asked for them."""
    if not message.chat.is_group:
        _fail(lane, message, reason, form=Form.ALBUM)
        return
    values = {"state": State.PENDING, "form": Form.ALBUM, "shown": message.wanted, "attempts": 0}
    lane.save(message, **values, error=reason, **_at_rest(message))


def _put_back(lane: Lane, message: SentMessage, **values: Any) -> None:
    """As it was before the attempt, but for the values."""
    lane.save(message, **{"state": message.state, "attempts": message.attempts, **values})
