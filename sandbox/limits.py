"""Flood control: who may send how much, and when to try again."""

import asyncio
import math
import time
from collections import deque
from dataclasses import dataclass, field

from .errors import ApiError, too_many_requests
from .settings import Limits

WINDOW = 60.0  # seconds in which group messages are counted
UPLOAD_FREE_BYTES = 100_000
UPLOAD_QUEUE_SECONDS = 5.0
BOT = 0  # in place of a chat: a flood of the whole bot
MAX_FLOOD = 24 * 60 * 60.0  # seconds


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class _Flood:
    """The bot was told to wait until then, ``seconds`` long the last time."""

    until: float
    seconds: float


@dataclass(slots=True)
class FloodControl:
    """Counts messages and edits overall and a chat.

    The real limits are not published; these are the documented rates, applied strictly. A bot that
    calls before the end of a wait that it was told waits longer; a flood of the whole bot stops it
    in every chat.
    """

    limits: Limits
    _overall: deque[float] = field(default_factory=deque)
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _private: dict[int, _Bucket] = field(default_factory=dict)
    _floods: dict[int, _Flood] = field(default_factory=dict)

    async def admit(self, chat_id: int, cost: int = 1) -> None:
        """Take ``cost`` messages from the budgets, or none of them.

        The server holds a call back, silently, while all its waits together are no longer than
        ``hidden_wait``: see NetQueryDelayer.cpp of TDLib.

        :raises ApiError: 429 with the seconds after which all budgets suffice.
        """
        self._refuse_flooded(chat_id)
        held = 0.0
        while (wait := self._wait(chat_id, cost)) > 0:
            held += wait
            if held > self.limits.hidden_wait:
                place = BOT if self._overall_wait(cost) > 0 else chat_id
                raise self._told(place, wait)
            await asyncio.sleep(wait)
        self._spend(chat_id, cost)

    def start(self, chat_id: int, seconds: float) -> None:
        """Let a flood begin in a chat, or of the whole bot with :data:`BOT`."""
        self._floods[chat_id] = _Flood(time.monotonic() + seconds, seconds)

    def _refuse_flooded(self, chat_id: int) -> None:
        """:raises ApiError: 429, with a longer wait than the one that was not kept."""
        now = time.monotonic()
        for place in (BOT, chat_id):
            flood = self._floods.get(place)
            if flood and now < flood.until:
                grown = flood.seconds * self.limits.flood_growth
                raise self._told(place, max(flood.until - now, grown))
            self._floods.pop(place, None)

    def _told(self, place: int, wait: float) -> ApiError:
        wait = min(wait, MAX_FLOOD)
        self.start(place, wait)
        return too_many_requests(max(1, math.ceil(wait)))

    def _wait(self, chat_id: int, cost: int) -> float:
        return max(self._overall_wait(cost), self._chat_wait(chat_id, cost, time.monotonic()))

    def _overall_wait(self, cost: int) -> float:
        limit = self.limits.overall_per_second
        return _window_wait(self._overall, 1.0, limit, cost, time.monotonic())

    def _spend(self, chat_id: int, cost: int) -> None:
        now = time.monotonic()
        self._overall.extend([now] * cost)
        if chat_id > 0:
            self._private[chat_id].tokens -= cost
        else:
            self._groups[chat_id].extend([now] * cost)

    def _chat_wait(self, chat_id: int, cost: int, now: float) -> float:
        if chat_id < 0:
            window = self._groups.setdefault(chat_id, deque())
            return _window_wait(window, WINDOW, self.limits.group_per_minute, cost, now)
        burst, rate = self.limits.private_burst, self.limits.private_per_second
        bucket = self._private.setdefault(chat_id, _Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * rate)
        bucket.at = now
        # An album larger than the burst must not wait for ever: it leaves the bucket in debt.
        needed = min(cost, burst)
        return 0.0 if bucket.tokens >= needed else (needed - bucket.tokens) / max(rate, 1e-9)


def _window_wait(window: deque[float], seconds: float, limit: int, cost: int, now: float) -> float:
    """Seconds until ``cost`` more events fit into the sliding window."""
    while window and window[0] <= now - seconds:
        window.popleft()
    surplus = len(window) + min(cost, limit) - limit
    return 0.0 if surplus <= 0 else window[surplus - 1] + seconds - now


@dataclass(slots=True)
class UploadPacer:
    """Uploads of one byte size are spaced; see ``Client::on_cmd`` of the official server."""

    _last: dict[int, float] = field(default_factory=dict)

    def delay(self, size: int) -> float:
        """Seconds to hold an upload of ``size`` bytes back.

        :raises ApiError: 429 when more than five seconds of them are queued.
        """
        if size <= UPLOAD_FREE_BYTES:
            return 0.0
        now = time.monotonic()
        last = self._last.get(size, 0.0)
        if last > now + UPLOAD_QUEUE_SECONDS:
            raise too_many_requests(60)
        spacing = min(max(size * 1e-7, 0.2), 0.9)
        self._last[size] = max(last + spacing, now - 1.0)
        return max(0.0, self._last[size] - now)
