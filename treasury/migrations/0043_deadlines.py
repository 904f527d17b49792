"""Until when a stage has to be decided, and who hears of it when it was not. What is open already
has no deadline: nobody has told its people of any."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HOURS = {"blank": True, "help_text": "In working hours, of which a day has eight. Empty: none.", "null": True, "validators": [django.core.validators.MinValueValidator(1)], "verbose_name": "deadline"}
SUPERIOR = {"blank": True, "help_text": "Empty: the head of the department. Deputies are told first.", "null": True, "on_delete": django.db.models.deletion.PROTECT, "related_name": "+", "to": settings.AUTH_USER_MODEL, "verbose_name": "hears of delays"}


class Migration(migrations.Migration):
    dependencies = [("treasury", "0042_who_keeps_the_calendar")]

    operations = [
        migrations.AlterField("routestage", "deadline_hours", models.PositiveSmallIntegerField(**HOURS)),
        migrations.AlterField("approvalstage", "deadline_hours", models.PositiveSmallIntegerField(**HOURS)),
        migrations.AddField("routestage", "escalate_to", models.ForeignKey(**SUPERIOR)),
        migrations.AddField("approvalstage", "escalate_to", models.ForeignKey(**SUPERIOR)),
        migrations.AddField(
            "department",
            "head",
            models.ForeignKey(blank=True, help_text="Hears of it when a request waits here beyond its deadline.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="head"),
        ),
        migrations.AddField(
            "approvalstage", "due_at", models.DateTimeField(blank=True, null=True, verbose_name="deadline")
        ),
        migrations.AddField(
            "approvalstage", "remind_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddIndex(
            "approvalstage",
            models.Index(condition=models.Q(("state", "open")), fields=["remind_at"], name="open_stage_by_reminder"),
        ),
    ]
