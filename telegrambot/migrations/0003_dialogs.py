"""A dialog asks for more than a reason. Those that were open, an hour long at the most, are left."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("telegrambot", "0002_ready_reasons"),
        ("treasury", "0003_default_directories"),
    ]

    operations = [
        migrations.DeleteModel("Dialog"),
        migrations.CreateModel(
            name="Dialog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("telegram_id", models.BigIntegerField(unique=True, verbose_name="Telegram id")),
                ("subject", models.CharField(choices=[("decline", "Decline"), ("return_for_rework", "Return"), ("colleagues", "Colleagues"), ("reassign", "Reassign"), ("add_approver", "Add Approver"), ("away", "Away")], max_length=20)),
                ("answers", models.JSONField(default=dict)),
                ("search", models.CharField(blank=True, max_length=80)),
                ("page", models.PositiveIntegerField(default=1)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("task", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="treasury.approvaltask")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("subject", "away"), ("task__isnull", False), _connector="XOR"), name="dialog_about_a_task"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="reasontemplate",
            name="action",
            field=models.CharField(choices=[("decline", "Declined"), ("return_for_rework", "Returned for rework"), ("reassign", "Reassigned"), ("add_approver", "Approver added")], max_length=20, verbose_name="for"),
        ),
    ]
