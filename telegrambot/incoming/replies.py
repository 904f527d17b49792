"""What comes of an update: the answer to its query, and messages.

Only the answer travels in the webhook's response, where its loss costs nothing. What a person must
read goes by the lane of its place: paced, tried again, and seen when it fails.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegrambot.content.markup import TOAST_LIMIT, shortened
from telegrambot.incoming.updates import CallbackQuery, InlineQuery
from telegrambot.places import Place


@dataclass(frozen=True, slots=True)
class Answer:
    """A Bot API method that answers a query."""

    method: str
    params: dict[str, Any]

    def as_body(self) -> dict[str, Any]:
        """https://core.telegram.org/bots/api#making-requests-when-getting-updates"""
        return {"method": self.method, **self.params}


@dataclass(frozen=True, slots=True)
class Words:
    """A message in Telegram's HTML: a new one, or what that with the id becomes.

    Of those that were `asked` for in the same words only the newest is sent.
    """

    place: Place
    text: str
    keyboard: dict[str, Any] | None = None
    message_id: int | None = None
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    answer: Answer | None = None
    words: tuple[Words, ...] = ()


def toast(query: CallbackQuery, text: object, *, alert: bool = False) -> Reply:
    """The answer to a press, shown over the chat; an alert has to be closed."""
    said = {"callback_query_id": query.id, "text": shortened(str(text), TOAST_LIMIT)}
    return Reply(Answer("answerCallbackQuery", {**said, "show_alert": True} if alert else said))


def send(place: Place, text: str, keyboard: dict[str, Any] | None = None) -> Reply:
    """A message of its own, in Telegram's HTML."""
    return Reply(words=(Words(place, text, keyboard),))


def instead(query: CallbackQuery, message: Reply, text: object = "") -> Reply:
    """Answer the press, and have the message under the button become this one."""
    words = tuple(_under(query, said) for said in message.words)
    return replace(toast(query, text), words=words)


def _under(query: CallbackQuery, said: Words) -> Words:
    if query.place and query.ephemeral_id and said.place == query.own_place:
        # What he alone sees in a group is as good as his private chat.
        return replace(said, place=query.place, message_id=query.ephemeral_id)
    is_here = query.chat is not None and query.chat.id == said.place.chat_id
    return replace(said, message_id=query.message_id) if is_here else said


def beside(query: CallbackQuery, message: Reply) -> Reply:
    """Answer the press, and send this message too."""
    return replace(toast(query, ""), words=message.words)


def once(reply: Reply | None, asked: str) -> Reply | None:
    """Nothing was changed: whoever asks again before he is answered is told once."""
    if reply is None:
        return None
    return replace(reply, words=tuple(replace(said, asked=asked) for said in reply.words))


def together(replies: Iterable[Reply | None]) -> Reply:
    """All messages of these, of which none answers a query."""
    return Reply(words=tuple(said for reply in replies if reply for said in reply.words))


def results(
    query: InlineQuery, found: Sequence[dict[str, Any]], further: str = "", **more: Any
) -> Reply:
    """The answer to what is typed behind the bot's name; `further` is the offset of the next page.

    https://core.telegram.org/bots/api#answerinlinequery
    """
    # Telegram would otherwise keep the answer for five minutes, and for everyone.
    fresh = {"cache_time": 0, "is_personal": True}
    answer = {"inline_query_id": query.id, "results": [*found], "next_offset": further}
    return Reply(Answer("answerInlineQuery", {**answer, **fresh, **more}))
