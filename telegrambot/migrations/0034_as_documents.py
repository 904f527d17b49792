"""Notes which messages carry their files as documents, for Telegram takes them no other way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0033_whose_files")]

    operations = [
        migrations.AddField(
            "sentmessage", "as_documents", models.BooleanField(default=False, editable=False)
        ),
    ]
