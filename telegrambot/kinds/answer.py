"""What the bot says to whoever has written or pressed: its text stays, until a press changes it."""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import pgettext_lazy

from telegrambot import doorbell
from telegrambot.kinds.base import Kind, Rendered
from telegrambot.models import Chat, SentMessage, Urgency

NAME = "answer"
State, Form = SentMessage.State, SentMessage.Form


class Answer(Kind):
    name = NAME
    label = pgettext_lazy("message", "Answers a person")
    urgency = Urgency.ANSWER

    def render(self, message: SentMessage) -> Rendered:
        return Rendered(message.text, message.keyboard)


def tell(
    chat: Chat,
    text: str,
    keyboard: dict[str, Any] | None,
    thread_id: int | None = None,
    asked: str = "",
) -> None:
    """Say it (Telegram's HTML). Who has `asked` the same again, before it could be said, is told
    once, and the newest."""
    key = hashlib.sha1(asked.encode(), usedforsecurity=False).hexdigest() if asked else ""
    same = chat.messages.filter(kind=NAME, key=key, thread_id=thread_id).exclude(key="")
    content = {"text": text, "keyboard": keyboard}
    waiting = same.filter(state=State.PENDING, form=Form.NONE, is_behind=True)
    if not waiting.update(**content, wanted=F("wanted") + 1):
        same.update(key="")
        SentMessage.objects.create(
            chat=chat, kind=NAME, key=key, thread_id=thread_id, urgency=Urgency.ANSWER, **content
        )
    transaction.on_commit(doorbell.ring)


def change(chat: Chat, message_id: int, text: str, keyboard: dict[str, Any] | None) -> None:
    """Have the message of this number, which a button was pressed under, become another."""
    content = {"text": text, "keyboard": keyboard}
    known = chat.messages.filter(kind=NAME, first_id=message_id)
    if known.update(**content):
        known.refresh(Urgency.ANSWER)
    else:
        # Of the time before answers were kept, or a copy whose answer was lost.
        SentMessage.objects.create(
            chat=chat, kind=NAME, form=Form.TEXT, message_ids=[message_id], state=State.SENT,
            urgency=Urgency.ANSWER, **content,
        )  # fmt: skip
    transaction.on_commit(doorbell.ring)
