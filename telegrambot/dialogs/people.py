"""A person, chosen from a list."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.dialogs.lists import Listed
from telegrambot.dialogs.questions import Value
from telegrambot.models import Dialog
from treasury.errors import Text
from treasury.models import Department, Employee, GroupMembership

_HINT = gettext_lazy("Choose, or send a part of the name as a message.")
# Those among whom one chooses, each with the key that is the answer.
Keyed = list[tuple[int, Employee]]


def keyed(people: Iterable[Employee]) -> Keyed:
    """By their own primary keys."""
    return [(person.pk, person) for person in people]


@dataclass(frozen=True, kw_only=True)
class Person(Listed):
    """The answer is a key of `people`."""

    people: Callable[[Dialog, Employee], Keyed]
    name: str = "person"
    hint: Text = _HINT

    def found(self, dialog: Dialog, employee: Employee) -> Keyed:
        wanted = dialog.search.casefold()
        # Not in the database: it would have to put the full name together first.
        everyone = self.people(dialog, employee)
        return [entry for entry in everyone if wanted in entry[1].get_full_name().casefold()]

    def labels(self, entries: Keyed) -> list[tuple[str, int]]:
        return _labels(entries)

    def nothing_found(self, text: str) -> str:
        return _("I find nobody called “%(name)s” here.") % {"name": text}

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        return number if number in dict(self.people(dialog, employee)) else None


def _labels(people: Keyed) -> list[tuple[str, int]]:
    parts = _roles([person for _key, person in people])
    return [
        (" · ".join(filter(None, [person.get_full_name(), parts.get(person.pk, "")])), key)
        for key, person in people
    ]


def _roles(persons: Collection[Employee]) -> dict[int, str]:
    """By primary key, in a word, what each of them has to do with approvals; two queries."""
    memberships = GroupMembership.objects.filter(employee__in=persons).order_by("-group__name")
    held = Department.objects.filter(budget_holders__in=persons, is_active=True)
    departments = held.order_by("-name").values_list("budget_holders", "name")
    # Of several the one that stands last here wins: the role before the department.
    return {**dict(departments), **dict(memberships.values_list("employee", "group__name"))}
