from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury import proving
from treasury.models import Event, PaymentRequest
from treasury.signals import journal_proved


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

        first = ""
        for whose, fault in proving.faults(progress):
            broken += 1
            first = first or f"{whose}: {fault}"
            self.stderr.write(f"{whose}: {fault}")
        journal_proved.send(sender=Event, faults=broken, first=first)
        if broken:
            raise CommandError(f"The journal is broken in {broken} place(s).")
        entries = Event.objects.count()
        self.stdout.write(f"The journal is whole: {entries:,} entries of {done:,} requests.")
