"""Groups that have removed the bot are forgotten as strangers are, by the same index."""

from django.db import migrations, models


def by_heard(condition):
    return models.Index(condition=condition, fields=["heard_at"], name="chat_by_heard")


PRIVATE = models.Q(kind="private")
REMOVED = models.Q(organization=None, state="removed")


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0021_answers")]

    operations = [
        migrations.RemoveIndex("chat", "chat_by_heard"),
        migrations.AddIndex("chat", by_heard(PRIVATE | REMOVED)),
    ]
