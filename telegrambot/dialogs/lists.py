"""One of a list with pages, of which what is typed leaves the fitting ones."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content import keyboards
from telegrambot.content.callback_data import Verb
from telegrambot.content.keyboards import Row
from telegrambot.dialogs.questions import Question, Unclear, Value
from telegrambot.models import Dialog
from treasury.errors import Text
from treasury.models import Employee
from treasury.search import fold

# So many on a page: they, the turns and the way back must fit on a phone.
PAGE_SIZE = 8
# Characters, as the dialog keeps it.
_SEARCH_LENGTH = 80
_HINT = gettext_lazy("Choose, or send a part of what it is called.")
# Each with the key that is the answer.
Keyed = list[tuple[int, Any]]


@dataclass(frozen=True, kw_only=True)
class Listed(Question):
    """The answer is a key of what it lists."""

    hint: Text = _HINT

    def found(self, dialog: Dialog, employee: Employee) -> Keyed:
        """What fits the words that were typed, or everything."""
        raise NotImplementedError

    def labels(self, entries: Keyed) -> list[tuple[str, int]]:
        """Of a page."""
        return [(str(entry), key) for key, entry in entries]

    def nothing_found(self, text: str) -> str:
        nothing = _(
            "I find nothing called “%(name)s” here. Choose with a button above, or send another "
            "part of the name."
        )
        return nothing % {"name": text}

    def rows(self, dialog: Dialog, employee: Employee) -> list[Row]:
        everything = self.found(dialog, employee)
        pages = max(1, -(-len(everything) // PAGE_SIZE))
        page = min(max(dialog.page, 1), pages)
        labels = self.labels(everything[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
        choice = keyboards.options(self.name, dialog.pk, labels)
        return [*choice, keyboards.turns(Verb.TURN, dialog.pk, page, pages)]

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        """A part of what it is called."""
        dialog.search, dialog.page = text.strip()[:_SEARCH_LENGTH], 1
        if not self.found(dialog, employee):
            raise Unclear(self.nothing_found(dialog.search))
        return None


@dataclass(frozen=True, kw_only=True)
class DirectoryRow(Listed):
    """A row of a short directory, by its primary key; `first` are the keys of those that are likely
    to be wanted."""

    everything: Callable[[Dialog, Employee], Iterable[Any]]
    first: Callable[[Dialog, Employee], Collection[int]] = lambda dialog, employee: ()
    label: Callable[[Any], str] = str

    def found(self, dialog: Dialog, employee: Employee) -> Keyed:
        wanted = fold(dialog.search)
        rows = [
            (row.pk, row)
            for row in self.everything(dialog, employee)
            if wanted in fold(self.label(row))
        ]
        first = list(self.first(dialog, employee))
        return sorted(rows, key=lambda row: first.index(row[0]) if row[0] in first else len(first))

    def labels(self, entries: Keyed) -> list[tuple[str, int]]:
        return [(self.label(row), key) for key, row in entries]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        keys = (row.pk for row in self.everything(dialog, employee))
        return number if number in keys else None
