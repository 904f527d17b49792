"""When the next call may be made: Telegram's pace, kept by all processes together.

A rate (of all chats together, or of one chat) is kept by GCRA: only the moment is remembered at
which the calls made so far are paid for. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

# The largest cost: an album of ten.
MAX_COST = 10
# Seconds Redis has to answer, and seconds this process keeps its own pace when it did not.
REDIS_TIMEOUT = 0.5
REDIS_PAUSE = 5.0


class Rate(NamedTuple):
    """`burst` calls at once, then one every `interval` seconds."""

    key: str
    interval: float
    burst: int


def reserve(chat_id: int, *, group: bool, cost: int = 1, patience: float = 0.0) -> float:
    """Take `cost` calls to a chat (an album costs one a file), or learn how long to wait.

    Gives seconds. Up to `patience`: granted, by the common rate and the chat's own together, for
    the moment after so many of them. More: nothing was taken, and asking again is worth it then.
    """
    rates = (_rate("overall", "overall"), _rate(f"chat:{chat_id}", "group" if group else "private"))
    shared = _shared_pace(settings.REDIS_URL) if settings.REDIS_URL else None
    wait = shared.reserve(rates, cost, patience) if shared else None
    return _own_pace.reserve(rates, cost, patience) if wait is None else wait


def _rate(name: str, kind: str) -> Rate:
    count, period, burst = settings.TELEGRAM_PACE[kind]
    return Rate(f"pace:{name}", period / count, burst)


class OwnPace:
    """The pace of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._paid_at: dict[str, float] = {}

    def reserve(self, rates: Sequence[Rate], cost: int, patience: float = 0.0) -> float:
        """As the module's `reserve`."""
        with self._lock:
            now = self._clock()
            call_at = max(now, *(self._due_at(rate, cost) for rate in rates))
            if call_at - now > patience:
                return call_at - now
            for rate in rates:
                self._paid_at[rate.key] = max(self._paid(rate), call_at) + cost * rate.interval
            return call_at - now

    def _due_at(self, rate: Rate, cost: int) -> float:
        # What is larger than the burst needs a rest before it too.
        return self._paid(rate) + (cost - rate.burst) * rate.interval

    def _paid(self, rate: Rate) -> float:
        return self._paid_at.get(rate.key, -math.inf)


# The same as OwnPace.reserve, by Redis' own clock: those of the workers may differ. A rate is
# forgotten when it has been idle long enough for the largest cost. A microsecond is nothing.
_LUA = f"""
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local cost, patience = tonumber(ARGV[1]), tonumber(ARGV[2])
local paid, wait = {{}}, 0
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  paid[i] = tonumber(redis.call('GET', key) or 0)
  wait = math.max(wait, paid[i] + (cost - burst) * interval - now)
end
if wait < 0.000001 then
  wait = 0
end
if wait > patience then
  return string.format('%.6f', wait)
end
for i, key in ipairs(KEYS) do
  local interval = tonumber(ARGV[2 * i + 1])
  local paid_at = math.max(paid[i], now + wait) + cost * interval
  local idle_at = paid_at + {MAX_COST} * interval
  redis.call('SET', key, string.format('%.6f', paid_at), 'PX', math.ceil((idle_at - now) * 1000))
end
return string.format('%.6f', wait)
"""


class SharedPace:
    """The pace of all processes, in Redis."""

    def __init__(self, url: str) -> None:
        # One retry, at once: a connection that idled until the server closed it is no outage.
        client = redis.Redis.from_url(
            url,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
            retry=Retry(NoBackoff(), 1),
        )
        self._script = client.register_script(_LUA)
        self._silent_until = 0.0

    def reserve(self, rates: Sequence[Rate], cost: int, patience: float = 0.0) -> float | None:
        """As the module's `reserve`; None while Redis does not answer."""
        if time.monotonic() < self._silent_until:
            return None
        numbers = [value for rate in rates for value in (rate.interval, rate.burst)]
        try:
            keys = [rate.key for rate in rates]
            wait = float(self._script(keys=keys, args=[cost, patience, *numbers]))
        except redis.RedisError as exc:
            if not self._silent_until:
                logger.warning("redis does not answer, each process paces alone: %r", exc)
            self._silent_until = time.monotonic() + REDIS_PAUSE
            return None
        self._silent_until = 0.0
        return wait


_own_pace = OwnPace()
_shared_pace = cache(SharedPace)
