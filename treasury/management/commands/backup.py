from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.timezone import localtime

from treasury.backups import folder, making
from treasury.backups.refusal import Refused


class Command(BaseCommand):
    help = "Writes the database and the documents into one file, while the product runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, nargs="?", default=settings.BACKUP_DIR,
            help="where to; BACKUP_DIR unless given",
        )  # fmt: skip
        parser.add_argument(
            "--recipient", action="append",
            help="a public key of age, of whom alone the file can be read; may be repeated, and "
            "takes the place of BACKUP_AGE_RECIPIENT",
        )  # fmt: skip
        parser.add_argument(
            "--keep", type=int, metavar="DAYS",
            help="then throw away the backups of this installation that are older",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        into, days = options["folder"], options["keep"]
        if days is not None and days < 1:
            raise CommandError("--keep takes a number of days from 1 on.")
        try:
            made = making.make(into, options["recipient"] or settings.BACKUP_AGE_RECIPIENT)
            old = [] if days is None else folder.forget(into, days=days, newest=made.path)
        except Refused as refusal:
            raise CommandError(f"No backup was made. {refusal}") from refusal
        except DatabaseError as error:
            raise CommandError(f"No backup was made. The database: {error}") from error
        except OSError as error:
            where = error.filename or into
            raise CommandError(
                f"No backup was made. {where}: {error.strerror}. Make room there, or choose "
                "another folder that this user may write to."
            ) from error
        for path in made.missing:
            self.stderr.write(f"Not there, and so not in the backup: {path}")
        self.stdout.write(
            f"Backup of {localtime(made.moment):%Y-%m-%d %H:%M:%S}: {made.path}, "
            f"{made.size:,} bytes, {made.documents:,} documents, "
            f"{len(made.missing)} missing, {len(old)} old backups thrown away."
        )
