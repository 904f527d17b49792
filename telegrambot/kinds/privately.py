"""A person's own card in a group, which nobody else there sees; or in his private chat."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import pgettext_lazy

from telegrambot.kinds import details
from telegrambot.kinds.cards import Personal, answer_alone
from telegrambot.models import Chat, SentMessage, Urgency
from telegrambot.places import Reader
from treasury.models import PaymentRequest

NAME = "privately"
# For so long nobody's app forgets it, and a group has room for few messages a minute.
SEEN_FOR = timedelta(seconds=60)


class Privately(Personal):
    name = NAME
    label = pgettext_lazy("message", "Shows an approver his card in the group")
    urgency = Urgency.ANSWER

    def unseen(self, message: SentMessage) -> None:
        details.show_in_private(message)


def whisper(chat: Chat, request: PaymentRequest, reader: Reader, thread_id: int | None) -> bool:
    """Show it to whoever has pressed; False: he was shown it a moment ago."""
    shown = chat.messages.filter(kind=NAME, request=request, receiver_id=reader.id)
    lately = timezone.now() - SEEN_FOR
    if shown.filter(state=SentMessage.State.SENT, sent_at__gt=lately).exists():
        return False
    answer_alone(chat, request, NAME, reader, thread_id)
    return True
