"""The channel keeps in mind itself how far it has read the journal."""

from datetime import timedelta

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

# As `telegrambot.projection.cursor` has it.
SETTLED = timedelta(days=1)

# News of a request are consumed together, so what is left of them is the end of its journal.
BOOKMARKS = """
    INSERT INTO telegrambot_bookmark (request_id, sequence, attempts, error)
    SELECT request_id,
           COALESCE(MIN(sequence) FILTER (WHERE projected_at IS NULL) - 1, MAX(sequence)), 0, ''
      FROM treasury_event GROUP BY request_id
"""


def carry_over(apps, editor) -> None:
    editor.execute(BOOKMARKS)
    events = apps.get_model("treasury", "Event").objects
    stays = Q(projected_at=None) | Q(at__gte=timezone.now() - SETTLED)
    first = events.filter(stays).aggregate(first=Min("pk"))["first"]
    passed = events.filter(pk__lt=first) if first else events
    last = passed.aggregate(last=Max("pk"))["last"]
    if last:
        apps.get_model("telegrambot", "Watermark").objects.create(event=last)


def carry_back(apps, editor) -> None:
    bookmarks = apps.get_model("telegrambot", "Bookmark").objects
    mine = bookmarks.filter(request=OuterRef("request")).values("sequence")
    is_unread = Q(sequence__gt=Coalesce(Subquery(mine), 0))
    events = apps.get_model("treasury", "Event").objects
    events.filter(is_unread).update(projected_at=None)


class Migration(migrations.Migration):
    dependencies = [
        ("telegrambot", "0018_forgetting"),
        ("treasury", "0038_no_index_of_news"),
    ]
    run_before = [("treasury", "0039_journal_of_no_channel")]

    operations = [
        migrations.CreateModel(
            name="Bookmark",
            fields=[
                ("request", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="+", serialize=False, to="treasury.paymentrequest", verbose_name="request")),
                ("sequence", models.PositiveIntegerField(default=0, verbose_name="no.")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("not_before", models.DateTimeField(blank=True, null=True, verbose_name="next try")),
                ("error", models.TextField(blank=True, verbose_name="error")),
            ],
            options={
                "verbose_name": "request not told of",
                "verbose_name_plural": "requests not told of",
                "default_permissions": ("view", "change"),
                "indexes": [
                    models.Index(
                        condition=Q(attempts__gt=0), fields=["not_before"], name="bookmarks_stuck"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Watermark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("event", models.BigIntegerField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.RunPython(carry_over, carry_back),
    ]
