from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware, make_aware

from treasury import entitled
from treasury.models import ApproverGroup, Department, Employee, Organization


class Command(BaseCommand):
    help = "Says who could approve at a moment, as the journal of accounts tells it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("moment", type=_moment, help="such as 2026-11-20T14:05, local time")

    def handle(self, *args: Any, moment: datetime, **options: Any) -> None:
        for department in Department.objects.select_related("organization"):
            self._say(department.organization, department, entitled.holders_at(moment, department))
        for group in ApproverGroup.objects.all():
            for organization in Organization.objects.all():
                members = entitled.members_at(moment, group, organization)
                self._say(organization, group, members)

    def _say(self, organization: object, place: object, people: Iterable[Employee]) -> None:
        names = ", ".join(sorted(map(str, people))) or "nobody"
        self.stdout.write(f"{organization}, {place}: {names}")


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise ArgumentTypeError(f"no moment like 2026-11-20T14:05: {text}")
    return moment if is_aware(moment) else make_aware(moment)
