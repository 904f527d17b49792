"""Whether whoever has asked for something in a chat may: Telegram knows what he is there."""

from oauth.models import UserToken
from telegrambot.delivery import client
from telegrambot.kinds import registry
from telegrambot.models import SentMessage


def is_allowed(message: SentMessage) -> bool:
    """As Telegram has him in that chat now. Raises `TelegramError`."""
    if message.asked_by is None:
        return True
    who = {"chat_id": message.chat.telegram_id, "user_id": message.asked_by}
    try:
        member = client.call("getChatMember", who)
    except client.TelegramError as error:
        if type(error) is not client.TelegramError:
            raise
        # It does not know him there.
        member = {}
    employee = UserToken.objects.employee_of(message.asked_by)
    return registry.of(message).may_be_asked_by(employee, member)
