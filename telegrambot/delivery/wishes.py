"""What people ask of topics: it is done, if they may as Telegram has them in that chat now."""

from typing import Any

from oauth.models import UserToken
from telegrambot.delivery import client
from telegrambot.kinds import topic
from telegrambot.models import KEEPS_TOPIC, SentMessage

# The right of an administrator that each wish needs; see the methods that carry it out.
_RIGHTS = {"is_deleted": "can_delete_messages", "unpins": "can_pin_messages"}
_ANY_OTHER = "can_manage_topics"


def has_wishes(message: SentMessage) -> bool:
    is_keeper = message.kind == KEEPS_TOPIC and message.topic is not None
    return is_keeper and bool(message.topic and message.topic.wishes)


def hear(message: SentMessage) -> None:
    """Decide on the oldest wish. Raises `TelegramError`."""
    if message.topic is not None:
        wish = message.topic.wishes[0]
        topic.decide(message.topic, wish, granted=_may(message.chat.telegram_id, wish))


def _may(chat_id: int, wish: dict[str, Any]) -> bool:
    """Who sets up chats may, whatever he is there; who has left since, or has signed out, may not,
    whatever he is there still."""
    employee = UserToken.objects.employee_of(wish["by"])
    if employee is None:
        return False
    if employee.has_perm(topic.RIGHT):
        return True
    member = _member(chat_id, wish["by"])
    needed = {_RIGHTS.get(field, _ANY_OTHER) for field in wish["fields"]}
    is_administrator = member.get("status") == "administrator"
    has_rights = is_administrator and all(member.get(right) is True for right in needed)
    return has_rights or member.get("status") == "creator"


def _member(chat_id: int, person: int) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#chatmember; empty for whom it does not know there."""
    try:
        found: dict[str, Any] = client.call(
            "getChatMember", {"chat_id": chat_id, "user_id": person}
        )
    except client.TelegramError as error:
        if type(error) is not client.TelegramError:
            raise
        return {}
    return found
