"""All that is looked at, in the order in which one would.

A further check is a function in a module of `checks`, and its line here.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from telegrambot.delivery import client
from telegrambot.doctor.checks import (
    address,
    api,
    bot,
    installation,
    leftovers,
    probe,
    tls,
    webhook,
)
from telegrambot.doctor.results import Level, Result, explained, failure, warning
from telegrambot.doctor.visit import Visit
from telegrambot.redaction import redacted


@dataclass(frozen=True)
class Check:
    """`look` gives one result at least. It may raise what Telegram or the database has said."""

    name: str
    title: Promise
    look: Callable[[Visit], Iterable[Result]]


@dataclass(frozen=True)
class Finding:
    """A result, and of which check."""

    check: Check
    result: Result


CHECKS = (
    Check("token", gettext_lazy("Token"), api.check_token),
    Check("line", gettext_lazy("Way to Telegram"), api.check_line),
    Check("clock", pgettext_lazy("machine", "Clock"), api.check_clock),
    Check("address", gettext_lazy("Address of the webhook"), address.check),
    Check("tls", gettext_lazy("TLS and certificate"), tls.check),
    Check("secret", gettext_lazy("Secret of the webhook"), webhook.check_secret),
    Check("refusal", gettext_lazy("Call without the secret"), probe.check_refusal),
    Check("acceptance", gettext_lazy("Call with the secret"), probe.check_acceptance),
    Check("webhook", gettext_lazy("Webhook at Telegram"), webhook.check_settings),
    Check("deliveries", gettext_lazy("Deliveries of Telegram"), webhook.check_deliveries),
    Check("bot", gettext_lazy("Settings of the bot"), bot.check_abilities),
    Check("commands", gettext_lazy("Menus of commands"), bot.check_commands),
    Check("profile", gettext_lazy("Introduction of the bot"), bot.check_profile),
    Check("buttons", gettext_lazy("Buttons with links"), address.check_buttons),
    Check("database", gettext_lazy("Database"), installation.check_database),
    Check("migrations", gettext_lazy("Migrations"), installation.check_migrations),
    Check("broker", gettext_lazy("Broker"), installation.check_broker),
    Check("worker", gettext_lazy("Worker"), installation.check_worker),
    Check("lag", gettext_lazy("Lag"), installation.check_lag),
    Check("channel", gettext_lazy("Voice of the bot"), installation.check_channel),
    Check("documents", gettext_lazy("Room for documents"), installation.check_documents),
    Check("backup", gettext_lazy("Last backup"), installation.check_backup),
    Check("updates", gettext_lazy("Updates"), leftovers.check_updates),
    Check("requests", gettext_lazy("Requests not told of"), leftovers.check_requests),
    Check("messages", gettext_lazy("Messages"), leftovers.check_messages),
)


def examine(without: Collection[str] = ()) -> Iterator[Finding]:
    """What is found, each as soon as it is, in the active language; but for checks of these names.

    It calls Telegram and our own address, which may take minutes where nobody answers: never call
    it inside a transaction.
    """
    visit = Visit()
    for check in CHECKS:
        if check.name not in without:
            for result in _results(check, visit):
                yield Finding(check, result)


def worst(findings: Iterable[Finding]) -> Level:
    levels = {finding.result.level for finding in findings}
    return next((level for level in (Level.FAILURE, Level.WARNING) if level in levels), Level.OK)


def _results(check: Check, visit: Visit) -> Iterator[Result]:
    try:
        yield from check.look(visit)
    except client.TelegramError as error:
        # What is wrong with all of them is told once.
        if visit.is_answered:
            yield explained(error.description)
        else:
            yield warning(
                _("Not looked at: Telegram does not answer."),
                _("See what is said of the token and of the way to Telegram."),
            )
    except DatabaseError as error:
        yield failure(
            _("The database could not be asked: %(error)s")
            % {"error": f"{type(error).__name__}: {redacted(error)}".strip()},
            _("See what is said of the database and of its migrations."),
        )
