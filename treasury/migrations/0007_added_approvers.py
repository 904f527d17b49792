from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0006_delegations_of_a_stage")]

    operations = [
        migrations.AlterField(
            model_name="approvaltask",
            name="origin",
            field=models.CharField(choices=[("route", "By the route"), ("reassigned", "Reassigned"), ("added", "Added by a colleague")], default="route", max_length=12),
        ),
        migrations.AlterField(
            model_name="event",
            name="action",
            field=models.CharField(choices=[("create", "Created"), ("change", "Changed"), ("submit", "Submitted"), ("approve", "Approved"), ("decline", "Declined"), ("return_for_rework", "Returned for rework"), ("reassign", "Reassigned"), ("add_approver", "Approver added"), ("withdraw", "Withdrawn"), ("cancel", "Cancelled"), ("copy", "Copied as new")], max_length=20, verbose_name="action"),
        ),
    ]
