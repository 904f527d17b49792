"""The queue of updates, and the two ways out of it that exclude each other."""

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .errors import conflict
from .settings import WebhookTimes
from .versions import BotApi

UPDATE_TYPES = (
    "message", "edited_message", "channel_post", "edited_channel_post", "inline_query",
    "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query", "poll",
    "poll_answer", "my_chat_member", "chat_member", "chat_join_request", "chat_boost",
    "removed_chat_boost", "message_reaction", "message_reaction_count", "business_connection",
    "business_message", "edited_business_message", "deleted_business_messages",
    "purchased_paid_media", "managed_bot", "guest_message", "subscription",
    "stopped_message_generation", "widget_query", "shared_widget_query",
)  # fmt: skip
_LATER_TYPES = {
    "subscription": BotApi.V10_2,
    "stopped_message_generation": BotApi.V10_3,
    "widget_query": BotApi.V10_4,
    "shared_widget_query": BotApi.V10_4,
}
DEFAULT_TYPES = frozenset(UPDATE_TYPES) - {
    "chat_member",
    "message_reaction",
    "message_reaction_count",
}

Key = tuple[str, int]


@dataclass(slots=True, eq=False)
class Update:
    """``key`` names the lane: updates of one lane are delivered strictly one after another."""

    id: int
    key: Key
    body: dict[str, Any]
    expires_at: float
    attempts: int = 0


@dataclass(slots=True)
class UpdateQueue:
    times: WebhookTimes
    pending: dict[int, Update] = field(default_factory=dict)
    allowed: frozenset[str] = DEFAULT_TYPES
    on_added: Callable[[Update], None] = lambda update: None
    # Telegram's numbering starts anywhere, and anew after a week without updates.
    last_id: int = field(default_factory=lambda: 100_000_000 + secrets.randbelow(800_000_000))

    def add(self, kind: str, payload: dict[str, Any], key: Key) -> None:
        """Queue an update, unless its kind is not among ``allowed_updates``."""
        if kind not in self.allowed:
            return
        identifier = self.next_id()
        body = {"update_id": identifier, kind: payload}
        update = Update(identifier, key, body, time.time() + self.times.lifetime(kind))
        self.pending[identifier] = update
        self.on_added(update)

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def drop(self, identifier: int) -> None:
        self.pending.pop(identifier, None)

    def purge(self) -> None:
        """Forget what has outlived its expiry."""
        now = time.time()
        for update in [update for update in self.pending.values() if update.expires_at < now]:
            self.drop(update.id)

    def allow(self, names: Any, version: BotApi) -> None:
        """Apply ``allowed_updates``: absent keeps the set, no valid name restores the default.

        A name that a server of ``version`` does not know is no valid one.
        """
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            return
        later = {kind for kind, since in _LATER_TYPES.items() if version < since}
        known = set(UPDATE_TYPES) - later
        self.allowed = frozenset(map(str.lower, names)) & known or DEFAULT_TYPES

    def allowed_names(self) -> list[str] | None:
        """The set in Telegram's order; ``None`` for the default one."""
        if self.allowed == DEFAULT_TYPES:
            return None
        return [name for name in UPDATE_TYPES if name in self.allowed]


@dataclass(slots=True)
class Poller:
    """getUpdates: at most one request waits."""

    queue: UpdateQueue
    _waiting: asyncio.Future[None] | None = None

    async def get(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:
        """Updates from ``offset`` on, after waiting up to ``timeout`` seconds for the first.

        :raises ApiError: 409 when another request or setWebhook takes over.
        """
        self._confirm(offset)
        if not self.queue.pending and timeout:
            self.abort("terminated by other getUpdates request; "
                       "make sure that only one bot instance is running")  # fmt: skip
            await self._wait(timeout)
        self.queue.purge()
        return [update.body for update in list(self.queue.pending.values())[:limit]]

    def wake(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def abort(self, reason: str) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(conflict(reason))

    def _confirm(self, offset: int) -> None:
        self.queue.purge()
        ids = list(self.queue.pending)
        confirmed = ids[:offset] if offset < 0 else [i for i in ids if offset > 0 and i < offset]
        for identifier in confirmed:
            self.queue.drop(identifier)

    async def _wait(self, timeout: float) -> None:
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(waiting, timeout)
        except TimeoutError:
            return
        finally:
            if self._waiting is waiting:
                self._waiting = None
