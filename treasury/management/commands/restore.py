from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils.timezone import localtime

from treasury.backups import restoring
from treasury.backups.archive import Manifest
from treasury.backups.refusal import Refused
from treasury.models import PaymentRequest


class Command(BaseCommand):
    help = (
        "Brings database and documents back from a file of `backup`. What was restored sends "
        "nothing until it is told so."
    )
    # They look at what is not there yet.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--identity", type=Path, metavar="FILE", help="with the key of age that opens it"
        )
        parser.add_argument(
            "--replace", action="store_true", help="throw away what the database holds; asks"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["file"]
        try:
            restored = restoring.restore(
                file, options["identity"], replace=options["replace"],
                agreed=(lambda _manifest: True) if options["yes"] else self._ask,
            )  # fmt: skip
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        except DatabaseError as error:
            raise CommandError(
                f"The database: {error} It has to exist; look at DATABASE_URL. Nothing was changed."
            ) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename or file}: {error.strerror}. Nothing was changed: mend that, or "
                "make room, and try again."
            ) from error
        self._report(file, restored)

    def _ask(self, manifest: Manifest) -> bool:
        database = connection.settings_dict["NAME"]
        self.stdout.write(
            f"All that database {database} holds{_requests()} is thrown away, and the state of "
            f"{localtime(manifest.moment):%Y-%m-%d %H:%M:%S} takes its place."
        )
        try:
            return input("Type yes to go on: ").strip() == "yes"
        except EOFError:
            raise Refused("Nobody is there to be asked: say --yes. Nothing was changed.") from None

    def _report(self, file: Path, restored: restoring.Restored) -> None:
        manifest = restored.manifest
        for path in manifest.missing:
            self.stderr.write(f"Was not there when the backup was made: {path}")
        self.stdout.write(
            f"Restored from {file}: as of {localtime(manifest.moment):%Y-%m-%d %H:%M:%S}, "
            f"{len(manifest.media):,} documents, {len(restored.migrated)} migrations applied; the "
            "journals end as the backup says."
        )
        self.stdout.write(
            "Nothing is sent to Telegram, nor taken from there, until `manage.py telegram resume`. "
            "Run `manage.py verify_journal` before."
        )


def _requests() -> str:
    """How many there are, where that can be told: the tables may be of another release."""
    if PaymentRequest._meta.db_table not in connection.introspection.table_names():
        return ""
    return f", {PaymentRequest.objects.count():,} requests,"
