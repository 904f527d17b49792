"""What the bot says to whoever has written or pressed: its text stays, until a press changes it."""

import hashlib
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.kinds.base import NOTHING, Kind, Rendered
from telegrambot.models import Chat, SentMessage, Urgency

NAME = "answer"
# What could not be said for so long is no answer any more.
LIFETIME = timedelta(hours=1)
State, Form = SentMessage.State, SentMessage.Form


class Answer(Kind):
    name = NAME
    label = pgettext_lazy("message", "Answers a person")
    urgency = Urgency.ANSWER

    def render(self, message: SentMessage) -> Rendered:
        if not message.form and message.created_at < timezone.now() - LIFETIME:
            return NOTHING
        return Rendered(message.text, message.keyboard)

    def forgotten(self, message: SentMessage) -> dict[str, Any]:
        """A link to sign in is a secret of its reader: it is kept no longer than it must."""
        rows = (message.keyboard or {}).get("inline_keyboard", [])
        return {"keyboard": None} if any("url" in button for row in rows for button in row) else {}


def tell(
    chat: Chat,
    text: str,
    keyboard: dict[str, Any] | None,
    thread_id: int | None = None,
    asked: str = "",
) -> None:
    """Say it (Telegram's HTML). Who has `asked` the same again, before it could be said, is told
    once, and the newest."""
    content: dict[str, Any] = {
        "text": text, "keyboard": keyboard, "thread_id": thread_id, "created_at": timezone.now(),
    }  # fmt: skip
    key = ""
    if asked:
        key = _key(thread_id, asked)
        same = chat.messages.filter(kind=NAME, key=key)
        waiting = same.filter(state=State.PENDING, form=Form.NONE, is_behind=True)
        if waiting.update(**content, wanted=F("wanted") + 1):
            transaction.on_commit(doorbell.ring)
            return
        same.update(key="")
    said = SentMessage(chat=chat, kind=NAME, key=key, urgency=_urgency(chat), **content)
    # Asked twice at the same moment, it is said once.
    SentMessage.objects.bulk_create([said], ignore_conflicts=True)
    transaction.on_commit(doorbell.ring)


def _urgency(chat: Chat) -> Urgency:
    """Whoever is not known here comes last, even to sign in: enough strangers would use up the pace
    of all who are. In a group there is room for few messages a minute, and its requests need it."""
    if chat.is_group:
        has_requests = chat.organizations.exists() or chat.departments.exists()
        return Urgency.NOTICE if has_requests else Urgency.CHANGE
    return Urgency.ANSWER if UserToken.objects.tie_of(chat.telegram_id) else Urgency.CHANGE


def change(chat: Chat, message_id: int, text: str, keyboard: dict[str, Any] | None) -> None:
    """Have the message of this number, which a button was pressed under, become another."""
    content: dict[str, Any] = {"text": text, "keyboard": keyboard}
    there = chat.messages.filter(first_id=message_id)
    known = there.filter(kind=NAME)
    if known.update(**content):
        known.refresh(Urgency.ANSWER)
    elif there.exists():
        # A card follows its request, and no press.
        tell(chat, text, keyboard)
    else:
        # Of the time before answers were kept, or a copy whose answer was lost.
        SentMessage.objects.create(
            chat=chat, kind=NAME, form=Form.TEXT, message_ids=[message_id], state=State.SENT,
            urgency=Urgency.ANSWER, **content,
        )  # fmt: skip
    transaction.on_commit(doorbell.ring)


def settle(chat: Chat, text: str, thread_id: int | None, asked: str) -> None:
    """What stands there for whoever has `asked` this last has served its purpose: it becomes this
    text, without buttons."""
    said = chat.messages.filter(kind=NAME, key=_key(thread_id, asked)).exclude(form=Form.NONE)
    if said.update(text=text, keyboard=None):
        said.refresh(Urgency.ANSWER)
        transaction.on_commit(doorbell.ring)


def _key(thread_id: int | None, asked: str) -> str:
    words = f"{thread_id}: {asked}"
    return hashlib.sha1(words.encode(), usedforsecurity=False).hexdigest()


def withdraw(telegram_id: int) -> None:
    """What has not been said in the private chat is not said any more: its reader has gone."""
    SentMessage.objects.filter(
        chat__telegram_id=telegram_id, kind=NAME, form=Form.NONE, state=State.PENDING
    ).delete()
