"""Presses and inline queries that wait for the bot's answer, and Telegram's cache of results."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError, bad_request

Answer = dict[str, Any]


def new_query_id() -> str:
    return str(secrets.randbits(62) + (1 << 61))


@dataclass(slots=True)
class Query:
    """Something a person asked of the bot, answered at most once.

    Of a press ``chat_id`` and ``message_id`` say where; the latter is 0 for a message that is none
    of the chat's, or ephemeral.
    """

    id: str
    person_id: int
    expires_at: float
    text: str = ""
    offset: str = ""
    chat_id: int = 0
    message_id: int = 0
    asked_at: float = field(default_factory=time.time)
    answer: asyncio.Future[Answer] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


@dataclass(slots=True)
class _Cached:
    answer: Answer
    expires_at: float


@dataclass(slots=True)
class Queries:
    open: dict[str, Query] = field(default_factory=dict)
    pressed: dict[str, Query] = field(default_factory=dict)  # also those that are answered
    answers: dict[str, Answer] = field(default_factory=dict)  # inline query id → its results
    _cache: dict[tuple[int, str, str], _Cached] = field(default_factory=dict)

    def ask(self, person_id: int, lifetime: float, text: str = "", offset: str = "") -> Query:
        query = Query(new_query_id(), person_id, time.time() + lifetime, text, offset)
        self.open[query.id] = query
        return query

    def press(self, person_id: int, lifetime: float, chat_id: int, message_id: int) -> Query:
        now = time.time()
        self.pressed = {key: old for key, old in self.pressed.items() if old.expires_at > now}
        query = self.ask(person_id, lifetime)
        query.chat_id, query.message_id = chat_id, message_id
        self.pressed[query.id] = query
        return query

    def pressed_within(self, query_id: str, seconds: float) -> Query:
        """A press of the last ``seconds``, whether it was answered or not.

        :raises ApiError: 400 when there was none.
        """
        query = self.pressed.get(query_id)
        if query is None or time.time() - query.asked_at > seconds:
            raise too_old()
        return query

    def take(self, query_id: str) -> Query:
        """The query to answer now; it cannot be answered again.

        :raises ApiError: 400 when it is unknown, answered or too old.
        """
        query = self.open.pop(query_id, None)
        if query is None or query.expires_at < time.time():
            raise too_old()
        return query

    def remember(self, query: Query, answer: Answer, cache_time: int, is_personal: bool) -> None:
        """Keep inline results: for everybody unless personal, for ``cache_time`` seconds."""
        self.answers[query.id] = answer
        owner = query.person_id if is_personal else 0
        until = time.time() + cache_time
        self._cache[owner, query.text, query.offset] = _Cached(answer, until)

    def cached(self, person_id: int, text: str, offset: str) -> Answer | None:
        for owner in (person_id, 0):
            found = self._cache.get((owner, text, offset))
            if found and found.expires_at > time.time():
                return found.answer
        return None

    def latest(self, person_id: int, text: str) -> Answer | None:
        """The results last shown for a text, even if the cache has expired."""
        for owner in (person_id, 0):
            if found := self._cache.get((owner, text, "")):
                return found.answer
        return None

    def clear(self) -> None:
        self.open.clear()
        self.pressed.clear()
        self.answers.clear()
        self._cache.clear()


def too_old() -> ApiError:
    return bad_request("query is too old and response timeout expired or query ID is invalid")


async def answer_of(query: Query, seconds: float) -> Answer | None:
    """What the bot answers within ``seconds``; ``None`` for silence."""
    try:
        return await asyncio.wait_for(asyncio.shield(query.answer), seconds)
    except TimeoutError:
        return None
