"""The role as which the product works has what it needs, and no way to rewrite a record.

The acceptance tests work as such a role from beginning to end.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError
from django.db import ProgrammingError, connection, connections
from django.db.backends.sqlite3.base import DatabaseWrapper as SQLite
from django.utils import timezone

from telegrambot import pruning
from telegrambot.models import Update
from tests import databases
from tests.backups import Elsewhere, made, run
from tests.company import Company
from treasury import grants, seals, witness
from treasury.models import LastBackup, PaymentRequest
from treasury.workflow import Status

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'"),
]

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
FORBIDDEN = (
    "UPDATE {} SET id = id",
    "DELETE FROM {} WHERE false",
    "TRUNCATE {} CASCADE",
    "DROP TRIGGER {}_sealed ON {}",
    "ALTER TABLE {} DISABLE TRIGGER ALL",
    "ALTER TABLE {} RENAME TO another",
    "DROP TABLE {} CASCADE",
    "CREATE TRIGGER mine BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION treasury_sealed()",
)
FORBIDDEN_EVERYWHERE = (
    "CREATE TABLE mine (id int)",
    "CREATE TEMPORARY TABLE treasury_event (id int)",
    "CREATE SCHEMA mine",
    "CREATE OR REPLACE FUNCTION treasury_sealed() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'",
    "SET session_replication_role = replica",
    "DELETE FROM django_migrations",
)  # fmt: skip


@pytest.fixture
def server() -> databases.OnServer:
    return databases.OnServer(os.environ["DATABASE_URL"])


@pytest.fixture
def role(server: databases.OnServer, settings: LazySettings) -> Iterator[str]:
    """Made, and named in the settings; nothing was given to it yet."""
    name = server.name_for(f"role_{WORKER}")
    server.make_role(name)
    settings.APPLICATION_ROLE = name
    yield name
    with connection.cursor() as cursor:
        cursor.execute(f'DROP OWNED BY "{name}"')
    server.drop_role(name)


def migrate() -> None:
    run("migrate", verbosity=0)


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """What is done in here is done by it."""
    here = connections["default"].settings_dict
    before = {key: here[key] for key in ("USER", "PASSWORD")}
    connections.close_all()
    here |= {"USER": role, "PASSWORD": databases.PASSWORD}
    try:
        yield
    finally:
        connections.close_all()
        here |= before


def is_forbidden(statement: str) -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        # https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege
        return getattr(error.__cause__, "pgcode", "") == "42501"
    return False


def test_it_does_all_that_the_product_does(company: Company, role: str, backups: Path) -> None:
    migrate()
    with acting_as(role):
        assert company.approved(documents=1).status == Status.APPROVED
        long_ago = timezone.now() - timedelta(days=400)
        Update.objects.create(update_id=1, kind="message", received_at=long_ago)
        assert pruning.prune()["updates"] == 1
        made(backups)
        assert LastBackup.objects.exists()
        run("verify_journal")
        assert len(witness.heads()) == 3
        run("migrate", check_unapplied=True)


def test_it_rewrites_no_record_makes_nothing_and_becomes_nobody_else(role: str) -> None:
    owner = connection.settings_dict["USER"]
    migrate()
    with acting_as(role):
        for record in seals.RECORDS:
            assert not is_forbidden(f"TABLE {record}")
            for statement in FORBIDDEN:
                assert is_forbidden(statement.format(*[record] * 2)), statement
        for statement in (*FORBIDDEN_EVERYWHERE, f'SET ROLE "{owner}"'):
            assert is_forbidden(statement), statement


def test_the_tables_of_a_later_release_are_given_too(role: str) -> None:
    migrate()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id serial)")
    try:
        with acting_as(role):
            assert is_forbidden("INSERT INTO later DEFAULT VALUES")
        migrate()
        with acting_as(role):
            assert not is_forbidden("INSERT INTO later DEFAULT VALUES")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE later")


def test_what_was_given_too_much_is_taken_back(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{role}"')
        cursor.execute(f'GRANT UPDATE (reason) ON treasury_event TO "{role}"')
    migrate()
    with acting_as(role):
        assert is_forbidden("UPDATE treasury_event SET reason = ''")


def test_one_that_could_rewrite_a_record_all_the_same_is_refused(
    server: databases.OnServer, role: str, settings: LazySettings
) -> None:
    owner = connection.settings_dict["USER"]
    for too_much, words in (
        ("ALTER ROLE {} SUPERUSER", "UPDATE on treasury_event"),
        ('ALTER ROLE {} NOINHERIT; GRANT "{owner}" TO {}', f"act as {owner}"),
        ("GRANT pg_write_all_data TO {}", "DELETE on treasury_decision"),
        ("ALTER ROLE {} CREATEROLE", "CREATEROLE"),
    ):
        with connection.cursor() as cursor:
            cursor.execute(too_much.format(*[f'"{role}"'] * 2, owner=owner))
        with pytest.raises(CommandError, match=words):
            grants.give(connection)
        server.make_role(role)
    with pytest.raises(CommandError, match="for PostgreSQL"):
        grants.give(SQLite(connection.settings_dict))
    settings.APPLICATION_ROLE = "nobody"
    with pytest.raises(CommandError, match='role "nobody" does not exist'):
        migrate()


def test_a_restored_database_is_given_to_it_too(
    company: Company, role: str, backups: Path, elsewhere: Elsewhere
) -> None:
    company.submitted()
    file = made(backups)
    with elsewhere.at_work():
        run("restore", file)
        with acting_as(role):
            assert PaymentRequest.objects.get().status == Status.IN_APPROVAL
            assert is_forbidden("DELETE FROM treasury_event")
