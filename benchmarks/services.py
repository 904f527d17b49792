"""The processes of a run, started as `Dockerfile` and `docker-compose.yml` start them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import environment, front
from demo import children

GUNICORN = (
    "gunicorn", "config.wsgi", "--worker-class=gthread", "--workers=2", "--threads=8",
    "--keep-alive=75", "--worker-tmp-dir=/dev/shm", "--access-logfile=-",
)  # fmt: skip
WORKER = (
    "celery", "--app=config", "worker", "--pool=threads", "--concurrency=32", "--loglevel=INFO",
)  # fmt: skip
# As its unit has it.
NICE = ("nice", "-n", "5")
BEAT = ("celery", "--app=config", "beat", "--loglevel=INFO")
# Telegram's own answer takes about as long.
LATENCY_MS = 20
START_SECONDS = 30.0
STOP_SECONDS = 15.0
# What is under way is finished first.
DRAIN_SECONDS = 60.0
# Of those that share a socket.
WEBS = ("web-1", "web-2")


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
    def webs(self) -> dict[str, Running]:
        """Two that share a socket, as systemd has it."""
        return {name: self._web_at_socket(name) for name in WEBS}

    @cached_property
    def front(self) -> Running:
        """nginx before these two; it has to be installed."""
        assert self.webs
        port, web_port = environment.free_port(), self._socket.getsockname()[1]
        nginx = nginx_path()
        assert nginx
        path = front.configuration(self.folder, port, web_port)
        child = self._spawn("nginx", [nginx, "-e", "stderr", "-c", str(path)])
        child.wait_until(lambda: _answers(port), START_SECONDS)
        return Running(child, self._pid_file("nginx"), port)

    @cached_property
    def worker(self) -> Running:
        """The worker, and the beat that makes it sweep."""
        worker = self._new_worker()
        schedule = f"--schedule={self.folder / 'beat-schedule'}"
        self._start("beat", (*BEAT, schedule, f"--pidfile={self._pid_file('beat')}"))
        return worker

    def restart(self, name: str) -> None:
        """One of the webs, or the worker, as `systemctl restart` does."""
        if name == "worker":
            _end(self.worker)
            self.worker = self._new_worker()
        else:
            _end(self.webs[name])
            self.webs[name] = self._web_at_socket(name)

    def stop(self) -> None:
        children.stop(self._children, STOP_SECONDS)

    @cached_property
    def _socket(self) -> socket.socket:
        return socket.create_server(("127.0.0.1", 0), backlog=1024)

    def _web_at_socket(self, name: str) -> Running:
        fd = self._socket.fileno()
        command = (*GUNICORN, f"--bind=fd://{fd}", f"--pid={self._pid_file(name)}")
        running = self._start(name, command, pass_fds=[fd])
        log = self._log(name)
        # Then systemd is told.
        running.child.wait_until(lambda: b"Listening at" in log.read_bytes(), START_SECONDS)
        return running

    def _new_worker(self) -> Running:
        pid_file, log = self._pid_file("worker"), self._log("worker")
        command = [*NICE, sys.executable, "-m", *WORKER, f"--pidfile={pid_file}"]
        child = self._spawn("worker", command)
        child.wait_until(lambda: b" ready." in log.read_bytes(), START_SECONDS)
        return Running(child, pid_file)

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
        pass_fds: Sequence[int] = (),
    ) -> Running:
        child = self._spawn(name, [sys.executable, "-m", *command], variables, pass_fds)
        return Running(child, self._pid_file(name), port)

    def _spawn(
        self,
        name: str,
        command: Sequence[str],
        variables: Mapping[str, str] = {},
        pass_fds: Sequence[int] = (),
    ) -> children.Child:
        env = {**os.environ, **variables}
        child = children.Child(name, command, self._log(name), env, environment.ROOT, pass_fds)
        self._children.append(child)
        return child

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _pid_file(self, name: str) -> Path:
        return self.folder / f"{name}.pid"


def nginx_path() -> str | None:
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def _end(running: Running) -> None:
    """The main process alone is told."""
    os.kill(int(running.pid_file.read_text()), signal.SIGTERM)
    running.child.wait_for_end(DRAIN_SECONDS)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
