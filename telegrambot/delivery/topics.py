"""From how a topic is to how it must be, a call at a time; and what comes of the calls.

https://core.telegram.org/bots/api#createforumtopic and those that follow it
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from telegrambot.content.topics import Look
from telegrambot.delivery import client
from telegrambot.delivery.lane import Lane, after
from telegrambot.kinds import topic as kind
from telegrambot.models import AS_MADE, KEEPS_TOPIC, SentMessage, Topic, Urgency
from telegrambot.places import Place

State, Form = SentMessage.State, SentMessage.Form

# Seconds: until a message looks again whether its topic is there.
COMING = 1.0
# For so long a message waits for its topic, and then goes into the chat itself.
PATIENCE = timedelta(minutes=10)
# Seconds until the list of icons is asked for again, which hardly ever changes.
KEPT = 86_400.0

# By the server: emoji → the number of its custom one; and until when that holds.
_icons: dict[str, tuple[Mapping[str, str], float]] = {}


@dataclass(frozen=True)
class Step:
    """The next call; `told` is what Telegram has of the topic once it has succeeded."""

    method: str
    params: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    is_new: bool = False


def step(topic: Topic, look: Look) -> Step | None:
    """None: it is as it must be."""
    if topic.thread_id is None:
        return None if topic.is_deleted else _create(look)
    if topic.is_deleted:
        return Step(_method("delete{}ForumTopic", topic))
    return next(_changes(topic, look), None)


def _create(look: Look) -> Step:
    shown = {"name": look.name, "icon": look.icon}
    return Step("createForumTopic", shown, {**AS_MADE, **shown}, is_new=True)


def _changes(topic: Topic, look: Look) -> Iterator[Step]:
    told = topic.told
    if shown := _other_looks(topic, look):
        yield Step(_method("edit{}ForumTopic", topic), shown, shown)
    if topic.unpins:
        yield Step(_method("unpinAll{}ForumTopicMessages", topic))
    if topic.is_general and look.is_hidden != told.get("is_hidden"):
        # A hidden one is closed, and so is one that has just been shown.
        word = "hide" if look.is_hidden else "unhide"
        turned = {"is_hidden": look.is_hidden, "is_closed": True}
        yield Step(_method(f"{word}{{}}ForumTopic", topic), {}, turned)
    elif look.is_closed != told.get("is_closed") and not look.is_hidden:
        word = "close" if look.is_closed else "reopen"
        yield Step(_method(f"{word}{{}}ForumTopic", topic), {}, {"is_closed": look.is_closed})


def _other_looks(topic: Topic, look: Look) -> dict[str, Any]:
    """General has no icon of its own."""
    wanted = {"name": look.name} | ({} if topic.is_general else {"icon": look.icon})
    return {name: value for name, value in wanted.items() if value != topic.told.get(name)}


def _method(pattern: str, topic: Topic) -> str:
    return pattern.format("General" if topic.is_general else "")


def params(message: SentMessage, taken: Step) -> dict[str, Any]:
    """Of the call: where, which topic, and its icon as the server numbers it."""
    chat_id, topic = message.chat.telegram_id, message.topic
    if topic is None or topic.is_general:
        return {"chat_id": chat_id, **taken.params}
    whole = {**Place(chat_id, topic.thread_id).address, **taken.params}
    if "icon" in whole:
        # An empty one takes the icon away, of which a new topic has none.
        icon = _number(whole.pop("icon"))
        whole["icon_custom_emoji_id"] = icon if topic.thread_id else icon or None
    return whole


def succeed(lane: Lane, message: SentMessage, taken: Step, result: Any) -> None:
    """What is left to do is seen when the message's turn comes again, which is at once."""
    topic = message.topic
    if topic is None:
        return
    if not taken.is_new:
        kind.tell_done(topic)
    if topic.is_deleted:
        kind.vanished(topic)
        return
    if taken.is_new:
        number = result["message_thread_id"]
        # What is to stand in it goes before what is to be changed about it.
        lane.save(message, message_ids=[number], urgency=Urgency.CHANGE)
        kind.made(topic, number)
    # Only unpinning leaves Telegram with what it had.
    once = {} if taken.told else {"unpins": False}
    topic.note(taken.told, **once, asked_by=None)
    stands = {"state": State.SENT, "form": Form.TOPIC, "error": "", "attempts": 0, "lost": 0}
    lane.save(message, **stands, sent_at=timezone.now(), not_before=None)
    lane.delivered_at = timezone.now()


