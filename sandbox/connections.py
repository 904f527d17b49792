"""The connections to a webhook: few at first and after an outage, then more and more.

``WebhookActor::create_new_connections`` of tdlib/telegram-bot-api: ten new ones in half a second
while deliveries succeed; a single one, and a new one in two seconds at most, when there was no
success for ten seconds. What is open is used before a new one is made.
"""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field

from .settings import WebhookTimes

IDLE_SECONDS = 60.0  # after which Telegram closes a connection
BURST = 10
BURST_SECONDS = 0.5
_LOOK_AGAIN = 0.05  # seconds; another connection may have come free meanwhile


@dataclass(slots=True)
class Connections:
    most: int
    times: WebhookTimes
    _busy: int = 0
    _idle: deque[float] = field(default_factory=deque)  # since when
    _made: deque[float] = field(default_factory=lambda: deque(maxlen=BURST))
    _last_success: float = float("-inf")
    _freed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self) -> None:
        """Wait for a connection that is free, or may be made."""
        while not self._try():
            self._freed.clear()
            try:
                await asyncio.wait_for(self._freed.wait(), _LOOK_AGAIN)
            except TimeoutError:
                continue

    def give(self, *, ok: bool, alive: bool) -> None:
        """Hand a connection back after a delivery; ``alive`` unless it broke."""
        now = time.monotonic()
        self._busy -= 1
        if alive:
            self._idle.append(now)
        if ok:
            self._last_success = now
        self._freed.set()

    def _try(self) -> bool:
        now = time.monotonic()
        while self._idle and self._idle[0] + IDLE_SECONDS < now:
            self._idle.popleft()
        if self._idle:
            self._idle.pop()
        elif self._may_make_one(now):
            self._made.append(now)
        else:
            return False
        self._busy += 1
        return True

    def _may_make_one(self, now: float) -> bool:
        if self._last_success + self.times.stale_after < now:
            lately = self._made[-1] + self.times.new_connection if self._made else now
            return not self._busy and lately <= now
        full = len(self._made) == BURST and self._made[0] + BURST_SECONDS > now
        return self._busy < self.most and not full
