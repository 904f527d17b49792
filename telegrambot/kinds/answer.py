"""What the bot says to whoever has written or pressed: its text stays, until a press changes it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.content.markup import plain
from telegrambot.kinds.base import NOTHING, Kind, Rendered
from telegrambot.models import Chat, SentMessage, Urgency
from telegrambot.places import Reader, key_of

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

    def unseen(self, message: SentMessage) -> None:
        chat = Chat.objects.filter(telegram_id=message.reader_id, kind=Chat.Kind.PRIVATE).first()
        if chat:
            tell(chat, message.text, message.keyboard, asked=message.key)

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
    reader: Reader | None = None,
) -> None:
    """Say it (Telegram's HTML), in a group perhaps to one reader alone. Who has `asked` the same
    again, before it could be said, is told once, and the newest."""
    content: dict[str, Any] = {
        "text": text, "keyboard": keyboard, "thread_id": thread_id, "created_at": timezone.now(),
        **to_be_seen_by(reader),
    }  # fmt: skip
    key = ""
    if asked:
        key = key_of(thread_id, asked, reader)
        same = chat.messages.filter(kind=NAME, key=key)
        waiting = same.filter(state=State.PENDING, form=Form.NONE, is_behind=True)
        if waiting.update(**content, wanted=F("wanted") + 1):
            transaction.on_commit(doorbell.ring)
            return
        same.update(key="")
    said = SentMessage(chat=chat, kind=NAME, key=key, urgency=_urgency(chat, reader), **content)
    # Asked twice at the same moment, it is said once.
    SentMessage.objects.bulk_create([said], ignore_conflicts=True)
    transaction.on_commit(doorbell.ring)


def to_be_seen_by(reader: Reader | None) -> dict[str, Any]:
    """The fields of a message that say so."""
    if reader is None:
        return {}
    answered = {"query_id": reader.query_id, "command_id": reader.command_id}
    return {"receiver_id": reader.id, **answered}


def _urgency(chat: Chat, reader: Reader | None) -> Urgency:
    """Whoever is not known here comes last, even to sign in: enough strangers would use up the pace
    of all who are. In a group there is room for few messages a minute, and its requests need it."""
    if chat.is_group and reader is None:
        has_requests = chat.organizations.exists() or chat.departments.exists()
        return Urgency.NOTICE if has_requests else Urgency.CHANGE
    asker = reader.id if reader else chat.telegram_id
    return Urgency.ANSWER if UserToken.objects.tie_of(asker) else Urgency.CHANGE


def change(
    chat: Chat,
    message_id: int,
    text: str,
    keyboard: dict[str, Any] | None,
    reader: Reader | None = None,
) -> None:
    """Have the message of this number, which a button was pressed under, become another; with a
    reader it is the number of what he alone sees, which may have been another's before."""
    content: dict[str, Any] = {"text": text, "keyboard": keyboard}
    seen_by = reader.id if reader else None
    there = chat.messages.filter(first_id=message_id, receiver_id=seen_by)
    there = there.exclude(state=State.GONE)
    known = there.filter(kind=NAME)
    if known.update(**content):
        known.refresh(Urgency.ANSWER)
    elif there.exists():
        # A card follows its request, and no press.
        tell(chat, text, keyboard, reader=reader)
    else:
        # Of the time before answers were kept, or a copy whose answer was lost.
        form = Form.EPHEMERAL if reader else Form.TEXT
        SentMessage.objects.create(
            chat=chat, kind=NAME, form=form, message_ids=[message_id], state=State.SENT,
            urgency=Urgency.ANSWER, receiver_id=seen_by, **content,
        )  # fmt: skip
    transaction.on_commit(doorbell.ring)


def settle(chat: Chat, text: str, thread_id: int | None, asked: str) -> None:
    """What stands there for whoever has `asked` this last has served its purpose: it becomes this
    text, without buttons."""
    said = chat.messages.filter(kind=NAME, key=key_of(thread_id, asked)).exclude(form=Form.NONE)
    if said.update(text=text, keyboard=None):
        said.refresh(Urgency.ANSWER)
        transaction.on_commit(doorbell.ring)


def withdraw(telegram_id: int) -> None:
    """What has not been said to him alone is not said any more: he has gone. What he has been told
    in groups, where he may be still, closes as the cards do."""
    private = SentMessage.objects.filter(kind=NAME, chat__telegram_id=telegram_id)
    alone = SentMessage.objects.filter(kind=NAME, receiver_id=telegram_id)
    for answers in (private, alone):
        answers.filter(form=Form.NONE, state=State.PENDING).delete()
    said = alone.filter(form=Form.EPHEMERAL)
    with translation.override(settings.LANGUAGE_CODE):
        said.update(text=plain(_("You have no access any more.")), keyboard=None)
    if said.refresh():
        transaction.on_commit(doorbell.ring)
