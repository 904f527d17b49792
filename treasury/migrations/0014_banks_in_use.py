"""A bank that the Bank of Russia knows no more stays in the accounts, and is offered for none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0013_thresholds_not_negative")]

    operations = [
        migrations.AddField(
            "bank", "is_active", models.BooleanField(default=True, verbose_name="in use")
        ),
    ]
