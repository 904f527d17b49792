"""The most urgent is shown first, and workers find it themselves."""

from django.db import migrations, models

CHOICES = [
    (0, "Somebody waits for an answer"),
    (1, "A button was pressed under it"),
    (2, "Somebody is asked"),
    (3, "Somebody is told"),
    (4, "Something has changed"),
]


def behind(*fields):
    return models.Index(
        condition=models.Q(("is_behind", True)), fields=fields, name="messages_behind"
    )


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0016_no_grave")]

    operations = [
        migrations.AddField(
            "sentmessage",
            "urgency",
            models.PositiveSmallIntegerField(
                choices=CHOICES, default=4, verbose_name="urgency"
            ),
        ),
        migrations.RemoveIndex("sentmessage", "messages_behind"),
        migrations.AddIndex("sentmessage", behind("chat", "urgency", "id")),
        migrations.RemoveField("chat", "called_until"),
    ]
