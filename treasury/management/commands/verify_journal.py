from typing import Any

from django.core.management.base import BaseCommand, CommandError

from treasury.journal import broken_links
from treasury.models import Event


class Command(BaseCommand):
    help = "Proves that no journal entry was altered, removed or added behind the product's back."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(broken_links())
        for number, fault in faults:
            self.stderr.write(f"{number}: {fault}")
        if faults:
            raise CommandError(f"The journal is broken in {len(faults)} request(s).")
        self.stdout.write(f"The journal is whole: {Event.objects.count()} entries.")
