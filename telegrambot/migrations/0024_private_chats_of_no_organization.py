"""A person's chat belongs to no organization, and gets nothing that is for a group."""

from django.db import migrations, models


def take_back(apps, schema_editor):
    database = schema_editor.connection.alias
    private = apps.get_model("telegrambot", "Chat").objects.using(database).filter(kind="private")
    private.exclude(organization=None).update(organization=None)
    # None of them could be sent there: it has no form for one person.
    messages = apps.get_model("telegrambot", "SentMessage").objects.using(database)
    messages.filter(kind="announcement", chat__kind="private").delete()


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0023_leased_at")]

    operations = [
        migrations.RunPython(take_back, migrations.RunPython.noop),
        migrations.AddConstraint(
            "chat",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "private"), _negated=True),
                    ("organization", None),
                    _connector="OR",
                ),
                name="private_chat_has_no_organization",
            ),
        ),
    ]
