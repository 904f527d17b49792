"""A person's own card in a group, which nobody else there sees; or in his private chat."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot import doorbell
from telegrambot.content.markup import EPHEMERAL_LIMIT
from telegrambot.dialogs.questions import Asked
from telegrambot.kinds import details
from telegrambot.kinds.base import Rendered
from telegrambot.kinds.cards import Face, Personal
from telegrambot.models import Chat, SentMessage, Urgency
from treasury.models import PaymentRequest

NAME = "privately"
# For so long nobody's app forgets it, and a group has room for few messages a minute.
SEEN_FOR = timedelta(seconds=60)


class Privately(Personal):
    name = NAME
    label = pgettext_lazy("message", "Shows an approver his card in the group")
    urgency = Urgency.ANSWER
    # A name that was typed there would be read by all.
    offers_colleagues: ClassVar[bool] = False
    text_limit: ClassVar[int] = EPHEMERAL_LIMIT

    def may_stand_twice(self, message: SentMessage) -> bool:
        """Whoever sees nothing presses again."""
        return False

    def unseen(self, message: SentMessage) -> None:
        chat = Chat.objects.filter(telegram_id=message.reader_id, kind=Chat.Kind.PRIVATE).first()
        if chat and message.request:
            details.show(chat, message.request)

    def asking(self, message: SentMessage, face: Face, asked: Asked) -> Rendered:
        hint = _("Answer by a button, or write to me privately: here everybody reads it.")
        return super().asking(message, face, replace(asked, hint=hint))


def whisper(
    chat: Chat, request: PaymentRequest, reader_id: int, query_id: str, thread_id: int | None
) -> bool:
    """Show it to whoever has pressed; False: he was shown it a moment ago. What he was shown there
    before that is left as it is, for his app may have forgotten it."""
    now = timezone.now()
    key = f"{request.pk}:{reader_id}"
    earlier = chat.messages.filter(kind=NAME, key=key)
    waiting = earlier.filter(state=SentMessage.State.PENDING, form=SentMessage.Form.NONE)
    if waiting.update(query_id=query_id, created_at=now):
        return True
    if earlier.filter(state=SentMessage.State.SENT, sent_at__gt=now - SEEN_FOR).exists():
        return False
    earlier.update(key="", state=SentMessage.State.GONE)
    shown = SentMessage(
        chat=chat, request=request, kind=NAME, key=key, receiver_id=reader_id, query_id=query_id,
        thread_id=thread_id, urgency=Urgency.ANSWER,
    )  # fmt: skip
    # Tapped twice at the same moment, it is shown once.
    SentMessage.objects.bulk_create([shown], ignore_conflicts=True)
    transaction.on_commit(doorbell.ring)
    return True
