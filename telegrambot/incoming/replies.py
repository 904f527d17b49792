"""What a handler answers: one Bot API method, which travels in the webhook's response."""

from dataclasses import dataclass, replace
from typing import Any

from telegrambot.content.markup import TOAST_LIMIT, shortened
from telegrambot.incoming.updates import CallbackQuery, InlineQuery


@dataclass(frozen=True, slots=True)
class Reply:
    """`then` is called after it, if all goes well; losing it must do no harm."""

    method: str
    params: dict[str, Any]
    then: "Reply | None" = None

    def as_body(self) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#making-requests-when-getting-updates"""
        return {"method": self.method, **self.params}


def toast(query: CallbackQuery, text: object, *, alert: bool = False) -> Reply:
    """The answer to a press, shown over the chat; an alert has to be closed."""
    said = {"callback_query_id": query.id, "text": shortened(str(text), TOAST_LIMIT)}
    return Reply("answerCallbackQuery", {**said, "show_alert": True} if alert else said)


def send(chat_id: int, text: str, keyboard: dict[str, Any] | None = None) -> Reply:
    """A message of its own, in Telegram's HTML: it is never changed afterwards."""
    markup = {"reply_markup": keyboard} if keyboard else {}
    return Reply("sendMessage", {"chat_id": chat_id, "text": text, "parse_mode": "HTML", **markup})


def instead(query: CallbackQuery, message: Reply, text: object = "") -> Reply:
    """Answer the press, and then have the message under the button become this one.

    The answer stops the button's waiting, so it comes first.
    """
    edit = Reply("editMessageText", {**message.params, "message_id": query.message_id})
    return replace(toast(query, text), then=edit if query.message_id else message)


def beside(query: CallbackQuery, message: Reply) -> Reply:
    """Answer the press, and send this message too."""
    return replace(toast(query, ""), then=message)


def no_results(query: InlineQuery) -> Reply:
    # Telegram would otherwise keep the answer for five minutes, and for everyone.
    fresh = {"cache_time": 0, "is_personal": True}
    return Reply("answerInlineQuery", {"inline_query_id": query.id, "results": [], **fresh})
