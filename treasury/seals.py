"""Triggers by which what was written down stays as it is, whoever connects to the database.

Both engines refuse with the error below; PostgreSQL refuses to empty a whole table too, and so does
`manage.py flush`.
"""

from collections.abc import Iterator

from django.db.backends.base.base import BaseDatabaseWrapper

MIGRATION = ("treasury", "0028_sealed_journals")
REFUSAL = "this record is append-only"
RECORDS = (
    "treasury_event",
    "treasury_accountevent",
    "treasury_routeevent",
    "treasury_revision",
    "treasury_decision",
)

_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION treasury_sealed() RETURNS trigger AS $$
    BEGIN
        RAISE EXCEPTION '{REFUSAL}: %', TG_TABLE_NAME;
    END $$ LANGUAGE plpgsql
"""


def seal(connection: BaseDatabaseWrapper) -> None:
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table in RECORDS:
            for statement in make(table):
                cursor.execute(statement)


def unseal(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in RECORDS:
            for name in ("sealed", "kept"):
                if connection.vendor == "postgresql":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}")
                else:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}")
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS treasury_sealed()")


def _on_postgresql(table: str) -> Iterator[str]:
    yield f"""
        CREATE OR REPLACE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION treasury_sealed()
    """
    yield f"""
        CREATE OR REPLACE TRIGGER {table}_kept BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION treasury_sealed()
    """


def _on_sqlite(table: str) -> Iterator[str]:
    for name, event in (("sealed", "UPDATE"), ("kept", "DELETE")):
        yield f"""
            CREATE TRIGGER IF NOT EXISTS {table}_{name} BEFORE {event} ON {table}
                BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {table}'); END
        """
