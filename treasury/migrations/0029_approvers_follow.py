"""The journal of a request tells that its approvers were changed, and who has taken it over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0028_sealed_journals")]

    operations = [
        migrations.AlterField(
            model_name="event",
            name="action",
            field=models.CharField(choices=[("create", "Created"), ("change", "Changed"), ("submit", "Submitted"), ("approve", "Approved"), ("decline", "Declined"), ("return_for_rework", "Returned for rework"), ("reassign", "Reassigned"), ("add_approver", "Approver added"), ("reask", "Approvers changed"), ("withdraw", "Withdrawn"), ("cancel", "Cancelled"), ("adopt", "Taken over"), ("copy", "Copied as new")], max_length=20, verbose_name="action"),
        ),
    ]
