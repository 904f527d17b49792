"""Says for what a ready reason is in words that follow «for»; the table stays as it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0009_reword_ready_reasons")]

    operations = [
        migrations.AlterField(
            "reasontemplate",
            "action",
            models.CharField(
                choices=[
                    ("decline", "declining"),
                    ("return_for_rework", "returning for rework"),
                    ("reassign", "handing over to a colleague"),
                    ("add_approver", "adding an approver"),
                ],
                max_length=20,
                verbose_name="for",
            ),
        ),
    ]
