"""Says of the files that were uploaded so far that this bot has uploaded them, as documents.

Where another one has, Telegram says so at the next sending, and the file is uploaded anew.
"""

from typing import Any

from django.conf import settings
from django.db import migrations


def say_whose(apps: Any, schema_editor: Any) -> None:
    files = apps.get_model("telegrambot", "TelegramFile").objects.filter(bot_id=0)
    if _bot_id():
        files.update(bot_id=_bot_id())
    else:
        files.delete()


def forget_others(apps: Any, schema_editor: Any) -> None:
    """A former release knows one id of a file: the document of its bot."""
    files = apps.get_model("telegrambot", "TelegramFile").objects
    files.exclude(bot_id=_bot_id(), kind="document").delete()


def _bot_id() -> int:
    number = settings.TELEGRAM_BOT_TOKEN.partition(":")[0]
    return int(number) if number.isdecimal() else 0


class Migration(migrations.Migration):
    dependencies = [("telegrambot", "0032_files_of_bots")]

    operations = [migrations.RunPython(say_whose, forget_others)]
