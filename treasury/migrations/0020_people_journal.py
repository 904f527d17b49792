"""Who works here and who approves leaves a trace. Nothing is written for those who are here
already: the journal tells what has changed since."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

POSTGRESQL_GUARD = (
    """
    CREATE OR REPLACE FUNCTION treasury_guard_routes() RETURNS trigger AS $$
    BEGIN
        RAISE EXCEPTION 'the journal of routes is append-only';
    END $$ LANGUAGE plpgsql
    """,
    """
    CREATE OR REPLACE TRIGGER treasury_guard_routes
        BEFORE UPDATE OR DELETE ON treasury_routeevent
        FOR EACH ROW EXECUTE FUNCTION treasury_guard_routes()
    """,
)
POSTGRESQL_UNGUARD = (
    "DROP TRIGGER IF EXISTS treasury_guard_routes ON treasury_routeevent",
    "DROP FUNCTION IF EXISTS treasury_guard_routes()",
)
SQLITE_GUARD = tuple(
    f"""
    CREATE TRIGGER IF NOT EXISTS treasury_guard_routes_{verb.lower()}
        BEFORE {verb} ON treasury_routeevent
        BEGIN SELECT RAISE(ABORT, 'the journal of routes is append-only'); END
    """
    for verb in ("UPDATE", "DELETE")
)
SQLITE_UNGUARD = (
    "DROP TRIGGER IF EXISTS treasury_guard_routes_update",
    "DROP TRIGGER IF EXISTS treasury_guard_routes_delete",
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
    dependencies = [("treasury", "0019_journal_end")]

    operations = [
        migrations.AlterField(
            model_name="accountevent",
            name="action",
            field=models.CharField(choices=[("linked", "Telegram linked"), ("unlinked", "Telegram unlinked"), ("revoked", "Access revoked"), ("away", "Deputy appointed"), ("back", "Delegation ended"), ("hired", "Employee added"), ("changed", "Data changed"), ("email", "E-mail changed"), ("rights", "Roles and rights changed"), ("left", "Works here no longer"), ("returned", "Works here again"), ("password_link", "Link to set a password"), ("password_set", "Password set"), ("appointed", "Appointed as approver"), ("dismissed", "Approver no longer")], max_length=20, verbose_name="action"),
        ),
        migrations.CreateModel(
            name="RouteEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("route", models.BigIntegerField(verbose_name="route no.")),
                ("name", models.CharField(max_length=120, verbose_name="approval route")),
                ("channel", models.CharField(choices=[("telegram", "Telegram"), ("admin", "Back office"), ("api", "API"), ("policy", "By an earlier approval")], max_length=10, verbose_name="channel")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("data", models.JSONField(default=dict, verbose_name="details")),
                ("actor", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="who")),
            ],
            options={
                "verbose_name": "route event",
                "verbose_name_plural": "journal of routes",
                "ordering": ["-id"],
                "default_permissions": (),
            },
        ),
        migrations.RunPython(
            lambda apps, editor: guard(editor.connection),
            lambda apps, editor: unguard(editor.connection),
        ),
    ]
