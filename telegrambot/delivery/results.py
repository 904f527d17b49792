"""What comes of a call: a success, or what its error asks for. The row says what is next."""

import logging
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
    taking_back,
    topics,
    whispers,
)
from telegrambot.delivery.lane import Lane, after
from telegrambot.delivery.outgoing import Form, Outgoing
from telegrambot.kinds import registry
from telegrambot.kinds.files import PRINTED_FORM
from telegrambot.models import Chat, SentMessage, Urgency

logger = logging.getLogger(__name__)

State, Removal = SentMessage.State, SentMessage.Removal
# Of a message that stands in the chat no more.
_NOT_THERE: dict[str, Any] = {"form": Form.NONE, "message_ids": [], "shown_hash": ""}

# Seconds. The wait before another try doubles, up to the longest; so many tries and the message has
# failed.
BACKOFF = 2.0
BACKOFF_LONGEST = 300.0
ATTEMPTS = 12
# Until a new message whose answer was lost is sent once more.
LOST_PAUSE = 30.0


def succeed(lane: Lane, message: SentMessage, out: Outgoing, result: Any) -> None:
    if out.step:
        topics.succeed(lane, message, out.step, result)
        return
    if out.takes_back:
        _taken_back(lane, message)
        return
    if out.is_new:
        made: dict[str, Any] = {
            "message_ids": outgoing.message_ids(result),
            "removal": Removal.DELETED,
        }
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
        **at_rest(message),
        **made,
        **times,
    )
    lane.delivered_at = timezone.now()
    if message.receiver_id and out.is_new:
        whispers.sent(message, made["message_ids"][0])


def _taken_back(lane: Lane, message: SentMessage) -> None:
    """All of it, or one of its messages. It is still behind, for the group may hear of the request
    again meanwhile: then it comes anew."""
    if rest := taking_back.left(message):
        put_back(lane, message, state=State.SENT, message_ids=rest, attempts=0)
        return
    gone = {**_NOT_THERE, "attempts": 0}
    if message.removal == Removal.IN_WORDS:
        fail(lane, message, f"its files stay there, delete them by hand: {message.error}", **gone)
        return
    lane.save(message, **gone, state=State.PENDING, error="")


def _not_taken_back(lane: Lane, message: SentMessage, error: client.TelegramError) -> None:
    """What is not there, and what there is no other way for, is as good as taken back."""
    if isinstance(error, client.MessageGone) or message.removal == Removal.IN_WORDS:
        _taken_back(lane, message)
    else:
        put_back(lane, message, removal=message.removal + 1, attempts=0, error=error.description)


def at_rest(message: SentMessage) -> dict[str, Any]:
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


def recover(lane: Lane, message: SentMessage, out: Outgoing, error: client.TelegramError) -> float:
    """Do what the error asks for; the seconds that the whole chat must wait."""
    match error:
        case client.RetryAfter() | client.NotSent() | client.ChatMigrated():
            return recover_question(lane, message, error)
        case client.NotModified():
            succeed(lane, message, out, None)
        case client.DeliveryUnknown() if out.is_new:
            _send_again(lane, message, error.description)
        case client.DeliveryUnknown() | client.ServerError():
            retry_later(lane, message, error.description)
        case _ if out.takes_back and not isinstance(error, client.Unreachable | client.TopicGone):
            _not_taken_back(lane, message, error)
        case _ if out.step and not isinstance(error, client.Unreachable):
            topics.recover(lane, message, out.step, error)
        case _ if message.receiver_id and out.is_new:
            whispers.refused(lane, message, error)
        case client.TopicClosed() if not (message.topic_id or message.thread_id):
            # Of all topics it is General; who may manage topics could write there.
            put_back(lane, message, error=error.description)
            lane.close(message.chat, Chat.State.RESTRICTED, error.description)
        case client.Unreachable():
            return recover_question(lane, message, error)
        case client.MessageGone() | client.CantEdit():
            _replace(lane, message, out, error)
        case _:
            _send_otherwise(lane, message, out, error)
    return 0


def recover_question(lane: Lane, message: SentMessage, error: client.TelegramError) -> float:
    """What concerns the chat, also of a call that only asks what must be known before the message
    is sent."""
    match error:
        case client.RetryAfter():
            return _rest(lane, message, error)
        case client.NotSent():
            return _wait_for_network(lane, message, error.description)
        case client.ChatMigrated():
            retry_later(lane, message, error.description, 0)
            chats.migrate(message.chat, error.new_chat_id)
        case client.Unreachable():
            put_back(lane, message, error=error.description)
            lane.close(message.chat, error.reason, error.description)
        case _:
            retry_later(lane, message, error.description)
    return 0


