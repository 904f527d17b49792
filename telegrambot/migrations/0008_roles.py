"""What auditor and administrator may do with the chats and their messages."""

from functools import partial

from django.db import migrations

from treasury.roles import grant, may, withdraw

REGISTER = "telegrambot.chat telegrambot.sentmessage"

GRANTS = {
    "Аудитор": may("view", REGISTER),
    # To change an update or a message is to try it again.
    "Администратор": may("view change", f"{REGISTER} telegrambot.update")
    | may("view add change delete", "telegrambot.reasontemplate"),
}


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0007_deputising_begun"), ("treasury", "0009_roles")]

    operations = [
        migrations.RunPython(partial(grant, grants=GRANTS), partial(withdraw, grants=GRANTS))
    ]
