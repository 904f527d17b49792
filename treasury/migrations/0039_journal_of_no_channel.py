"""The journal knows nothing of channels, and its seal makes no exception.

What they have not consumed is carried over by their own migrations, which run before this one; on
the way back all counts as consumed until they have said what is not.
"""

from django.db import migrations, models
from django.utils import timezone

from treasury import seals

FORMER_SEAL = (
    f"""
    CREATE OR REPLACE FUNCTION treasury_sealed() RETURNS trigger AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{seals.REFUSAL}: %', TG_TABLE_NAME;
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE OR REPLACE TRIGGER treasury_event_sealed BEFORE UPDATE OR DELETE ON treasury_event
        FOR EACH ROW EXECUTE FUNCTION treasury_sealed('projected_at')
    """,
)


# On SQLite the seals are off while it migrates, and then those of the release that migrates are
# raised: see `treasury.guards.connect`.
def seal_all(apps, editor) -> None:
    if editor.connection.vendor == "postgresql":
        seals.seal(editor.connection)


def seal_but_what_was_consumed(apps, editor) -> None:
    if editor.connection.vendor == "postgresql":
        for statement in FORMER_SEAL:
            editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0038_no_index_of_news")]

    operations = [
        # For the way back alone: changes nothing in the database.
        migrations.AlterField(
            model_name="event",
            name="projected_at",
            field=models.DateTimeField(blank=True, default=timezone.now, null=True),
        ),
        migrations.RunPython(seal_all, migrations.RunPython.noop),
        migrations.RemoveField(model_name="event", name="projected_at"),
        migrations.RunPython(migrations.RunPython.noop, seal_but_what_was_consumed),
    ]
