from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from telegrambot import doorbell
from treasury.signals import journal_grew


def _ring(**_facts: object) -> None:
    doorbell.ring()


class TelegramBotConfig(AppConfig):
    name = "telegrambot"
    verbose_name = _("Telegram")

    def ready(self) -> None:
        journal_grew.connect(_ring, dispatch_uid="telegrambot.doorbell")