def is_missing(message: SentMessage) -> bool:
    """Whether the message is to stand in a topic that is not there."""
    if message.form or message.topic is None or message.kind == KEEPS_TOPIC:
        return False
    return message.topic.thread_id is None


def wait_for(lane: Lane, message: SentMessage) -> None:
    """Until its topic is there; if none comes, it goes into the chat itself."""
    coming = kind.coming(message.topic) if message.topic else None
    if coming is None or message.behind_since < timezone.now() - PATIENCE:
        lane.save(message, topic=None)
        return
    soon = after(COMING)
    lane.save(message, not_before=max(soon, coming.not_before or soon))


def closed(lane: Lane, message: SentMessage, reason: str) -> None:
    """Somebody has closed it. It opens again, unless it must be closed: then the chat itself gets
    the message."""
    topic = message.topic
    if topic is None or message.attempts > 1:
        lane.save(message, state=message.state, thread_id=None, topic=None, error=reason)
        return
    topic.note({"is_closed": True})
    topic.keep(Urgency.PRESSED)
    values = {"state": message.state, "attempts": message.attempts, "error": reason}
    lane.save(message, **values, not_before=after(COMING))


def doubt(topic: Topic) -> None:
    """A message has gone from it, perhaps with all of it: to name it anew finds out."""
    topic.doubt("name")
    topic.keep()


def gone(lane: Lane, message: SentMessage, reason: str) -> None:
    """Somebody has deleted it. What cannot come in a new one comes in the chat itself."""
    topic, is_new = message.topic, not message.form
    comes = topic is not None and kind.vanished(topic)
    if is_new and message.kind != KEEPS_TOPIC:
        place = {} if comes else {"topic": None}
        lane.save(message, state=State.PENDING, thread_id=None, error=reason, **place)
    elif topic is None:
        lane.save(message, state=message.state, thread_id=None, error=reason)


def recover(lane: Lane, message: SentMessage, taken: Step, error: client.TelegramError) -> None:
    """What an error asks for that a call about the topic itself has met."""
    topic = message.topic
    if topic is None:
        return
    if isinstance(error, client.TopicGone | client.MessageGone):
        kind.vanished(topic)
        return
    # To try again would be refused again; the next change does.
    rest = {"shown": message.wanted, "error": error.description, "attempts": 0}
    stands = topic.thread_id is not None
    lane.save(message, state=State.SENT if stands else State.GONE, **rest)
    # To delete and to unpin is wanted once.
    once = "" if taken.told else "is_deleted" if topic.is_deleted else "unpins"
    is_final = isinstance(error, client.TopicRefused)
    kind.refused(topic, error.description, once=once, for_good=is_final)


def _number(icon: str) -> str:
    """Of the custom emoji; empty for none, and for one that the server does not offer."""
    if not icon or icon.isdecimal():
        return icon
    known, until = _icons.get(settings.TELEGRAM_API_URL, ({}, 0.0))
    if time.monotonic() >= until:
        offered = client.call("getForumTopicIconStickers")
        known = {_bare(each["emoji"]): each["custom_emoji_id"] for each in offered}
        _icons[settings.TELEGRAM_API_URL] = known, time.monotonic() + KEPT
    return known.get(_bare(icon), "")


def forget_icons() -> None:
    """Ask for them anew."""
    _icons.clear()


def _bare(emoji: str) -> str:
    """Without what asks for its coloured form, which some leave out."""
    return emoji.replace("\ufe0f", "")
