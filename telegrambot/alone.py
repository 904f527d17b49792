"""One worker that does everything, where there is no broker: it and its beat are one process.

Nobody rings, so it looks for itself; its pace of sending is its own, so there is only one.
"""

import fcntl
import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import current_app
from celery.beat import Scheduler, Service
from django.conf import settings
from django.db import connection

# Chats that are worked for at once, slow ones, and room for the rest of the work.
THREADS = 32

# They tell of every look, of which there are two a second.
TALKATIVE = ("celery.beat", "celery.worker.strategy", "celery.app.trace")


class NotAlone(Exception):
    """Another worker is at work, or there is a broker to share the work by."""


def work() -> None:
    """Until the process is told to end. Raises `NotAlone`."""
    if settings.REDIS_URL:
        raise NotAlone("With REDIS_URL start `celery --app config worker` and `beat` instead.")
    with _only_one():
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
        # In a thread: another process would put its tasks into a memory of its own. What it would
        # keep on disk is only when each was last due.
        beat = Service(current_app, scheduler_cls=Scheduler)
        threading.Thread(target=beat.start, name="beat", daemon=True).start()
        try:
            current_app.Worker(pool="threads", concurrency=THREADS, loglevel="INFO").start()
        finally:
            beat.stop()


@contextmanager
def _only_one() -> Iterator[None]:
    """For this database."""
    database = "|".join(str(connection.settings_dict[name]) for name in ("HOST", "PORT", "NAME"))
    name = hashlib.sha256(database.encode()).hexdigest()[:12]
    lock = Path(settings.VAR_DIR) / f"worker-{name}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            # Given back by the system, however the process ends.
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise NotAlone(
                "Another worker is running: without REDIS_URL there is one. Stop it, or set "
                "REDIS_URL to share the work."
            ) from exc
        yield
