"""Who chooses what the cards of an organization show, and who sees it."""

from functools import partial

from django.db import migrations

from treasury.roles import grant, may, withdraw

GRANTS = {
    "Аудитор": may("view", "telegrambot.cardlayout telegrambot.alert"),
    "Администратор": may("view add change delete", "telegrambot.cardlayout")
    | may("view", "telegrambot.alert"),
}


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0029_card_layouts")]

    operations = [
        migrations.RunPython(partial(grant, grants=GRANTS), partial(withdraw, grants=GRANTS))
    ]
