import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from demo.children import Child, ChildDied, stop, watch

SLEEP = "import time; time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); {SLEEP}"
LOCKER = f"import fcntl; file = open('lock', 'w'); fcntl.flock(file, fcntl.LOCK_EX); {SLEEP}"


class Nursery:
    def __init__(self, folder: Path) -> None:
        self.children: list[Child] = []
        self._folder = folder

    def start(self, program: str, name: str = "child") -> Child:
        command = [sys.executable, "-u", "-c", program]
        child = Child(name, command, self._folder / f"{name}.log", dict(os.environ), self._folder)
        self.children.append(child)
        return child


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    nursery = Nursery(tmp_path)
    yield nursery
    stop(nursery.children, 0)


def is_free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_child_that_ends_is_told_with_its_last_lines(nursery: Nursery) -> None:
    nursery.start(SLEEP, "web")
    nursery.start("print('first'); raise SystemExit('no broker')", "worker")
    with pytest.raises(ChildDied) as death:
        watch(nursery.children)
    assert str(death.value).startswith("worker has ended")
    assert str(death.value).endswith("first\nno broker")


def test_a_job_that_fails_is_told_and_one_that_succeeds_is_not(nursery: Nursery) -> None:
    nursery.start("pass", "good").finish(30)
    with pytest.raises(ChildDied, match="bad ended with code 3"):
        nursery.start("raise SystemExit(3)", "bad").finish(30)


def test_a_child_that_is_never_ready_is_told(nursery: Nursery) -> None:
    with pytest.raises(ChildDied, match="is not ready after 0 s"):
        nursery.start(SLEEP).wait_until(lambda: False, 0.2)


def test_a_child_that_ignores_the_request_to_end_is_ended(nursery: Nursery) -> None:
    child = nursery.start(STUBBORN)
    child.wait_until(lambda: child.has_said("up"), 30)
    stop([child], 0.3)
    assert not child.is_alive


def test_what_a_dead_child_has_started_is_ended_too(nursery: Nursery, tmp_path: Path) -> None:
    program = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {LOCKER!r}])"
    child = nursery.start(program)
    child.finish(30)
    with (tmp_path / "lock").open("a+") as lock:
        wait_until(lambda: not is_free(lock))
        stop([child], 0)
        wait_until(lambda: is_free(lock))
