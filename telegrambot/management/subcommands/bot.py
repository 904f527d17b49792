"""The bot itself: who it is, how it introduces itself, and what it says."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from telegrambot import introduction, menus
from telegrambot.delivery import client
from telegrambot.kinds import alert
from telegrambot.management.subcommands.base import Options, Subcommand
from treasury.models import Employee


def _addresses(parser: ArgumentParser) -> None:
    parser.add_argument("chat", help="its number, or the @name of a public one")
    parser.add_argument("text")


def _says(parser: ArgumentParser) -> None:
    parser.add_argument("text")
    parser.add_argument("--file", type=Path, help="what goes with it: a report, a picture")


def set_commands(command: BaseCommand, options: Options) -> None:
    for where, offered in list(menus.each_common()):
        client.call_patiently("setMyCommands", {"commands": offered, **where})
    menus.offer(Employee.objects.filter(is_active=True))
    command.stdout.write(_("The commands are set."))


def set_profile(command: BaseCommand, options: Options) -> None:
    introduction.tell()
    command.stdout.write(_("The bot's name and descriptions are set."))


def show(command: BaseCommand, options: Options) -> None:
    for name, value in client.call_patiently("getMe").items():
        command.stdout.write(f"{name}: {value}")


def send(command: BaseCommand, options: Options) -> None:
    """Past the lanes: what is tried is the line itself."""
    params = {"chat_id": options["chat"], "text": options["text"]}
    message = client.call_patiently("sendMessage", params)
    command.stdout.write(_("Sent: message %(number)d.") % {"number": message["message_id"]})


def tell(command: BaseCommand, options: Options) -> None:
    try:
        count = alert.say(options["text"], options["file"])
    except OSError as exc:
        raise CommandError(f"{options['file']}: {exc.strerror}") from exc
    if not count:
        raise CommandError(_("No chat is to be told: write /alerts in one."))
    command.stdout.write(_("It will be said in %(count)d chat(s).") % {"count": count})


ALL = (
    Subcommand("me", "show who the bot is", show),
    Subcommand("commands", "put the bot's commands into everyone's menu", set_commands),
    Subcommand("profile", "have the bot introduce itself in its users' languages", set_profile),
    Subcommand("send", "send a message to a chat, to try the line", send, _addresses),
    Subcommand("tell", "say something in the administrators' chats", tell, _says),
)
