"""The processes of a run, started as `Dockerfile` and `docker-compose.yml` start them."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import environment
from demo import children

GUNICORN = (
    "gunicorn", "config.wsgi", "--worker-class=gthread", "--workers=2", "--threads=8",
    "--keep-alive=75", "--worker-tmp-dir=/dev/shm", "--access-logfile=-",
)  # fmt: skip
WORKER = (
    "celery", "--app=config", "worker", "--pool=threads", "--concurrency=32", "--loglevel=INFO",
)  # fmt: skip
BEAT = ("celery", "--app=config", "beat", "--loglevel=INFO")
# Telegram's own answer takes about as long.
LATENCY_MS = 20
START_SECONDS = 30.0
STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Running:
    child: children.Child
    pid_file: Path
    port: int = 0

    def memory(self) -> list[float]:
        """Resident megabytes of the process, or of its children when it only minds those."""
        pid = int(self.pid_file.read_text())
        listed = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid=,rss="], text=True)
        rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
        minded = [rss for _pid, parent, rss in rows if parent == pid]
        own = [rss for listed_pid, _parent, rss in rows if listed_pid == pid]
        return [rss / 1024 for rss in minded or own]


@dataclass
class Services:
    """Each is started when it is first asked for, and all are stopped at the end."""

    folder: Path
    _children: list[children.Child] = field(default_factory=list)

    @cached_property
    def baseline(self) -> Running:
        return self._gunicorn(
            "baseline", {"DJANGO_SETTINGS_MODULE": "benchmarks.baseline.settings"}
        )

    @cached_property
    def bare(self) -> Running:
        return self._gunicorn(
            "bare",
            {"DJANGO_SETTINGS_MODULE": "benchmarks.baseline.bare"},
            "--config=python:benchmarks.baseline.gunicorn_of_bare",
        )

    @cached_property
    def web(self) -> Running:
        return self._gunicorn("web", {})

    @cached_property
    def sandbox(self) -> Running:
        port = urlsplit(os.environ["TELEGRAM_API_URL"]).port or 0
        command = (
            "sandbox", f"--port={port}", f"--token={environment.TOKEN}", "--local", "--quiet",
            f"--latency-ms={LATENCY_MS}",
        )  # fmt: skip
        return self._listening("sandbox", command, port)

    @cached_property
    def worker(self) -> Running:
        """The worker, and the beat that makes it sweep."""
        worker = self._start("worker", (*WORKER, f"--pidfile={self._pid_file('worker')}"))
        log = self._log("worker")
        worker.child.wait_until(lambda: b" ready." in log.read_bytes(), START_SECONDS)
        schedule = f"--schedule={self.folder / 'beat-schedule'}"
        self._start("beat", (*BEAT, schedule, f"--pidfile={self._pid_file('beat')}"))
        return worker

    def stop(self) -> None:
        children.stop(self._children, STOP_SECONDS)

    def _gunicorn(self, name: str, variables: Mapping[str, str], *more: str) -> Running:
        port = environment.free_port()
        own = (f"--bind=127.0.0.1:{port}", f"--pid={self._pid_file(name)}", *more)
        return self._listening(name, (*GUNICORN, *own), port, variables)

    def _listening(
        self, name: str, command: tuple[str, ...], port: int, variables: Mapping[str, str] = {}
    ) -> Running:
        running = self._start(name, command, port, variables)
        running.child.wait_until(lambda: _answers(port), START_SECONDS)
        return running

    def _start(
        self,
        name: str,
        command: tuple[str, ...],
        port: int = 0,
        variables: Mapping[str, str] = {},
    ) -> Running:
        child = children.Child(
            name,
            [sys.executable, "-m", *command],
            self._log(name),
            {**os.environ, **variables},
            environment.ROOT,
        )
        self._children.append(child)
        return Running(child, self._pid_file(name), port)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _pid_file(self, name: str) -> Path:
        return self.folder / f"{name}.pid"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
