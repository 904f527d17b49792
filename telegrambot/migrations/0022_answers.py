"""What the bot answers goes by the lanes too: with its buttons, and in the topic of the question."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0017_urgency")]

    operations = [
        migrations.AddField(
            "sentmessage",
            "keyboard",
            models.JSONField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            "sentmessage",
            "thread_id",
            models.BigIntegerField(blank=True, null=True, verbose_name="topic"),
        ),
    ]
