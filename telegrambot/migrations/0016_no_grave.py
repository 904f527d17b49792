"""A message that was given up is tried again with the next change; one that was deleted is gone."""

from django.db import migrations, models
from django.db.models import F, Q

STATES = [
    ("pending", "Not sent yet"),
    ("sending", "Being sent"),
    ("sent", "Sent"),
    ("unknown", "Sent, the answer was lost"),
    ("gone", "Deleted by its reader"),
    ("failed", "Failed"),
]


IS_BEHIND = models.GeneratedField(
    db_persist=True,
    editable=False,
    expression=models.ExpressionWrapper(
        Q(shown__lt=F("wanted")) & ~Q(state__in=["unknown", "gone", "failed"]),
        models.BooleanField(),
    ),
    output_field=models.BooleanField(),
)


def open_graves(apps, schema_editor):
    """What a closed chat has not been shown waits; of a lost answer one more try is left."""
    messages = apps.get_model("telegrambot", "SentMessage").objects
    buried = messages.filter(state="failed").exclude(chat__state="active")
    buried.filter(form="").update(state="pending", attempts=0)
    buried.exclude(form="").update(state="sent", attempts=0)
    for message in messages.filter(state="unknown"):
        if len(message.documents) > 1:
            messages.filter(pk=message.pk).update(form="album")
        else:
            messages.filter(pk=message.pk).update(state="pending", lost=1)


def bury(apps, schema_editor):
    messages = apps.get_model("telegrambot", "SentMessage").objects
    messages.filter(state__in=["unknown", "gone"]).update(state="failed")


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0015_kinds")]

    operations = [
        migrations.RemoveIndex("sentmessage", "messages_behind"),
        migrations.RemoveField("sentmessage", "is_behind"),
        migrations.AlterField(
            "sentmessage",
            "state",
            models.CharField(
                choices=STATES, default="pending", max_length=10, verbose_name="state"
            ),
        ),
        migrations.AddField(
            "sentmessage",
            "lost",
            models.PositiveSmallIntegerField(default=0, verbose_name="answers lost"),
        ),
        migrations.RunPython(open_graves, bury),
        migrations.AddField("sentmessage", "is_behind", IS_BEHIND),
        migrations.AddIndex(
            "sentmessage",
            models.Index(
                condition=Q(("is_behind", True)), fields=["chat", "id"], name="messages_behind"
            ),
        ),
    ]
