"""Messages to a person about his account: written once, sent like every other; their text stays."""

from django.db import transaction

from telegrambot import doorbell
from telegrambot.models import Chat, SentMessage


def tell(chat_pk: int, text: str, consent: int | None = None) -> None:
    """Have the text (Telegram's HTML) in the chat, perhaps with the button that gives a consent."""
    notice = SentMessage.Purpose.NOTICE
    SentMessage.objects.create(chat_id=chat_pk, purpose=notice, text=text, consent_id=consent)
    transaction.on_commit(doorbell.ring)


def tell_account(telegram_id: int, text: str, consent: int | None = None) -> None:
    """The same for the private chat with a Telegram account, if it can be spoken to."""
    chats = Chat.objects.filter(kind=Chat.Kind.PRIVATE, state=Chat.State.ACTIVE)
    for chat_pk in chats.filter(telegram_id=telegram_id).values_list("pk", flat=True):
        tell(chat_pk, text, consent)
