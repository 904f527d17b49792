"""No stage of a route begins below zero: such a threshold never was a condition, so it goes."""

from typing import Any

import django.core.validators
from django.db import migrations, models


def drop_negative(apps: Any, schema_editor: Any) -> None:
    stages = apps.get_model("treasury", "RouteStage").objects
    stages.using(schema_editor.connection.alias).filter(min_amount__lt=0).update(min_amount=None)


def threshold() -> models.Field:
    return models.DecimalField(
        blank=True,
        decimal_places=2,
        help_text="In roubles. Empty: for every amount; other currencies always count as above.",
        max_digits=18,
        null=True,
        validators=[
            django.core.validators.MinValueValidator(0, "A threshold cannot be negative.")
        ],
        verbose_name="from amount",
    )


class Migration(migrations.Migration):
    dependencies = [("treasury", "0012_uploads")]

    operations = [
        migrations.RunPython(drop_negative, migrations.RunPython.noop),
        migrations.AlterField("approvalstage", "min_amount", threshold()),
        migrations.AlterField("routestage", "min_amount", threshold()),
        migrations.AddConstraint(
            "routestage",
            models.CheckConstraint(
                condition=models.Q(("min_amount__isnull", True), ("min_amount__gte", 0), _connector="OR"),
                name="route_stage_threshold_not_negative",
            ),
        ),
    ]
