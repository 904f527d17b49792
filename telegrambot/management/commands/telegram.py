"""`manage.py telegram …`: everything that is told to Telegram once, and the look at how it is."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from telegrambot import alone, menus
from telegrambot.delivery import abilities, client
from telegrambot.delivery.upload import File
from telegrambot.incoming import polling
from telegrambot.incoming.foreign import only
from telegrambot.incoming.updates import ALLOWED_UPDATES
from telegrambot.kinds import alert
from telegrambot.models import GIVEN_UP, Bookmark, SentMessage, Update
from treasury.models import Employee

MAX_CONNECTIONS = 40
# Seconds for which Telegram's last failure with the webhook is news.
RECENT = 600

_REFUSES_ALL = "Set TELEGRAM_WEBHOOK_SECRET: without it the webhook refuses everything."

# What is checked, and what is wrong with it: nothing when empty.
Check = tuple[str, str]


class Command(BaseCommand):
    help = "Set up, check and run the connection with Telegram."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        for name, (_run, about) in self._commands().items():
            commands.add_parser(name, help=about)
        tells = commands.add_parser("tell", help="say something in the administrators' chats")
        tells.add_argument("text")
        tells.add_argument("--file", type=Path, help="what goes with it: a report, a picture")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        if command == "tell":
            self.tell(options["text"], options["file"])
            return
        run, _about = self._commands()[command]
        try:
            run()
        except client.TelegramError as error:
            raise CommandError(f"Telegram: {error.description}") from error

    def _commands(self) -> dict[str, tuple[Callable[[], None], str]]:
        return {
            "setwebhook": (self.set_webhook, "have Telegram send updates to PUBLIC_URL"),
            "webhookinfo": (self.webhook_info, "show what Telegram knows about the webhook"),
            "deletewebhook": (self.delete_webhook, "have Telegram keep updates for polling"),
            "commands": (self.set_commands, "put the bot's commands into everyone's menu"),
            "profile": (self.set_profile, "have the bot introduce itself in its users' languages"),
            "work": (self.work, "do all the work in this process, where there is no Redis"),
            "poll": (self.poll, "fetch updates instead of receiving them"),
            "doctor": (self.doctor, "check the settings and the connection"),
        }

    def set_webhook(self) -> None:
        # Every call replaces all parameters, so all of them are always passed.
        params = {
            "url": webhook_url(),
            "secret_token": _secret(),
            "max_connections": MAX_CONNECTIONS,
            "allowed_updates": list(ALLOWED_UPDATES),
        }
        tell("setWebhook", params, _certificate())
        self.stdout.write(f"The webhook is set: {webhook_url()}")
        self.stdout.write("Telegram has not tried it yet: look at webhookinfo after a minute.")

    def webhook_info(self) -> None:
        for name, value in tell("getWebhookInfo").items():
            shown = _when(value) if name.endswith("_date") else value
            self.stdout.write(f"{name}: {shown}")

    def delete_webhook(self) -> None:
        tell("deleteWebhook")
        self.stdout.write("The webhook is deleted; waiting updates are kept.")

    def set_commands(self) -> None:
        for where, offered in menus.each_common():
            tell("setMyCommands", {"commands": offered, **where})
        menus.offer(Employee.objects.filter(is_active=True))
        self.stdout.write("The commands are set.")

    def set_profile(self) -> None:
        for code in _each_language():
            for name, (kind, text) in _profile().items():
                # Telegram lets nobody rename a bot often, and asks to wait for hours then.
                if client.call(f"getMy{name}", {"language_code": code})[kind] != text:
                    client.call(f"setMy{name}", {kind: text, "language_code": code})
        self.stdout.write("The bot's name and descriptions are set.")

    def tell(self, text: str, file: Path | None) -> None:
        try:
            count = alert.say(text, file)
        except OSError as exc:
            raise CommandError(f"{file}: {exc.strerror}") from exc
        if not count:
            raise CommandError("No chat is to be told: write /alerts in one.")
        self.stdout.write(f"It will be said in {count} chat(s).")

    def work(self) -> None:
        try:
            alone.work()
        except alone.NotAlone as exc:
            raise CommandError(str(exc)) from exc

    def poll(self) -> None:
        self.stdout.write("Waiting for updates; Ctrl-C ends it.")
        try:
            polling.poll_forever()
        except KeyboardInterrupt:
            self.stdout.write("Ended.")

    def doctor(self) -> None:
        problems = 0
        for name, problem in self._checks():
            problems += bool(problem)
            style = self.style.ERROR if problem else self.style.SUCCESS
            self.stdout.write(style(f"{name}: {problem or 'ok'}"))
        if problems:
            raise CommandError(f"{problems} of the checks failed.")

    def _checks(self) -> Iterator[Check]:
        yield "token", _token_problem()
        yield "secret", "" if settings.TELEGRAM_WEBHOOK_SECRET else _REFUSES_ALL
        yield from _webhook_checks()
        yield "commands", _commands_problem()
        yield "profile", _profile_problem()
        poisoned = Update.objects.poisoned().count()
        yield "updates", f"{poisoned} could not be handled" if poisoned else ""
        stuck = Bookmark.objects.stuck().count()
        yield "requests", f"{stuck} could not be projected" if stuck else ""
        lost = SentMessage.objects.filter(state__in=GIVEN_UP).count()
        yield "messages", f"{lost} failed, or their answers were lost" if lost else ""


def tell(
    method: str,
    params: Mapping[str, Any] | None = None,
    files: Mapping[str, File] | None = None,
) -> Any:
    """Call, and wait as long as Telegram asks: it changes a webhook once a second at the most."""
    try:
        return client.call(method, params, files)
    except client.RetryAfter as error:
        time.sleep(error.seconds)
        return client.call(method, params, files)


def webhook_url() -> str:
    return f"{settings.PUBLIC_URL}{reverse('telegram-webhook')}"


def _secret() -> str:
    if not settings.TELEGRAM_WEBHOOK_SECRET:
        raise CommandError(_REFUSES_ALL)
    return str(settings.TELEGRAM_WEBHOOK_SECRET)


def _certificate() -> dict[str, File]:
    if not settings.TELEGRAM_CERTIFICATE:
        return {}
    path = Path(settings.TELEGRAM_CERTIFICATE)
    try:
        return {"certificate": File.of(path.name, path.read_bytes())}
    except OSError as exc:
        raise CommandError(f"TELEGRAM_CERTIFICATE: {exc}") from exc


def _each_language() -> Iterator[str | None]:
    """Its code for Telegram, while it is the language of all texts.

    The default is for everyone whose language has none of its own.
    """
    for language in (settings.LANGUAGE_CODE, "en"):
        with translation.override(language):
            yield None if language == settings.LANGUAGE_CODE else language


def _profile() -> dict[str, tuple[str, str]]:
    """For each method's name its parameter and the text: at most 64, 120 and 512 characters."""
    about = _("Payment requests: approve or decline them right here, in Telegram.")
    purpose = _(
        "I bring the payment requests that wait for your decision, with their documents, and tell "
        "how they end. Press “Start” and sign in with your account at work."
    )
    return {
        "Name": ("name", pgettext("bot", "Treasury")),
        "ShortDescription": ("short_description", about),
        "Description": ("description", purpose),
    }


