"""The journal is append-only in the database itself, whoever connects to it."""

from django.db import migrations

POSTGRESQL_GUARD = (
    """
    CREATE OR REPLACE FUNCTION treasury_guard_journal() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND
           to_jsonb(NEW) - 'projected_at' = to_jsonb(OLD) - 'projected_at' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'the journal is append-only';
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE OR REPLACE TRIGGER treasury_guard_journal
        BEFORE UPDATE OR DELETE ON treasury_event
        FOR EACH ROW EXECUTE FUNCTION treasury_guard_journal()
    """,
)
POSTGRESQL_UNGUARD = (
    "DROP TRIGGER IF EXISTS treasury_guard_journal ON treasury_event",
    "DROP FUNCTION IF EXISTS treasury_guard_journal()",
)
COLUMNS = (
    "id, request_id, sequence, action, actor_id, on_behalf_of_id, channel, revision, status, "
    "reason, data, at, previous_hash, hash"
)
SQLITE_GUARD = (
    f"""
    CREATE TRIGGER IF NOT EXISTS treasury_guard_journal_update
        BEFORE UPDATE OF {COLUMNS} ON treasury_event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS treasury_guard_journal_delete
        BEFORE DELETE ON treasury_event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END
    """,
)
SQLITE_UNGUARD = (
    "DROP TRIGGER IF EXISTS treasury_guard_journal_update",
    "DROP TRIGGER IF EXISTS treasury_guard_journal_delete",
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
    dependencies = [("treasury", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, editor: guard(editor.connection),
            lambda apps, editor: unguard(editor.connection),
        )
    ]
