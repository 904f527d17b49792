"""What was said to people because a stage waits for too long."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0043_deadlines")]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("early", "Before the deadline"), ("deputies", "After the deadline, to deputies"), ("superior", "After the deadline, to the superior"), ("nudge", "By the author")], max_length=10, verbose_name="kind")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("request", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="treasury.paymentrequest")),
                ("stage", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="reminders", to="treasury.approvalstage")),
                ("told", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="heard_of", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "ordering": ["id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(models.F("stage"), models.F("kind"), condition=models.Q(("kind", "nudge"), _negated=True), name="one_reminder_a_stage"),
                    models.CheckConstraint(condition=models.Q(models.Q(("by__isnull", False), ("kind", "nudge")), models.Q(models.Q(("kind", "nudge"), _negated=True), ("by", None)), _connector="OR"), name="a_nudge_is_somebodys"),
                    models.CheckConstraint(condition=models.Q(("kind", "superior"), ("told", None), _connector="OR"), name="only_a_superior_is_told"),
                ],
                "indexes": [
                    models.Index(condition=models.Q(("told__isnull", False)), fields=["told", "-request"], name="reminder_by_superior"),
                ],
            },
        ),
    ]
