"""Which delegations have begun to run: their deputies' earlier cards have been shown anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0006_ready_reasons_for_colleagues")]

    operations = [
        migrations.AddField(
            model_name="deputising",
            name="has_begun",
            field=models.BooleanField(default=False),
        ),
    ]
