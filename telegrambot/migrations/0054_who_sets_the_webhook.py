"""Who sees how the line to Telegram is, and who sets the webhook."""

from functools import partial

from django.db import migrations

from treasury.roles import grant, may, withdraw

GRANTS = {
    "Аудитор": may("view", "telegrambot.errand"),
    "Администратор": may("view add", "telegrambot.errand"),
}


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0053_errands")]

    operations = [
        migrations.RunPython(partial(grant, grants=GRANTS), partial(withdraw, grants=GRANTS))
    ]
