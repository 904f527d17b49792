"""Notes how what a group is to have no more is taken back from it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0040_ephemeral_commands")]

    operations = [
        migrations.AddField(
            "sentmessage",
            "removal",
            models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
