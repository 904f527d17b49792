"""One worker that does everything, where there is no broker: it and its beat are one process.

Nobody rings, so it looks for itself; its pace of sending is its own, so there is only one.
"""

import fcntl
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import current_app
from celery.beat import Scheduler, Service
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

# Chats that are worked for at once, slow ones, and room for the rest of the work.
THREADS = 32

# Of the lock that the worker holds in PostgreSQL; its locks are each database's own.
KEY = int.from_bytes(b"treasury")
# Whether any session of this database holds it: such a key is told in halves.
_HELD = """
SELECT EXISTS (
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
    AND classid = %s::bigint::oid AND objid = %s::bigint::oid AND objsubid = 1
)
"""
# Seconds. A machine that has lost its power or its network is asked three times.
KEEPALIVE = {"tcp_keepalives_idle": 30, "tcp_keepalives_interval": 10, "tcp_keepalives_count": 3}

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


def is_at_work() -> bool:
    """Whether such a worker is, for this database."""
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(_HELD, [KEY >> 32, KEY & 0xFFFFFFFF])
            [is_held] = cursor.fetchone()
        return bool(is_held)
    # One that starts at this very moment would be refused: nothing else tells of such a lock.
    with _beside_file() as is_ours:
        return not is_ours


@contextmanager
def _only_one() -> Iterator[None]:
    """For this database, however its address is spelt and wherever the program lies.

    The lock is the database's own, and is given back however the process ends.
    """
    hold = _beside_file if connection.vendor == "sqlite" else _in_session
    with hold() as is_ours:
        if not is_ours:
            raise NotAlone(
                "Another worker is running: without REDIS_URL there is one. Stop it, or set "
                "REDIS_URL to share the work."
            )
        yield


@contextmanager
def _beside_file() -> Iterator[bool]:
    database = Path(connection.settings_dict["NAME"]).resolve()
    with database.with_name(f"{database.name}-worker.lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _in_session() -> Iterator[bool]:
    """The session is kept for nothing else, and lasts until the process or the server ends."""
    session = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with session.cursor() as cursor:
            for name, value in KEEPALIVE.items():
                cursor.execute("SELECT set_config(%s, %s, false)", [name, str(value)])
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
            [is_ours] = cursor.fetchone()
        yield is_ours
    finally:
        session.close()
