"""The webhook: set, shown, deleted."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot import webhook
from telegrambot.delivery import client
from telegrambot.doctor.checks.webhook import when
from telegrambot.doctor.explanations import explain, explained
from telegrambot.management.subcommands.base import Options, Subcommand
from telegrambot.redaction import without_secrets

# Seconds in which Telegram has tried a new webhook.
TRIED_WITHIN = 5.0

# What getWebhookInfo tells, in words; whatever else it may tell comes by its own name.
_TITLES = {
    "url": gettext_lazy("Address"),
    "has_custom_certificate": gettext_lazy("Certificate of one's own"),
    "pending_update_count": gettext_lazy("Waiting updates"),
    "ip_address": gettext_lazy("IP address"),
    "last_error_date": gettext_lazy("Last error"),
    "last_error_message": gettext_lazy("It said"),
    "last_synchronization_error_date": gettext_lazy("Last trouble within Telegram"),
    "max_connections": gettext_lazy("Connections at most"),
    "allowed_updates": gettext_lazy("Updates asked for"),
}


def _waits(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=float, default=TRIED_WITHIN, metavar="SECONDS",
        help="for which to look whether Telegram complains",
    )  # fmt: skip


def _shows(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as Telegram tells it")


def _drops(parser: ArgumentParser) -> None:
    parser.add_argument("--drop", action="store_true", help="throw away what waits; it asks first")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def set_webhook(command: BaseCommand, options: Options) -> None:
    complaint = webhook.establish(options["wait"])
    command.stdout.write(_("The webhook is set: %(url)s") % {"url": webhook.url()})
    if complaint:
        raise CommandError(_("Telegram cannot use it: %(error)s") % {"error": explained(complaint)})
    if options["wait"]:
        command.stdout.write(
            _("Telegram has not complained so far; `manage.py telegram doctor` tries the rest.")
        )


def show(command: BaseCommand, options: Options) -> None:
    info = client.call_patiently("getWebhookInfo")
    if options["json"]:
        command.stdout.write(without_secrets(json.dumps(info, ensure_ascii=False, indent=2)))
        return
    for name, value in info.items():
        said = without_secrets(_in_words(name, value))
        command.stdout.write(f"{_TITLES.get(name, name)}: {said}")
    if explanation := explain(info.get("last_error_message", "")):
        command.stdout.write(f"→ {explanation}")


def delete(command: BaseCommand, options: Options) -> None:
    if options["drop"] and not options["yes"]:
        _ask_for_consent(client.call("getWebhookInfo").get("pending_update_count", 0))
    client.call_patiently("deleteWebhook", {"drop_pending_updates": options["drop"] or None})
    command.stdout.write(
        _("The webhook is deleted, and what waited for it too.")
        if options["drop"]
        else _("The webhook is deleted; waiting updates are kept.")
    )


def _in_words(name: str, value: Any) -> str:
    if name.endswith("_date"):
        return when(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value) or _("not set")


def _ask_for_consent(count: int) -> None:
    """Presses and messages of people would be lost for good."""
    question = _("Updates that will be lost: %(count)d. Go on? [y/N] ") % {"count": count}
    sys.stderr.write(question)
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "д", "да"):
        raise CommandError(_("Nothing was deleted."))


ALL = (
    Subcommand("setwebhook", "have Telegram send updates here", set_webhook, _waits),
    Subcommand("webhookinfo", "show what Telegram knows about the webhook", show, _shows),
    Subcommand("deletewebhook", "have Telegram keep updates for polling", delete, _drops),
)
