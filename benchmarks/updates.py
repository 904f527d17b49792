"""Updates as Telegram sends them. https://core.telegram.org/bots/api#update"""

import time
from itertools import count
from typing import Any

from benchmarks.company import telegram_id
from telegrambot.content.callback_data import CallbackData, Verb
from treasury.models import ApprovalTask

Json = dict[str, Any]

# A card has some hundred words, and the press brings all of it along.
CARD = "Заявка на оплату РОМ-2026-00017 · ООО «Ромашка» → АО «Северсталь» · 125 000,50 ₽. " * 8

STRANGER = 4_000_001

_ids = count(700_000_001)


def chatter(chat_id: int) -> Json:
    """Something said in a group: it is stored, and changes nothing."""
    return {
        "update_id": next(_ids),
        "message": {
            "message_id": 17,
            "from": _person(STRANGER),
            "chat": {"id": chat_id, "type": "supergroup", "title": "Платежи Ромашки"},
            "date": int(time.time()),
            "text": "Коллеги, счёт от Северстали будет завтра",
        },
    }


def command(chat_id: int, text: str) -> Json:
    return {
        "update_id": next(_ids),
        "message": {
            "message_id": 18,
            "from": _person(chat_id),
            "chat": _private(chat_id),
            "date": int(time.time()),
            "text": text,
            "entities": [{"type": "bot_command", "offset": 0, "length": len(text)}],
        },
    }


def inline_query(person: int, text: str) -> Json:
    query = {"id": "1", "from": _person(person), "query": text, "offset": "", "chat_type": "group"}
    return {"update_id": next(_ids), "inline_query": query}


def press(task: ApprovalTask, message_id: int | None = None) -> Json:
    """The person of the task presses “Approve” under his card, as `company.tasks` has sent it."""
    return _press(task, message_id or task.pk, telegram_id(task.employee))


def press_of_stranger(task: ApprovalTask) -> Json:
    """It is stored and refused: nobody is linked to who presses."""
    return _press(task, task.pk, STRANGER)


def _press(task: ApprovalTask, message_id: int, person: int) -> Json:
    data = str(CallbackData(Verb.APPROVE, task.pk))
    number = next(_ids)
    return {
        "update_id": number,
        "callback_query": {
            "id": str(number),
            "from": _person(person),
            "message": {
                "message_id": message_id,
                "from": {"id": 123456789, "is_bot": True, "first_name": "Казначейство"},
                "chat": _private(person),
                "date": int(time.time()),
                "text": CARD,
                "reply_markup": {
                    "inline_keyboard": [[{"text": "Согласовать", "callback_data": data}]]
                },
            },
            "chat_instance": "-4012345678901234567",
            "data": data,
        },
    }


def _person(person_id: int) -> Json:
    return {"id": person_id, "is_bot": False, "first_name": "Борис", "language_code": "ru"}


def _private(person_id: int) -> Json:
    return {"id": person_id, "type": "private", "first_name": "Борис"}
