"""The web rings and goes on; the worker hears of it, and not too often."""

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
import redis
from celery import current_app
from django.conf import LazySettings
from kombu.exceptions import OperationalError

from telegrambot import doorbell
from tests.silence import Relay, silent_redis

SECONDS = 10
# Rings at a broker that nobody serves: who complains of it, and what.
RING_IN_VAIN = f"""
import logging, time
import config.celery
from telegrambot import doorbell
complaints = []
handler = logging.Handler()
handler.emit = complaints.append
logging.getLogger("telegrambot.doorbell").addHandler(handler)
deadline = time.monotonic() + {SECONDS}
doorbell.ring()
while not complaints and time.monotonic() < deadline:
    time.sleep(0.01)
print(*[(complaint.threadName, complaint.getMessage()) for complaint in complaints])
"""

# Rings at a silent broker: how long the ring takes, and the complaint.
RING_INTO_SILENCE = (
    RING_IN_VAIN.replace("doorbell.ring()", "began = time.monotonic(); doorbell.ring()").replace(
        "while not", "rung = time.monotonic()\nwhile not"
    )
    + "print(rung - began, time.monotonic() - began)"
)

# Rings where no one else could hear it, and says which threads there are then.
RING_ALONE = """
import threading
import config.celery
from telegrambot import doorbell
doorbell.ring()
print(*(thread.name for thread in threading.enumerate()))
"""


@pytest.fixture
def broker(settings: LazySettings) -> Iterator[redis.Redis]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete("celery")
    yield client
    client.delete("celery")
    client.close()


def heard(broker: redis.Redis) -> list[str]:
    messages = broker.lrange("celery", 0, -1)
    assert isinstance(messages, list)
    return [json.loads(message)["headers"]["task"] for message in messages]


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def test_a_ring_calls_the_projection(broker: redis.Redis) -> None:
    doorbell.ring()
    until(lambda: heard(broker) == ["telegrambot.tasks.project"])


def test_each_ring_is_followed_by_a_call(broker: redis.Redis) -> None:
    for count in range(1, 6):
        doorbell.ring()
        until(lambda count=count: len(heard(broker)) == count)  # type: ignore[misc]


def test_rings_without_end_are_few_calls(broker: redis.Redis) -> None:
    started = time.perf_counter()
    while time.perf_counter() < started + 0.5:
        doorbell.ring()
    calls = len(heard(broker))
    assert 1 <= calls <= 2 + (time.perf_counter() - started) / doorbell.PAUSE


def ring_and_wait(url: str, before: int) -> None:
    doorbell.ring()
    client = redis.Redis.from_url(url)
    until(lambda: client.llen("celery") > before)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_rings_too(broker: redis.Redis, settings: LazySettings) -> None:
    doorbell.ring()
    until(lambda: len(heard(broker)) == 1)
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=ring_and_wait, args=(settings.REDIS_URL, 1), daemon=True)
    # As if another thread were just starting the bell.
    with doorbell._lock:
        child.start()
    child.join(SECONDS)
    assert child.exitcode == 0
    assert len(heard(broker)) == 2


def test_a_broker_that_is_down_is_a_warning_and_delays_nobody() -> None:
    nowhere = {"REDIS_URL": "redis://127.0.0.1:1/0", "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", RING_IN_VAIN]
    out = subprocess.check_output(command, env=os.environ | nowhere, text=True, timeout=60)
    # It is the bell's own thread that meets the broker, so who rings never waits for it.
    assert "('doorbell', 'the doorbell was not heard" in out


def test_a_silent_broker_delays_nobody_and_is_given_up(settings: LazySettings) -> None:
    with silent_redis() as url:
        silence = {"REDIS_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-c", RING_INTO_SILENCE]
        out = subprocess.check_output(command, env=os.environ | silence, text=True, timeout=60)
    complaint, times = out.splitlines()
    assert "the doorbell was not heard" in complaint
    ring, given_up = map(float, times.split())
    assert ring < 1.0
    assert given_up < settings.BROKER_TIMEOUT + 2


def test_a_broker_that_falls_silent_is_given_up(
    broker: redis.Redis, settings: LazySettings
) -> None:
    """The connection is there, and nobody has hung up."""
    with Relay(settings.REDIS_URL) as relay, current_app.connection_for_write(relay.url) as line:
        current_app.send_task(doorbell.TASK, connection=line)
        # The bell of an earlier test may still have rung.
        assert doorbell.TASK in heard(broker)
        relay.silence()
        began = time.monotonic()
        with pytest.raises(OperationalError):
            current_app.send_task(doorbell.TASK, connection=line)
        assert time.monotonic() - began < settings.BROKER_TIMEOUT + 1


def test_without_redis_nothing_is_sent_into_the_void() -> None:
    alone = {"REDIS_URL": "", "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", RING_ALONE]
    out = subprocess.check_output(command, env=os.environ | alone, text=True, timeout=60)
    assert out.split() == ["MainThread"]
