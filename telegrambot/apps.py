from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class TelegramBotConfig(AppConfig):
    name = "telegrambot"
    verbose_name = _("Telegram")

    def ready(self) -> None:
        # The models that the receivers know are loaded only now.
        from telegrambot import checks, receivers

        receivers.connect()
        register(checks.check_proxy)
