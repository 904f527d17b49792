"""What is old is forgotten by index, and a message says since when it waits."""

import django.utils.timezone
from django.db import migrations, models

REMOVED = [
    ("", "—"),
    ("unaddressed", "It was not said to the bot: nothing of it is kept."),
    ("secret", "The text may be a code to sign in, or a password: it is never kept."),
    ("old", "Removed some time after it was handled."),
]


def in_trouble(*states):
    return models.Index(
        condition=models.Q(("state__in", list(states))),
        fields=["state", "-id"],
        name="messages_in_trouble",
    )


def moment():
    return models.DateTimeField(default=django.utils.timezone.now, editable=False)


def by_age(name, **condition):
    return models.Index(condition=models.Q(**condition), fields=["created_at"], name=name)


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0017_urgency")]

    operations = [
        migrations.AddField(
            "chat",
            "delivered_at",
            models.DateTimeField(blank=True, null=True, verbose_name="last delivery"),
        ),
        migrations.AddField("chat", "heard_at", moment()),
        migrations.AddField("sentmessage", "behind_since", moment()),
        migrations.AddField(
            "update",
            "removed",
            models.CharField(
                blank=True, choices=REMOVED, default="", max_length=12, verbose_name="removed"
            ),
        ),
        migrations.AlterField(
            "update",
            "payload",
            models.JSONField(blank=True, default=dict, verbose_name="payload"),
        ),
        migrations.AddIndex(
            "chat",
            models.Index(
                condition=models.Q(("kind", "private")), fields=["heard_at"], name="chat_by_heard"
            ),
        ),
        migrations.RemoveIndex("sentmessage", "messages_in_trouble"),
        migrations.AddIndex("sentmessage", in_trouble("failed", "unknown", "gone")),
        migrations.AddIndex("sentmessage", by_age("message_by_age_told", request=None)),
        migrations.AddIndex(
            "sentmessage", by_age("message_by_age_of_request", request__isnull=False)
        ),
        migrations.AddIndex(
            "update",
            models.Index(
                condition=models.Q(("removed__in", ["", "secret"])),
                fields=["handled_at"],
                name="update_with_payload",
            ),
        ),
    ]
