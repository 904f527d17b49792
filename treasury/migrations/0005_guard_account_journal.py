"""The journal of accounts is append-only in the database itself, whoever connects to it."""

from django.db import migrations

POSTGRESQL_GUARD = (
    """
    CREATE OR REPLACE FUNCTION treasury_guard_accounts() RETURNS trigger AS $$
    BEGIN
        RAISE EXCEPTION 'the journal of accounts is append-only';
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE OR REPLACE TRIGGER treasury_guard_accounts
        BEFORE UPDATE OR DELETE ON treasury_accountevent
        FOR EACH ROW EXECUTE FUNCTION treasury_guard_accounts()
    """,
)
POSTGRESQL_UNGUARD = (
    "DROP TRIGGER IF EXISTS treasury_guard_accounts ON treasury_accountevent",
    "DROP FUNCTION IF EXISTS treasury_guard_accounts()",
)
SQLITE_GUARD = tuple(
    f"""
    CREATE TRIGGER IF NOT EXISTS treasury_guard_accounts_{verb.lower()}
        BEFORE {verb} ON treasury_accountevent
        BEGIN SELECT RAISE(ABORT, 'the journal of accounts is append-only'); END
    """
    for verb in ("UPDATE", "DELETE")
)
SQLITE_UNGUARD = (
    "DROP TRIGGER IF EXISTS treasury_guard_accounts_update",
    "DROP TRIGGER IF EXISTS treasury_guard_accounts_delete",
)


def _run(connection, postgresql: tuple[str, ...], sqlite: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        for statement in postgresql if connection.vendor == "postgresql" else sqlite:
            cursor.execute(statement)


def guard(connection) -> None:
    _run(connection, POSTGRESQL_GUARD, SQLITE_GUARD)


def unguard(connection) -> None:
    _run(connection, POSTGRESQL_UNGUARD, SQLITE_UNGUARD)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0004_account_journal")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: guard(editor.connection),
            lambda apps, editor: unguard(editor.connection),
        )
    ]
