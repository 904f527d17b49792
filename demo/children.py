"""Processes that live and die together: each in its own group, its output in its own file."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

POLL_SECONDS = 0.1
LAST_LINES = 15


class ChildDied(Exception):
    """A child ended by itself, or did not become ready; the text shows its last lines."""


class Child:
    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str],
        cwd: Path,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self._log = log
        with log.open("wb") as output:
            # A session of its own, so that Ctrl-C reaches only us and we stop it in order.
            self._process = subprocess.Popen(  # noqa: S603
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=env,
                cwd=cwd,
                start_new_session=True,
                pass_fds=pass_fds,
            )

    @property
    def pid(self) -> int:
        """Also of its session."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Raises `ChildDied` when it ends, or when the seconds do, before it is ready."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if not self.is_alive:
                raise ChildDied(self.epitaph(f"ended with code {self._process.returncode}"))
            if time.monotonic() > deadline:
                raise ChildDied(self.epitaph(f"is not ready after {seconds:.0f} s"))
            time.sleep(POLL_SECONDS)

    def has_said(self, text: str) -> bool:
        return text in self._log.read_text(errors="replace")

    def wait_for_end(self, seconds: float) -> None:
        """Of one that was told to. Raises `subprocess.TimeoutExpired`."""
        self._process.wait(seconds)

    def finish(self, seconds: float) -> None:
        """Wait for a child that has one thing to do. Raises `ChildDied` when it failed."""
        self.wait_until(lambda: self._process.poll() == 0, seconds)

    def epitaph(self, what: str) -> str:
        lines = self._log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join([f"{self.name} {what}. Its last lines, from {self._log}:", *lines])

    def signal(self, number: signal.Signals) -> None:
        try:
            os.killpg(self._process.pid, number)
        except ProcessLookupError:
            return

    def kill(self) -> None:
        """Even when it is dead: its own children may have stayed behind."""
        self.signal(signal.SIGKILL)
        self._process.wait()


def watch(children: Sequence[Child]) -> None:
    """Return never; raises `ChildDied` as soon as one of them has ended."""
    while True:
        for child in children:
            if not child.is_alive:
                raise ChildDied(child.epitaph("has ended"))
        time.sleep(POLL_SECONDS)


def stop(children: Sequence[Child], grace_seconds: float) -> None:
    """The youngest first, each asked to end and, when the grace is over, ended."""
    for child in reversed(children):
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace_seconds
    while any(child.is_alive for child in children) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for child in children:
        child.kill()
