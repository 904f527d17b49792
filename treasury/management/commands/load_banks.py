import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext_lazy

from treasury import bank_directory, signals
from treasury.errors import Text
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
            raise _failed(f"{options['file']}: {exc.strerror}.") from exc
        except bank_directory.NotADirectory as exc:
            raise _failed(f"{exc} Nothing was changed.") from exc
        loaded = banks.load(banks=found, is_whole=options["whole"])
        self._report(loaded)
        _tell(
            gettext_lazy(
                "The directory of banks is loaded: %(added)d added, %(changed)d changed, "
                "%(retired)d out of use."
            ),
            added=len(loaded.added), changed=len(loaded.changed), retired=len(loaded.retired),
        )  # fmt: skip

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


def _failed(problem: str) -> CommandError:
    """Who has it run every night reads no screen."""
    _tell(gettext_lazy("The directory of banks is not loaded: %(problem)s"), problem=problem)
    return CommandError(problem)


def _tell(text: Text, **facts: object) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        signals.work_ended.send(sender=Command, text=str(text) % facts)


def _used() -> set[str]:
    """The БИК of banks in which somebody has an account."""
    accounts = (OwnAccount.objects, CounterpartyAccount.objects)
    return {bik for rows in accounts for bik in rows.values_list("bank__bik", flat=True) if bik}
