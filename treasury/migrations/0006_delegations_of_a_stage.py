import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0005_guard_account_journal")]

    operations = [
        migrations.AddField(
            model_name="delegation",
            name="stage",
            field=models.ForeignKey(blank=True, help_text="Empty: for all stages.", null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="treasury.routestage", verbose_name="stage"),
        ),
        migrations.AddConstraint(
            model_name="delegation",
            constraint=models.CheckConstraint(condition=models.Q(("organization", None), ("stage", None), _connector="OR"), name="delegation_has_one_scope"),
        ),
        migrations.AddField(
            model_name="approvalstage",
            name="route_stage",
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="treasury.routestage"),
        ),
    ]
