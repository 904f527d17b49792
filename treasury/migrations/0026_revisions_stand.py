"""Nothing is asked or decided without its revision."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    # PostgreSQL alters no table whose foreign keys are still to be checked in the transaction that
    # has filled it.
    dependencies = [("treasury", "0025_revisions")]

    operations = [
        migrations.AlterField(
            model_name="decision",
            name="snapshot",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="treasury.revision"),
        ),
        migrations.AddConstraint(
            model_name="paymentrequest",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("snapshot__isnull", True), ("status__in", ["draft", "returned"])), models.Q(("snapshot__isnull", False), ("status__in", ["in_approval", "approved", "declined"])), ("status", "cancelled"), _connector="OR"), name="request_has_a_snapshot_in_approval"),
        ),
    ]
