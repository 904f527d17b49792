"""The migrations that give roles their permissions, run by hand."""

from importlib import import_module

from django.apps import apps
from django.db import connection

MIGRATIONS = ("treasury.migrations.0009_roles", "oauth.migrations.0003_roles",
              "treasury.migrations.0042_who_keeps_the_calendar",
              "telegrambot.migrations.0008_roles",
              "telegrambot.migrations.0020_who_sees_stuck_requests",
              "telegrambot.migrations.0030_who_arranges_cards",
              "telegrambot.migrations.0054_who_sets_the_webhook")  # fmt: skip


def grant() -> None:
    _run("code", MIGRATIONS)


def withdraw() -> None:
    _run("reverse_code", tuple(reversed(MIGRATIONS)))


def _run(direction: str, modules: tuple[str, ...]) -> None:
    for module in modules:
        for operation in import_module(module).Migration.operations:
            getattr(operation, direction)(apps, connection.schema_editor())
