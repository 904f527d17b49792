"""A database for the run, and what it must hold at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg2
import redis
from django.core.management import call_command
from django.db import connection, connections

from benchmarks.environment import DATABASE
from telegrambot.models import Update
from treasury import proving
from treasury.models import ApprovalTask, Decision, Event

BASELINE_TABLE = """
    CREATE TABLE baseline_update (
        update_id bigint PRIMARY KEY,
        payload jsonb NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now()
    )
"""


@contextmanager
def fresh() -> Iterator[None]:
    """An empty, migrated database and an empty Redis; both are cleared away afterwards."""
    _drop()
    _on_server(f"CREATE DATABASE {DATABASE}")
    try:
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(BASELINE_TABLE)
        yield
    finally:
        connections.close_all()
        _drop()


def _drop() -> None:
    _on_server(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()


def _on_server(statement: str) -> None:
    server = urlsplit(os.environ["DATABASE_URL"])._replace(scheme="postgresql", path="/postgres")
    link = psycopg2.connect(server.geturl())
    link.autocommit = True
    with link.cursor() as cursor:
        cursor.execute(statement)
    link.close()


def check(presses: int, updates: int) -> dict[str, int]:
    """Every press made one decision and one journal entry, and every update is stored once.

    Raises AssertionError for anything that is too much, missing or broken.
    """
    counted = {
        "decisions": Decision.objects.count(),
        "decided tasks": ApprovalTask.objects.filter(status="decided").count(),
        "journal entries of decisions": Event.objects.filter(action="approve").count(),
        "updates": Update.objects.count(),
        "updates that failed": Update.objects.poisoned().count(),
        "broken journals": len(list(proving.faults())),
    }
    wanted = dict(zip(counted, (presses, presses, presses, updates, 0, 0), strict=True))
    if counted != wanted:
        raise AssertionError(f"the end state is wrong: {counted} instead of {wanted}")
    return counted
