"""What is written in the journals, the revisions and the decisions stays, in the database itself."""

from django.db import migrations, models

from treasury import seals


def seal(apps, editor) -> None:
    # On SQLite it is done when all migrations are: see `treasury.guards.connect`.
    if editor.connection.vendor == "postgresql":
        seals.seal(editor.connection)


def unseal(apps, editor) -> None:
    seals.unseal(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("treasury", "0027_signed_journals")]

    operations = [
        *(
            migrations.AlterField(
                model_name=model,
                name="sequence",
                field=models.PositiveIntegerField(verbose_name="no."),
            )
            for model in ("accountevent", "routeevent")
        ),
        migrations.AddConstraint(
            model_name="accountevent",
            constraint=models.UniqueConstraint(models.F("sequence"), name="account_event_sequence"),
        ),
        migrations.AddConstraint(
            model_name="routeevent",
            constraint=models.UniqueConstraint(models.F("sequence"), name="route_event_sequence"),
        ),
        migrations.RunPython(seal, unseal),
    ]
