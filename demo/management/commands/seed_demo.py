import argparse
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo import company
from demo.seed import NotEmpty, begin_anew_in_messenger, seed


class Command(BaseCommand):
    help = "Fill an empty database with the demo's company, people and requests."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--password", help="of every person; one is made up without it")
        parser.add_argument(
            "--messenger-forgot",
            action="store_true",
            help="send the open requests anew: the file of the sandbox was lost",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = options["password"] or secrets.token_urlsafe(9)
        try:
            created = seed(password)
        except NotEmpty as exc:
            message = "There are organizations already: the demo wants a database of its own."
            raise CommandError(message) from exc
        if options["messenger_forgot"] and not created:
            begin_anew_in_messenger()
        if not created:
            self.stdout.write("The demo's company is already there.")
            return
        for person in company.PEOPLE:
            self.stdout.write(f"{person.email:26} {person.job}")
        self.stdout.write(f"Everyone's password: {password}")
