"""How long a worker has been at a chat is known whatever the length of its lease."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0022_removed_groups")]

    operations = [
        migrations.AddField(
            "chat",
            "leased_at",
            models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
