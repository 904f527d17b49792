"""The run's own surroundings, in the process environment: this process and its children read it."""

import os
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
# Made and dropped on the server of DATABASE_URL; emptied on the server of REDIS_URL.
DATABASE = "treasury_bench"
REDIS_NUMBER = 10
SECRET = "webhook-secret-of-the-benchmarks"
TOKEN = "123456789:AAbench-0123456789abcdefghijklmnopq"


def prepare() -> Path:
    """Set every variable before the settings load; gives the folder for logs and documents."""
    folder = Path(tempfile.mkdtemp(prefix="treasury-bench-"))
    os.environ.update(
        SECRET_KEY="benchmarks-" + "0123456789abcdef" * 4,
        DEBUG="false",
        PUBLIC_URL=f"http://127.0.0.1:{free_port()}",
        ALLOWED_HOSTS="127.0.0.1",
        LOG_LEVEL="INFO",
        LOG_FORMAT="text",
        MEDIA_ROOT=str(folder / "media"),
        DATABASE_URL=_other("DATABASE_URL", "postgres://postgres@127.0.0.1:5432", DATABASE),
        REDIS_URL=_other("REDIS_URL", "redis://127.0.0.1:6379", str(REDIS_NUMBER)),
        TELEGRAM_BOT_TOKEN=TOKEN,
        TELEGRAM_WEBHOOK_SECRET=SECRET,
        TELEGRAM_WEBHOOK_URL="",
        TELEGRAM_SUBNETS="",
        TELEGRAM_API_URL=f"http://127.0.0.1:{free_port()}",
        TELEGRAM_PROXY_URL="",
        TELEGRAM_CERTIFICATE="",
        SENTRY_DSN="",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    return folder


def _other(name: str, usual: str, path: str) -> str:
    """The server that the variable names, or the usual one, and there a database of our own."""
    return urlsplit(os.environ.get(name) or usual)._replace(path=f"/{path}").geturl()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
