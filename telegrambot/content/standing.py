"""What the bot may do in a group, as Telegram has told it, and what to do where that is too little.

https://core.telegram.org/bots/api#chatmember
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext as _

from telegrambot.models import GENERAL, Chat, Topic


class Standing(NamedTuple):
    """`remedy` is empty where it may."""

    what: str
    remedy: str


def standing(chat: Chat) -> Iterator[Standing]:
    """Nothing of a chat of which Telegram has told nothing yet."""
    status = chat.rights.get("status")
    if not status:
        return
    if status in ("left", "kicked"):
        yield Standing(_("be in the group"), _("Add the bot to the group again."))
        return
    yield Standing(_("write messages"), _writing(chat))
    yield Standing(_("send documents"), _documents(chat))
    if chat.is_forum or chat.topic_per:
        yield Standing(_("open, rename and close topics"), _topics(chat))
    if chat.is_forum and chat.uses_general:
        yield Standing(_("show requests in the topic General"), _general(chat))


def _writing(chat: Chat) -> str:
    if _is_without(chat, "can_send_messages") or chat.state == Chat.State.RESTRICTED:
        return _("Let the bot write: in the group's permissions, or make it an administrator.")
    return ""


def _documents(chat: Chat) -> str:
    if _is_without(chat, "can_send_documents"):
        return _(
            "Let the bot send files: in the group's permissions, or make it an administrator. "
            "Until then requests come as text with their number of documents and the link."
        )
    return ""


def _topics(chat: Chat) -> str:
    if not chat.is_forum:
        return _("Turn on topics in the settings of the group.")
    if chat.rights.get("status") == "administrator" and chat.rights.get("can_manage_topics"):
        return ""
    return _("Make the bot an administrator who may manage topics.")


def _general(chat: Chat) -> str:
    hidden = Topic.objects.filter(chat=chat, thread_id=GENERAL, told__is_hidden=True)
    if hidden.exists():
        return _(
            "It is hidden, and nobody sees what comes there: show it, or choose above what has a "
            "topic of its own."
        )
    return ""


def _is_without(chat: Chat, right: str) -> bool:
    return chat.rights.get("status") == "restricted" and not chat.rights.get(right, False)
