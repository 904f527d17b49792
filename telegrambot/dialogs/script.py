"""A dialog as data: what it asks, who may begin it, and what comes of the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegrambot.dialogs.questions import Question
from telegrambot.models import Dialog
from treasury.errors import Text
from treasury.models import ApprovalTask, Employee

# By the names of the questions.
Answers = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Script:
    """`subject` names it in its rows, and on the buttons that begin it.

    `questions` are all, in their order, as far as the answers show by now which are to be asked;
    `by_message` has the key of what was typed.
    `carry_out` does what was answered and returns the sentence that says so; raises
    `TreasuryError`.

    `opening` makes it a dialog about a task, which stands on the task's cards. It tells what is
    known without asking, or None when nothing is to be asked (any more); whoever may not do what
    the dialog leads to is refused there by a `TreasuryError`. `greeting` answers the button.
    """

    subject: str
    questions: Callable[[Answers], Sequence[Question]]
    carry_out: Callable[[Dialog, Employee], str]
    opening: Callable[[ApprovalTask, Employee], Answers | None] | None = None
    greeting: Text = ""

    @property
    def is_about_a_task(self) -> bool:
        return self.opening is not None


def by_message(name: str) -> str:
    """The key under which the answers note that the question of this name was answered by a
    message; no question can have such a name."""
    return f"{name} by message"


def always(*questions: Question) -> Callable[[Answers], Sequence[Question]]:
    """The same ones, whatever is answered."""
    return lambda answers: questions


def task_of(dialog: Dialog) -> ApprovalTask:
    """The task that the dialog is about; that there is one was seen to when it began."""
    if dialog.task is None:
        raise ValueError(f"about no task: {dialog}")
    return dialog.task
