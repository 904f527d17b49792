import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury import witness


class Command(BaseCommand):
    help = (
        "Prints the ends of the journals, to be kept outside of this database: as long as --check "
        "finds the same, nothing before them was rewritten, not even with all keys at hand."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="compare with what was printed, from the input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            for head in witness.heads():
                self.stdout.write(str(head))
            return
        if broken := [head for head in _read() if not witness.holds(head)]:
            raise CommandError("Rewritten since: " + "; ".join(map(str, broken)))
        self.stdout.write("The journals go on from there.")


def _read() -> list[witness.Head]:
    try:
        heads = [witness.Head.read(line) for line in sys.stdin if line.strip()]
    except ValueError as error:
        raise CommandError(f"This is not what journal_head has printed: {error}") from error
    if not heads:
        raise CommandError("There is nothing to compare with: give what journal_head has printed.")
    return heads
