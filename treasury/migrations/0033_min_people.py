"""At least so many different people approve: 2 by every route there is. What was submitted before
keeps what it was submitted under, which asked for nobody in particular."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0032_requests_once_of_a_form")]

    operations = [
        migrations.AddField(
            model_name="approvalroute",
            name="min_people",
            field=models.PositiveSmallIntegerField(default=2, help_text="So many different people have to approve before a request is approved.", validators=[django.core.validators.MinValueValidator(1)], verbose_name="different people"),
        ),
        migrations.AddConstraint(
            model_name="approvalroute",
            constraint=models.CheckConstraint(condition=models.Q(("min_people__gte", 1)), name="route_wants_somebody"),
        ),
        migrations.AddField(
            model_name="approvalstage",
            name="min_people",
            field=models.PositiveSmallIntegerField(default=1),
            preserve_default=False,
        ),
    ]
