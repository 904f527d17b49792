"""Triggers by which what was written down stays as it is, whoever connects to the database.

Both engines refuse with the error below; PostgreSQL refuses to empty a whole table too, and so does
`manage.py flush`.
"""

from collections.abc import Iterator, Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

MIGRATION = ("treasury", "0028_sealed_journals")
REFUSAL = "this record is append-only"
# Table → the columns that may still be filled in.
RECORDS: dict[str, tuple[str, ...]] = {
    "treasury_event": ("projected_at",),
    "treasury_accountevent": (),
    "treasury_routeevent": (),
    "treasury_revision": (),
    "treasury_decision": (),
}

_FUNCTION = f"""
    CREATE OR REPLACE FUNCTION treasury_sealed() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{REFUSAL}: %', TG_TABLE_NAME;
    END $$ LANGUAGE plpgsql
"""


def seal(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table, free in RECORDS.items():
            if connection.vendor == "postgresql":
                statements = _on_postgresql(table, free)
            else:
                rows = connection.introspection.get_table_description(cursor, table)
                statements = _on_sqlite(table, [row.name for row in rows if row.name not in free])
            for statement in statements:
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


def _on_postgresql(table: str, free: Sequence[str]) -> Iterator[str]:
    arguments = ", ".join(f"'{column}'" for column in free)
    yield f"""
        CREATE OR REPLACE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION treasury_sealed({arguments})
    """
    yield f"""
        CREATE OR REPLACE TRIGGER {table}_kept BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION treasury_sealed()
    """


def _on_sqlite(table: str, columns: Sequence[str]) -> Iterator[str]:
    for name, event in (("sealed", f"UPDATE OF {', '.join(columns)}"), ("kept", "DELETE")):
        yield f"""
            CREATE TRIGGER IF NOT EXISTS {table}_{name} BEFORE {event} ON {table}
                BEGIN SELECT RAISE(ABORT, '{REFUSAL}: {table}'); END
        """
