"""Which of our messages a person answers."""

from telegrambot.incoming.updates import Message
from telegrambot.models import Chat, SentMessage

# Messages of an album have the numbers that follow that of its first.
_ALBUM_SIZE = 10


def about_request(message: Message) -> SentMessage | None:
    """That which this one answers, if it shows a request to all who read there."""
    number = message.reply_to
    if number is None:
        return None
    near = SentMessage.objects.filter(
        chat__in=Chat.objects.filter(telegram_id=message.chat.id),
        first_id__lte=number, first_id__gt=number - _ALBUM_SIZE, request__isnull=False,
        receiver_id=None,
    )  # fmt: skip
    found = (sent for sent in near.select_related("request") if number in sent.message_ids)
    return next(found, None)
