"""A person, chosen from a list with pages, of which a part of the name leaves the fitting ones."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content import keyboards
from telegrambot.content.callback_data import Verb
from telegrambot.content.keyboards import Row
from telegrambot.dialogs.questions import Question, Unclear, Value
from telegrambot.models import Dialog
from treasury.errors import Text
from treasury.models import Department, Employee, GroupMembership

# So many names on a page: they, the turns and the way back must fit on a phone.
PAGE_SIZE = 8
# Characters, as the dialog keeps it.
_SEARCH_LENGTH = 80
_HINT = gettext_lazy("Choose, or send a part of the name as a message.")
# Those among whom one chooses, each with the key that is the answer.
Keyed = list[tuple[int, Employee]]


def keyed(people: Iterable[Employee]) -> Keyed:
    """By their own primary keys."""
    return [(person.pk, person) for person in people]


@dataclass(frozen=True, kw_only=True)
class Person(Question):
    """The answer is a key of `people`."""

    people: Callable[[Dialog, Employee], Keyed]
    name: str = "person"
    hint: Text = _HINT

    def rows(self, dialog: Dialog, employee: Employee) -> list[Row]:
        everyone = self._found(dialog, employee)
        pages = max(1, -(-len(everyone) // PAGE_SIZE))
        page = min(max(dialog.page, 1), pages)
        labels = _labels(everyone[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
        choice = keyboards.options(self.name, dialog.pk, labels)
        return [*choice, keyboards.turns(Verb.TURN, dialog.pk, page, pages)]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        return number if number in dict(self.people(dialog, employee)) else None

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> None:
        """A part of the name."""
        dialog.search, dialog.page = text.strip()[:_SEARCH_LENGTH], 1
        if not self._found(dialog, employee):
            raise Unclear(_("I find nobody called “%(name)s” here.") % {"name": dialog.search})

    def _found(self, dialog: Dialog, employee: Employee) -> Keyed:
        wanted = dialog.search.casefold()
        # Not in the database: it would have to put the full name together first.
        everyone = self.people(dialog, employee)
        return [entry for entry in everyone if wanted in entry[1].get_full_name().casefold()]


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
