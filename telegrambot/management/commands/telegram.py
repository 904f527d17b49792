"""`manage.py telegram …`: everything that is told to Telegram once, and the look at how it is."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from telegrambot import webhook
from telegrambot.delivery import client
from telegrambot.doctor.explanations import explained
from telegrambot.management import subcommands

_BY_NAME = {each.name: each for each in subcommands.ALL}


class Command(BaseCommand):
    help = "Set up, check and run the connection with Telegram."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        languages = [code for code, _name in settings.LANGUAGES]
        for each in subcommands.ALL:
            its_parser = commands.add_parser(each.name, help=each.about)
            its_parser.add_argument(
                "--language", choices=languages, default=settings.LANGUAGE_CODE,
                help=f"of what it says ({settings.LANGUAGE_CODE})",
            )  # fmt: skip
            each.arguments(its_parser)

    def handle(self, *args: Any, command: str, language: str, **options: Any) -> None:
        with translation.override(language):
            try:
                _BY_NAME[command].run(self, options)
            except client.TelegramError as error:
                said = {"error": explained(error.description)}
                raise CommandError(_("Telegram: %(error)s") % said) from error
            except webhook.Unusable as error:
                raise CommandError(str(error)) from error
