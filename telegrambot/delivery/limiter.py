"""When the next call may be made: Telegram's pace, kept by all processes together.

A rate (of all chats together, or of one chat) is kept by GCRA: only the moment is remembered at
which the calls made so far are paid for. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

logger = logging.getLogger(__name__)

# The largest cost, an album of ten, and the longest patience in seconds. What both can book ahead
# bounds every wait: a longer one is of a clock that was set back, and is forgotten.
MAX_COST = 10
MAX_PATIENCE = 5.0
# So many different chats refused within so many seconds: Telegram means the bot, and no chat.
CROWD = 3
MOMENT = 2.0
# Seconds Redis has to answer, and seconds this process keeps its own pace when it did not.
REDIS_TIMEOUT = 0.5
REDIS_PAUSE = 5.0

# One hash tag, one slot: a cluster runs no script on keys of several.
_PAUSE, _REFUSED = "{pace}:pause", "{pace}:refused"


class Rate(NamedTuple):
    """`burst` calls at once, then one every `interval` seconds."""

    key: str
    interval: float
    burst: int

    @property
    def longest(self) -> float:
        """Seconds ahead of now at which what has been booked is paid for at the latest."""
        return MAX_PATIENCE + max(MAX_COST, self.burst) * self.interval


@dataclass(frozen=True)
class Go:
    """The turn is booked: call in `after` seconds, 0 is now."""

    after: float


@dataclass(frozen=True)
class AskAgain:
    """Nothing is booked: to ask again is worth it in `after` seconds."""

    after: float


Turn = Go | AskAgain


def reserve(chat_id: int, *, group: bool, cost: int = 1, patience: float = 0.0) -> Turn:
    """Take `cost` calls to a chat (an album costs one a file), by its own rate and the common one.

    The common turn may lie up to `patience` seconds (at most MAX_PATIENCE) ahead. None is booked
    for a chat whose own rate is not ready by then: it would go unused, and all others wait for it.
    """
    common = _rate("overall", "overall")
    own = _rate(f"chat:{chat_id}", "group" if group else "private")
    patience = min(patience, MAX_PATIENCE)
    shared = _shared_pace(settings.REDIS_URL) if settings.REDIS_URL else None
    turn = shared.reserve(common, own, cost, patience) if shared else None
    return turn or _own_pace.reserve(common, own, cost, patience)


def wait(chat_id: int, *, group: bool, cost: int = 1, patience: float) -> float:
    """Sleep until the chat's turn has come; gives 0 then.

    If that takes more than `patience` seconds, gives those after which to ask again is worth it.
    """
    while True:
        turn = reserve(chat_id, group=group, cost=cost, patience=patience)
        if turn.after > patience:
            return turn.after
        time.sleep(turn.after)
        if isinstance(turn, Go):
            return 0.0
        patience -= turn.after


def refused(chat_id: int, seconds: int) -> None:
    """Telegram has refused a call to this chat for so long, which the caller keeps for the chat.

    When CROWD different chats are refused within a MOMENT, nobody is granted a turn for the
    shortest of their waits: else each chat would learn it by a call of its own into the flood.
    """
    shared = _shared_pace(settings.REDIS_URL) if settings.REDIS_URL else None
    if not (shared and shared.refused(chat_id, seconds)):
        _own_pace.refused(chat_id, seconds)


def _rate(name: str, kind: str) -> Rate:
    count, period, burst = settings.TELEGRAM_PACE[kind]
    return Rate(f"{{pace}}:{name}", period / count, burst)


class OwnPace:
    """The pace of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._paid_at: dict[str, float] = {}
        self._paused_until = -math.inf
        # Of the moment that began with the first of them: chat → seconds.
        self._refused: dict[int, int] = {}
        self._moment_ends = -math.inf

    def reserve(self, common: Rate, own: Rate, cost: int, patience: float = 0.0) -> Turn:
        """As the module's `reserve`."""
        with self._lock:
            now = self._clock()
            if self._paused_until > now:
                return AskAgain(self._paused_until - now)
            wait = max(0.0, self._due_at(common, cost) - now)
            own_wait = self._due_at(own, cost) - now
            if own_wait > wait or wait > patience:
                return AskAgain(max(wait, own_wait))
            for rate in (common, own):
                self._paid_at[rate.key] = max(self._paid(rate), now + wait) + cost * rate.interval
            return Go(wait)

    def refused(self, chat_id: int, seconds: int) -> None:
        """As the module's `refused`."""
        with self._lock:
            now = self._clock()
            if now >= self._moment_ends:
                self._refused, self._moment_ends = {}, now + MOMENT
            self._refused[chat_id] = seconds
            if len(self._refused) >= CROWD:
                pause = min(self._refused.values())
                self._paused_until = max(self._paused_until, now + pause)
                self._moment_ends = now
                logger.warning("the whole bot is refused: no call for %s s", pause)

    def _due_at(self, rate: Rate, cost: int) -> float:
        # What is larger than the burst needs a rest before it too.
        return self._paid(rate) + (cost - rate.burst) * rate.interval

    def _paid(self, rate: Rate) -> float:
        return self._paid_at.get(rate.key, -math.inf)


