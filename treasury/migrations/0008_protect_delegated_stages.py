import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0007_added_approvers")]

    operations = [
        migrations.AlterField(
            model_name="delegation",
            name="stage",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: for all stages.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="treasury.routestage",
                verbose_name="stage",
            ),
        ),
    ]