def _rest(lane: Lane, message: SentMessage, error: client.RetryAfter) -> float:
    limiter.refused(message.chat.telegram_id, error.seconds)
    put_back(lane, message, attempts=message.attempts - 1)
    lane.pause(error.seconds, asked=True)
    return error.seconds


def _replace(
    lane: Lane, message: SentMessage, out: Outgoing, error: client.MessageGone | client.CantEdit
) -> None:
    """It is not there, or stays as it is for good: another takes its place, if one is needed."""
    match error:
        case client.MessageGone() if not registry.of(message).comes_again(message):
            lane.save(message, **_NOT_THERE, state=State.GONE, error=error.description)
            if message.topic:
                topics.doubt(message.topic)
        case client.CantEdit() if message.receiver_id or message.chat.inline_id:
            # Nothing can be sent in its place.
            lane.save(message, state=State.GONE, error=error.description)
        case client.CantEdit() if out.form == Form.RICH and message.form == Form.TEXT:
            # It may not become rich; as a text it can still be edited.
            put_back(lane, message, rich_refused=True)
        case _ if out.is_new:
            # Nothing stands there that could be gone.
            retry_later(lane, message, error.description)
        case _:
            put_back(lane, message, **_NOT_THERE, state=State.PENDING)


def _send_otherwise(
    lane: Lane, message: SentMessage, out: Outgoing, error: client.TelegramError
) -> None:
    """Less of it, or in another place, may pass; what may not has failed."""
    match error:
        case client.KindRefused() if not message.as_documents:
            put_back(lane, message, as_documents=True, error=error.description)
        case client.MediaRefused() if out.media and registry.of(message).stands_alone:
            # The text tells how many documents there are, and has the link to them.
            put_back(lane, message, documents=[], error=error.description)
        case client.MediaRefused() if out.media:
            _give_up_documents(lane, message, error.description)
        case client.TopicClosed() if message.topic_id or message.thread_id:
            topics.closed(lane, message, error.description)
        case client.TopicGone() if message.topic_id or message.thread_id:
            topics.gone(lane, message, error.description)
        case client.RichRefused() if out.form == Form.RICH:
            put_back(lane, message, rich_refused=True, error=error.description)
        case client.UnknownMethod() if out.form == Form.RICH:
            abilities.note(abilities.RICH, can_it=False)
            put_back(lane, message)
        case client.WrongFile():
            media.forget(out.media)
            retry_later(lane, message, error.description)
        case _:
            fail(lane, message, error.description)


def recover_interrupted(lane: Lane, message: SentMessage) -> None:
    """A worker was killed during the call. An edit may simply be repeated."""
    logger.warning("interrupted: message=%s", message.pk)
    if message.form:
        message.state = State.SENT
        retry_later(lane, message, "interrupted")
    else:
        _send_again(lane, message, "interrupted")


def _wait_for_network(lane: Lane, message: SentMessage, reason: str) -> float:
    """No fault of the message, which never fails by it; all of the chat waits."""
    logger.warning("not sent: message=%s %s", message.pk, reason)
    put_back(lane, message, error=reason, attempts=min(message.attempts, ATTEMPTS // 2))
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
    put_back(lane, message, lost=message.lost, error=reason, not_before=after(LOST_PAUSE))


def retry_later(lane: Lane, message: SentMessage, reason: str, pause: float | None = None) -> None:
    if message.attempts >= ATTEMPTS:
        fail(lane, message, reason)
        return
    seconds = _backoff(message.attempts) if pause is None else pause
    put_back(lane, message, error=reason, not_before=after(seconds))


def _backoff(attempts: int) -> float:
    return min(BACKOFF * 2.0 ** (attempts - 1), BACKOFF_LONGEST)


def fail(lane: Lane, message: SentMessage, reason: str, **values: Any) -> None:
    logger.error("failed: message=%s %s", message.pk, reason)
    lane.save(message, state=State.FAILED, error=reason, **_forgotten(message), **values)


def _give_up_documents(lane: Lane, message: SentMessage, reason: str) -> None:
    """The chat does not take them, which no change of the request makes another: their form says
    that none concerns them. A group has the link to them; a person has asked for them."""
    if not message.chat.is_group:
        fail(lane, message, reason, form=Form.ALBUM)
        return
    values = {"state": State.PENDING, "form": Form.ALBUM, "shown": message.wanted, "attempts": 0}
    lane.save(message, **values, error=reason, **at_rest(message))


def put_back(lane: Lane, message: SentMessage, **values: Any) -> None:
    """As it was before the attempt, but for the values."""
    lane.save(message, **{"state": message.state, "attempts": message.attempts, **values})