# The same as OwnPace.reserve, by Redis' own clock: those of the workers may differ, and this one
# may be set. A rate is forgotten when it has been idle long enough for the largest cost, or claims
# more than could be booked. A microsecond is nothing. Gives "go" or "ask", and the seconds.
_RESERVE = f"""
local paused, left = tonumber(redis.call('GET', KEYS[3]) or 0), redis.call('PTTL', KEYS[3])
if left > 0 and left <= paused then
  return {{'ask', string.format('%.3f', left / 1000)}}
end
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local cost, patience = tonumber(ARGV[1]), tonumber(ARGV[2])
local intervals, paid, waits = {{}}, {{}}, {{}}
for i = 1, 2 do
  local interval, burst = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local paid_at = tonumber(redis.call('GET', KEYS[i]) or 0)
  if paid_at - now > tonumber(ARGV[3 * i + 2]) then
    paid_at = 0
  end
  intervals[i], paid[i] = interval, paid_at
  waits[i] = paid_at + (cost - burst) * interval - now
  if waits[i] < 0.000001 then
    waits[i] = 0
  end
end
if waits[2] > waits[1] or waits[1] > patience then
  return {{'ask', string.format('%.6f', math.max(waits[1], waits[2]))}}
end
for i = 1, 2 do
  local paid_at = math.max(paid[i], now + waits[1]) + cost * intervals[i]
  local idle_at = paid_at + {MAX_COST} * intervals[i]
  local milliseconds = math.ceil((idle_at - now) * 1000)
  redis.call('SET', KEYS[i], string.format('%.6f', paid_at), 'PX', milliseconds)
end
return {{'go', string.format('%.6f', waits[1])}}
"""

# The same as OwnPace.refused. Gives the seconds of a pause that begins now, else 0.
_REFUSE = f"""
local pause, refused = KEYS[1], KEYS[2]
if redis.call('HSET', refused, ARGV[1], ARGV[2]) == 1 and redis.call('HLEN', refused) == 1 then
  redis.call('PEXPIRE', refused, {round(MOMENT * 1000)})
end
if redis.call('HLEN', refused) < {CROWD} then
  return 0
end
local shortest = math.huge
for _, seconds in ipairs(redis.call('HVALS', refused)) do
  shortest = math.min(shortest, tonumber(seconds))
end
redis.call('DEL', refused)
local milliseconds = shortest * 1000
local paused, left = tonumber(redis.call('GET', pause) or 0), redis.call('PTTL', pause)
if left < milliseconds or left > paused then
  redis.call('SET', pause, milliseconds, 'PX', milliseconds)
end
return shortest
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
        self._reserve = client.register_script(_RESERVE)
        self._refuse = client.register_script(_REFUSE)
        self._silent_until = 0.0

    def reserve(self, common: Rate, own: Rate, cost: int, patience: float = 0.0) -> Turn | None:
        """As the module's `reserve`; None while Redis does not answer."""
        rates = [(rate.interval, rate.burst, rate.longest) for rate in (common, own)]
        args = [cost, patience, *(value for rate in rates for value in rate)]
        answer = self._ask(self._reserve, [common.key, own.key, _PAUSE], args)
        if answer is None:
            return None
        verdict, seconds = answer
        return (Go if verdict == b"go" else AskAgain)(float(seconds))

    def refused(self, chat_id: int, seconds: int) -> bool:
        """As the module's `refused`; false while Redis does not answer."""
        pause = self._ask(self._refuse, [_PAUSE, _REFUSED], [chat_id, seconds])
        if pause:
            logger.warning("the whole bot is refused: no call for %s s", pause)
        return pause is not None

    def _ask(self, script: Script, keys: list[str], args: list[float]) -> Any:
        """What the script gives; None while Redis does not answer."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            answer = script(keys=keys, args=args)
        except redis.RedisError as exc:
            if not self._silent_until:
                logger.warning("redis does not answer, each process paces alone: %r", exc)
            self._silent_until = time.monotonic() + REDIS_PAUSE
            return None
        self._silent_until = 0.0
        return answer


_own_pace = OwnPace()
_shared_pace = cache(SharedPace)
