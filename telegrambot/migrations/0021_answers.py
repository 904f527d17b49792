"""What the bot answers goes by the lanes too: with its buttons, and in the topic of the question."""

from django.db import migrations, models


def back(apps, schema_editor):
    """What was said stays as a notice; what was not has no way to be."""
    answers = apps.get_model("telegrambot", "SentMessage").objects.filter(kind="answer")
    answers.filter(form="").delete()
    answers.update(kind="notice", key="")


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0020_who_sees_stuck_requests")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, back),
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
