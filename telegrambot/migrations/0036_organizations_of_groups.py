"""A group hears of any number of organizations, where it heard of one.

Back, a group keeps one of them, the first by key; a former release knows no more.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

PRIVATE = Q(kind="private")


def by_heard(condition: Q) -> models.Index:
    return models.Index(fields=["heard_at"], condition=condition, name="chat_by_heard")


def note_all(apps: Any, schema_editor: Any) -> None:
    chat = apps.get_model("telegrambot", "Chat")
    bound = chat.organizations.through
    heard_of = chat.objects.exclude(organization=None).values_list("pk", "organization")
    bound.objects.bulk_create(
        bound(chat_id=group, organization_id=organization) for group, organization in heard_of
    )


def keep_one(apps: Any, schema_editor: Any) -> None:
    groups = apps.get_model("telegrambot", "Chat").objects.exclude(PRIVATE)
    for group in groups.filter(organizations__isnull=False).distinct():
        group.organization = group.organizations.order_by("pk").first()
        group.save(update_fields=["organization"])


class Migration(migrations.Migration):
    dependencies = [
        ("telegrambot", "0035_incoming_files"),
        ("treasury", "0039_journal_of_no_channel"),
    ]

    operations = [
        # Until it is gone there are two ways from an organization to its chats.
        migrations.AlterField(
            "chat",
            "organization",
            models.ForeignKey(
                "treasury.organization", models.SET_NULL, related_name="+", null=True, blank=True
            ),
        ),
        migrations.AddField(
            "chat",
            "organizations",
            models.ManyToManyField(
                "treasury.organization",
                related_name="chats",
                blank=True,
                verbose_name="organizations",
                help_text="The requests of these organizations are announced here.",
            ),
        ),
        # Between the changes of the two: PostgreSQL changes no table whose rows it has to check.
        migrations.RunPython(note_all, keep_one),
        migrations.RemoveConstraint("chat", "private_chat_has_no_organization"),
        migrations.RemoveIndex("chat", "chat_by_heard"),
        migrations.RemoveField("chat", "organization"),
        migrations.AddIndex("chat", by_heard(PRIVATE | Q(state="removed"))),
    ]
