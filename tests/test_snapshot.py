"""A database is taken back to what it was, or not at all."""

import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from tests import databases
from tests.snapshot import NO_TRIGGERS, STRUCTURE, TABLES, Snapshot

SERVER = os.environ["DATABASE_URL"]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")

pytestmark = [
    pytest.mark.skipif(SERVER.startswith("sqlite"), reason="there is no server"),
    # Each process would make a database for them.
    pytest.mark.xdist_group("snapshot"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """One for all of them: each begins with a snapshot of its own."""
    ours = databases.OnServer(SERVER)
    name = ours.name_for(f"snapshot_{WORKER}")
    ours.copy(name)
    yield ours.address(name)
    ours.drop(name)


def ask(address: str, *statements: str) -> list[tuple[Any, ...]]:
    """What the last of them finds; all of them are committed."""
    with closing(psycopg2.connect(address)) as connection, connection:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def contents(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that is in it; a row as text has what the database computes itself, too."""
    names = [name for (name,) in ask(address, TABLES)]
    rows = "SELECT t::text FROM {} t ORDER BY 1"
    found = {name: ask(address, rows.format(name)) for name in names}
    return {**found, "structure": ask(address, STRUCTURE)}


def test_all_rows_are_as_before(address: str) -> None:
    snapshot = Snapshot(address)
    before = contents(address)
    ask(
        address,
        # New ones, fewer, and others; in tables that a migration has filled and in an empty one.
        "INSERT INTO django_session VALUES ('key', 'data', now())",
        "DELETE FROM auth_group_permissions",
        "UPDATE auth_group SET name = name || ' (old)'",
        "UPDATE django_migrations SET applied = now()",
        NO_TRIGGERS,
        "DELETE FROM django_content_type",
    )
    assert len(different(contents(address), before)) == 5
    assert snapshot.restore()
    assert contents(address) == before


def different(some: dict[str, Any], others: dict[str, Any]) -> set[str]:
    return {name for name in some if some[name] != others[name]}


def test_what_the_database_computes_is_computed_anew(address: str) -> None:
    """And the triggers are at work again, for whoever comes next."""
    ask(
        address,
        "CREATE TABLE computed (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)",
        "INSERT INTO computed VALUES (1), (2)",
    )
    snapshot = Snapshot(address)
    ask(address, "UPDATE computed SET id = 5 WHERE id = 1")
    assert snapshot.restore()
    assert ask(address, "SELECT id, twice FROM computed ORDER BY 1") == [(1, 2), (2, 4)]
    assert ask(address, "SHOW session_replication_role") == [("origin",)]


def test_nothing_that_somebody_still_does_is_committed_afterwards(address: str) -> None:
    snapshot = Snapshot(address)
    with closing(psycopg2.connect(address)) as straggler:
        straggler.cursor().execute("DELETE FROM auth_group_permissions")
        assert snapshot.restore()
        with pytest.raises(psycopg2.OperationalError):
            straggler.commit()
    assert ask(address, "SELECT count(*) > 0 FROM auth_group_permissions") == [(True,)]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE new_table (id int)",
        "DROP TABLE axes_accesslog",
        "ALTER TABLE treasury_bank ADD COLUMN new_column int",
        "ALTER TABLE treasury_bank ALTER COLUMN name SET DEFAULT 'Bank'",
        "ALTER TABLE treasury_event DISABLE TRIGGER USER",
        "ALTER TABLE treasury_bank ADD CONSTRAINT new_check CHECK (id > 0)",
        "CREATE INDEX new_index ON treasury_bank (city)",
        "CREATE FUNCTION new_function() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW new_view AS SELECT 1",
        "DROP EXTENSION pg_trgm CASCADE",
        "TRUNCATE telegrambot_update",
    ],
)
def test_another_structure_is_left_to_a_new_copy(address: str, change: str) -> None:
    snapshot = Snapshot(address)
    ask(address, change)
    assert not snapshot.restore()


def test_so_is_what_its_user_may_not_do(address: str) -> None:
    of_a_reader = f"{address}?options=-crole%3Dpg_read_all_data"
    assert not Snapshot(of_a_reader).restore()


def test_the_suite_begins_anew_where_that_is_needed_only() -> None:
    own = databases.Own(SERVER, f"own_{WORKER}")
    address = databases.of(SERVER).address(own.name)
    try:
        own.renew()
        ask(address, "DELETE FROM auth_group_permissions")
        own.renew()
        assert own.number == 1
        assert ask(address, "SELECT count(*) > 0 FROM auth_group_permissions") == [(True,)]
        ask(address, "CREATE TABLE another (id int)")
        own.renew()
        assert own.number == 2
        assert ask(address, "SELECT to_regclass('another')") == [(None,)]
    finally:
        own.drop()
