"""Who sees of which requests the chats could not be told, and may have it tried again."""

from functools import partial

from django.db import migrations

from treasury.roles import grant, may, withdraw

GRANTS = {
    "Аудитор": may("view", "telegrambot.bookmark"),
    # To change it is to try it again.
    "Администратор": may("view change", "telegrambot.bookmark"),
}


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0019_bookmarks")]

    operations = [
        migrations.RunPython(partial(grant, grants=GRANTS), partial(withdraw, grants=GRANTS))
    ]