def _token_problem() -> str:
    try:
        tell("getMe")
    except client.TelegramError as error:
        return error.description
    return ""


def _commands_problem() -> str:
    try:
        for where, offered in menus.each_common():
            if tell("getMyCommands", where) != _as_known(offered):
                return "not those of this version: run `manage.py telegram commands`"
    except client.TelegramError as error:
        return error.description
    return ""


def _as_known(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As the server tells them: an older one does not know that others need not see them."""
    if abilities.can(abilities.RICH):
        return commands
    return [only(command, ("command", "description")) for command in commands]


def _profile_problem() -> str:
    """Other words than ours are as good; none at all leave a newcomer alone."""
    try:
        for code in _each_language():
            if not tell("getMyDescription", {"language_code": code})["description"]:
                return "the bot does not say what it is for: run `manage.py telegram profile`"
    except client.TelegramError as error:
        return error.description
    return ""


def _webhook_checks() -> Iterator[Check]:
    try:
        info = tell("getWebhookInfo")
    except client.TelegramError as error:
        yield "webhook", error.description
        return
    wanted, actual = webhook_url(), info.get("url") or "not set"
    yield "webhook", "" if actual == wanted else f"it is {actual}; wanted: {wanted}"
    failed_at = info.get("last_error_date", 0)
    recent = timezone.now().timestamp() - failed_at < RECENT
    yield "deliveries", f"{_when(failed_at)} {info.get('last_error_message')}" if recent else ""


def _when(stamp: int) -> str:
    return f"{timezone.localtime(datetime.fromtimestamp(stamp, UTC)):%d.%m.%Y %H:%M:%S}"
