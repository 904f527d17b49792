"""Something about a person's account: written once, sent like every other; its text stays."""

from django.db import transaction
from django.utils import translation
from django.utils.translation import pgettext_lazy

from telegrambot import doorbell
from telegrambot.content import keyboards
from telegrambot.kinds.base import Kind, Rendered
from telegrambot.models import Chat, SentMessage, Urgency

NAME = "notice"


class Notice(Kind):
    name = NAME
    label = pgettext_lazy("message", "Tells something about the person's account")

    def is_urgent(self, message: SentMessage) -> bool:
        """What happens to his account he may have to stop."""
        return True

    def render(self, message: SentMessage) -> Rendered:
        """What asks for a consent has a button until it is given, or taken back."""
        asked = message.consent
        if asked is None or asked.given_at:
            return Rendered(message.text)
        with translation.override(asked.requester.language):
            return Rendered(message.text, keyboards.markup([keyboards.consent(asked)]))


def tell(
    chat_pk: int, text: str, consent: int | None = None, urgency: Urgency = Notice.urgency
) -> None:
    """Have the text (Telegram's HTML) in the chat, perhaps with the button that gives a consent."""
    SentMessage.objects.create(
        chat_id=chat_pk, kind=NAME, text=text, consent_id=consent, urgency=urgency
    )
    transaction.on_commit(doorbell.ring)


def tell_account(telegram_id: int, text: str, consent: int | None = None) -> None:
    """The same for the private chat with a Telegram account."""
    chats = Chat.objects.filter(kind=Chat.Kind.PRIVATE, telegram_id=telegram_id)
    for chat_pk in chats.values_list("pk", flat=True):
        tell(chat_pk, text, consent)
