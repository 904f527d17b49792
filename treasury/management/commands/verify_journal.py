from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury import proving
from treasury.models import Event, PaymentRequest


class Command(BaseCommand):
    help = (
        "Proves that the journals, the revisions and the decisions are those that were written, "
        "and that each request is still what was submitted."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        total, done, broken = PaymentRequest.objects.count(), 0, 0

        def progress(more: int) -> None:
            nonlocal done
            done += more
            if done < total:
                self.stderr.write(f"{done:,} of {total:,} requests …")

        for whose, fault in proving.faults(progress):
            broken += 1
            self.stderr.write(f"{whose}: {fault}")
        if broken:
            raise CommandError(f"The journal is broken in {broken} place(s).")
        entries = Event.objects.count()
        self.stdout.write(f"The journal is whole: {entries:,} entries of {done:,} requests.")
