import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury import bank_directory
from treasury.models import CounterpartyAccount, OwnAccount
from treasury.services import banks


class Command(BaseCommand):
    help = "Brings the banks in line with the Bank of Russia's directory of BIK (ED807)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the XML, or the ZIP as it was downloaded")
        parser.add_argument(
            "--whole",
            action="store_true",
            help="the file is the whole directory: banks that are not in it go out of use",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = bank_directory.read(options["file"].read_bytes())
        except OSError as exc:
            raise CommandError(f"{options['file']}: {exc.strerror}.") from exc
        except bank_directory.NotADirectory as exc:
            raise CommandError(f"{exc} Nothing was changed.") from exc
        loaded = banks.load(banks=found, is_whole=options["whole"])
        self._report(loaded)

    def _report(self, loaded: banks.Loaded) -> None:
        used = _used()
        for bik, before, after in loaded.renamed:
            if bik in used:
                self.stdout.write(f"{bik} has accounts and a new name: {before} → {after}")
        for bik, ours, theirs in loaded.kept:
            self.stdout.write(
                f"{bik} keeps its correspondent account {ours}, with which requests were "
                f"submitted; the file has {theirs or 'none'}"
            )
        for bik in loaded.retired:
            if bik in used:
                self.stdout.write(f"{bik} has accounts and is not in the file: out of use")
        self.stdout.write(
            f"Banks: {len(loaded.added)} added, {len(loaded.changed)} changed, "
            f"{loaded.unchanged} as before, {len(loaded.retired)} out of use."
        )


def _used() -> set[str]:
    """The БИК of banks in which somebody has an account."""
    accounts = (OwnAccount.objects, CounterpartyAccount.objects)
    return {bik for rows in accounts for bik in rows.values_list("bank__bik", flat=True) if bik}
