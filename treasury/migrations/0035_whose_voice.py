"""By whose choice a task gives the voice of a role."""

from django.db import migrations, models


def forget(apps, editor) -> None:
    tasks = apps.get_model("treasury", "ApprovalTask").objects
    tasks.filter(origin__in=["substitute", "assigned"]).update(origin="reassigned")


class Migration(migrations.Migration):
    dependencies = [("treasury", "0034_stand_ins")]

    operations = [
        migrations.AlterField(
            model_name="approvaltask",
            name="origin",
            field=models.CharField(choices=[("route", "By the route"), ("substitute", "In the requester's place"), ("reassigned", "Reassigned"), ("assigned", "without this role, chosen by an administrator"), ("added", "Added by a colleague")], default="route", max_length=12),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget),
    ]
