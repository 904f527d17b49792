"""The webhook: set, shown, deleted."""

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from telegrambot import webhook
from telegrambot.delivery import client
from telegrambot.doctor.explanations import explain, explained
from telegrambot.management.subcommands.base import Options, Subcommand
from telegrambot.redaction import without_secrets


def _waits(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--wait", type=float, default=webhook.TRIED_WITHIN, metavar="SECONDS",
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
    for title, said in webhook.in_words(info):
        command.stdout.write(f"{title}: {without_secrets(said)}")
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
