"""What dialogs are built of: one thing that is asked, and how an answer is understood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.content import blocks, keyboards
from telegrambot.content.blocks import Block, paragraph, paragraphs
from telegrambot.content.callback_data import may_name_a_question
from telegrambot.content.keyboards import Row
from telegrambot.content.markup import bold, plain
from telegrambot.models import Dialog, ReasonTemplate
from treasury import reasons
from treasury.errors import ReasonRequired, Text
from treasury.models import Employee

_GIVE_REASON = gettext_lazy(
    "Choose the reason, or send it as a message. /cancel leaves everything as it is."
)
# What is kept of an answer: a primary key, a date (ISO), a reason, a word of the dialog's own; it
# is empty of a question that was passed over.
Value = str | int
# The number on the button that passes a question over; those of answers are lower.
PASSED_OVER = 10**18 - 1


@dataclass(frozen=True)
class Again:
    """In place of an answer: the question of this name is to be asked once more."""

    name: str


@dataclass(frozen=True)
class Taken:
    """In place of an answer: that to the question of this name, which is not asked."""

    name: str
    value: Value


class Unclear(Exception):
    """The answer is of no use; `str()` says what is wanted.

    `offer` is the answer that was perhaps meant: its label and the number on its button.
    """

    def __init__(self, text: str, offer: tuple[str, int] | None = None) -> None:
        super().__init__(text)
        self.offer = offer


@dataclass(frozen=True)
class Asked:
    """An open question: what leads to it, itself, how to answer it, and the buttons."""

    facts: str
    question: str
    hint: str
    rows: list[Row]
    # What was understood of the answer before.
    understood: str = ""

    @property
    def text(self) -> str:
        """Telegram's HTML."""
        before = (plain(self.understood), plain(self.facts))
        return "\n".join(filter(None, [*before, bold(self.question), plain(self.hint)]))

    @property
    def blocks(self) -> list[Block]:
        """The same for a rich message."""
        question = paragraph(blocks.bold(self.question))
        before = [*paragraphs(self.understood), *paragraphs(self.facts)]
        return [*before, question, *paragraphs(self.hint)]


def _nothing(dialog: Dialog, employee: Employee) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing that is asked; its answer comes by a button or in a message.

    `name` stands in the dialog's answers and on the buttons: at most 20 small letters and _.
    """

    name: str
    text: Text
    hint: Text = ""
    # Whether an answer may look like the number of a request.
    takes_numbers: bool = False
    # By which name a typed answer is told as it was understood; empty where that needs no words.
    told_as: Text = ""
    # The label of the button that passes it over; without one it has to be answered.
    skip: Text = ""
    # What has to be known before the answer.
    facts: Callable[[Dialog, Employee], str] = _nothing

    def __post_init__(self) -> None:
        if not may_name_a_question(self.name):
            raise ValueError(f"a button with {self.name!r} would not be a question's")

    def asked(self, dialog: Dialog, employee: Employee) -> Asked:
        """As it is put to this person."""
        facts, rows = self.facts(dialog, employee), self.rows(dialog, employee)
        skip = [(str(self.skip), PASSED_OVER)] if self.skip else []
        rows = [*rows, *keyboards.options(self.name, dialog.pk, skip)]
        return Asked(facts, str(self.text), str(self.hint), rows)

    def rows(self, dialog: Dialog, employee: Employee) -> list[Row]:
        return keyboards.options(self.name, dialog.pk, self.offered(dialog, employee))

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        """The labels of the buttons, and the numbers on them, below `PASSED_OVER`."""
        return []

    def pressed(
        self, dialog: Dialog, employee: Employee, number: int
    ) -> Value | Again | Taken | None:
        """As `chosen`, of each of its buttons."""
        is_passed_over = self.skip and number == PASSED_OVER
        return "" if is_passed_over else self.chosen(dialog, employee, number)

    def chosen(
        self, dialog: Dialog, employee: Employee, number: int
    ) -> Value | Again | Taken | None:
        """The answer on a button; None for a number that is not offered (any more).

        Raises `Unclear` or `TreasuryError`.
        """
        return None

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        """The answer in a message; None when it has only changed what the buttons offer.

        Raises `Unclear` or `TreasuryError`.
        """
        raise Unclear(_("Please choose with a button. /cancel leaves everything as it is."))

    def understood(self, dialog: Dialog) -> str:
        """Its answer in words, by its name `told_as`."""
        return str(dialog.answers[self.name])


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """One of a few answers, by button alone.

    `options` has (label, answer) by the number on the button, which outlives a new release.
    """

    options: Mapping[int, tuple[Text, Value]]

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        return [(str(label), number) for number, (label, _answer) in self.options.items()]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        _label, answer = self.options.get(number, ("", None))
        return answer


@dataclass(frozen=True, kw_only=True)
class Reason(Question):
    """Why something is done: one of the ready reasons for the action, or a typed one."""

    action: str
    name: str = "reason"
    hint: Text = _GIVE_REASON

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        ready = ReasonTemplate.objects.filter(action=self.action, is_active=True)
        return [(reason.text, reason.pk) for reason in ready]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        ready = ReasonTemplate.objects.filter(pk=number, action=self.action, is_active=True)
        return ready.values_list("text", flat=True).first()

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        try:
            return reasons.checked(text)
        except ReasonRequired as problem:
            way_out = _("/cancel leaves everything as it is.")
            raise Unclear(f"{problem} {way_out}") from problem
