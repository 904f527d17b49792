"""Triggers that refuse to rewrite the facts of a directory, whoever connects to the database.

What they ask is asked of the requests themselves, so no flag has to be kept, and none can be taken
off. Both engines give up with an `IntegrityError`.
"""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate, pre_migrate

from treasury import seals

MIGRATION = ("treasury", "0022_fixed_facts")
REFUSAL = "requests were submitted with this row: add a new one, and take this out of use"


def _submitted(column: str) -> str:
    return f"SELECT 1 FROM treasury_paymentrequest WHERE {column} = OLD.id AND revision > 0"  # noqa: S608


def _submitted_at_bank(table: str, column: str) -> str:
    return (
        f"SELECT 1 FROM {table} account JOIN treasury_paymentrequest request "  # noqa: S608
        f"ON request.{column} = account.id WHERE account.bank_id = OLD.id AND request.revision > 0"
    )


# Table → its facts, and what relies on them.
FACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "treasury_counterparty": (
        ("country", "inn", "kpp", "kio", "tax_number"),
        _submitted("counterparty_id"),
    ),
    "treasury_counterpartyaccount": (
        ("number", "bank_id", "currency", "counterparty_id"),
        _submitted("counterparty_account_id"),
    ),
    "treasury_ownaccount": (
        ("number", "bank_id", "currency", "organization_id"),
        _submitted("own_account_id"),
    ),
    "treasury_bank": (
        ("bik", "swift", "correspondent_account"),
        _submitted_at_bank("treasury_counterpartyaccount", "counterparty_account_id")
        + " UNION ALL "
        + _submitted_at_bank("treasury_ownaccount", "own_account_id"),
    ),
    "treasury_department": (("organization_id",), _submitted("department_id")),
    "treasury_organization": (
        ("code",),
        "SELECT 1 FROM treasury_numbersequence WHERE organization_id = OLD.id",
    ),
}
# An empty one may be filled in; of those that are known in one way only, a constraint lets none.
OPTIONAL = {"kpp", "kio", "tax_number", "bik", "swift", "correspondent_account"}


def guard(connection: BaseDatabaseWrapper) -> None:
    """As far as the tables have the facts: migrations raise the guards too."""
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    with connection.cursor() as cursor:
        for table, (facts, reliance) in FACTS.items():
            rows = connection.introspection.get_table_description(cursor, table)
            columns = {row.name for row in rows}
            there = tuple(fact for fact in facts if fact in columns)
            for statement in make(table, there, reliance):
                cursor.execute(statement)


def unguard(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in FACTS:
            name = f"{table}_facts"
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION IF EXISTS {name}() CASCADE")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _rewritten(fact: str) -> str:
    if fact in OPTIONAL:
        return f"OLD.{fact} <> '' AND OLD.{fact} <> COALESCE(NEW.{fact}, '')"
    return f"OLD.{fact} <> NEW.{fact}"


def _on_postgresql(table: str, facts: tuple[str, ...], reliance: str) -> tuple[str, ...]:
    name, rewritten = f"{table}_facts", " OR ".join(map(_rewritten, facts))
    return (
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$
        BEGIN
            IF EXISTS ({reliance}) THEN
                RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$ LANGUAGE plpgsql
        """,
        f"""
        CREATE OR REPLACE TRIGGER {name} BEFORE UPDATE OF {", ".join(facts)} ON {table}
            FOR EACH ROW WHEN ({rewritten}) EXECUTE FUNCTION {name}()
        """,
    )


def _on_sqlite(table: str, facts: tuple[str, ...], reliance: str) -> tuple[str, ...]:
    rewritten = " OR ".join(map(_rewritten, facts))
    return (
        f"""
        CREATE TRIGGER IF NOT EXISTS {table}_facts BEFORE UPDATE OF {", ".join(facts)} ON {table}
            WHEN ({rewritten}) AND EXISTS ({reliance})
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
        """,
    )


def connect(treasury: AppConfig) -> None:
    """Lift the guards, and the seals, while SQLite migrates; called once, when the apps are ready.

    It changes a table by making another one: that loses the table's triggers, and is refused while
    a trigger elsewhere reads the table.
    """
    pre_migrate.connect(_lift, sender=treasury, dispatch_uid="treasury.guards")
    post_migrate.connect(_restore, sender=treasury, dispatch_uid="treasury.guards")


def _lift(using: str, **signal: Any) -> None:
    if connections[using].vendor == "sqlite":
        unguard(connections[using])
        seals.unseal(connections[using])


def _restore(using: str, **signal: Any) -> None:
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    applied = MigrationRecorder(connection).applied_migrations()
    for migration, raise_them in ((MIGRATION, guard), (seals.MIGRATION, seals.seal)):
        if migration in applied:
            raise_them(connection)
