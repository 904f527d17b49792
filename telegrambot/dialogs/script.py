"""A dialog as data: what it asks, who may begin it, and what comes of the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from telegrambot.dialogs.questions import Question
from telegrambot.models import Dialog
from treasury.errors import Text
from treasury.models import ApprovalTask, Employee, PaymentRequest

# By the names of the questions.
Answers = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Script:
    """`subject` names it in its rows, and on the buttons that begin it.

    `questions` are all, in their order, as far as the answers show by now which are to be asked;
    `by_message` has the key of what was typed.
    `carry_out` does what was answered and returns the sentence that says so, perhaps with the
    request that has come of it; raises `TreasuryError`, or `Unclear` to go on asking.
    `settle` has the last word on the answers after each of them: it gives those that need not be
    asked for, and takes away those that hold no more.
    `set_aside` keeps the answers of who is asked something else, or says nothing for an hour, and
    returns what stands in place of the question.
    `read_picture` makes it a dialog that takes files, which are sent meanwhile: it gets the codes
    in a picture, may take answers from them, and returns what is to be said of it.

    `opening` makes it a dialog about a task, which stands on the task's cards. It tells what is
    known without asking, or None when nothing is to be asked (any more); whoever may not do what
    the dialog leads to is refused there by a `TreasuryError`. `greeting` answers the button.
    """

    subject: str
    questions: Callable[[Answers], Sequence[Question]]
    carry_out: Callable[[Dialog, Employee], "str | Made"]
    settle: Callable[[Dialog, Employee], None] | None = None
    set_aside: Callable[[Dialog, Employee], str] | None = None
    read_picture: Callable[[Dialog, Employee, Sequence[bytes]], list[str]] | None = None
    opening: Callable[[ApprovalTask, Employee], Answers | None] | None = None
    greeting: Text = ""
    # The last question, which shows what was answered before: its answer holds for that alone.
    confirms: str = ""

    @property
    def takes_files(self) -> bool:
        return self.read_picture is not None

    @property
    def is_about_a_task(self) -> bool:
        return self.opening is not None


@dataclass(frozen=True)
class Made:
    """A request that has come of the answers, and the sentence that says so.

    `asks` is the dialog that has to follow, about no task: its subject, and what it knows.
    """

    text: str
    request: PaymentRequest
    asks: tuple[str, Answers] | None = None


def by_message(name: str) -> str:
    """The key under which the answers note that the question of this name was answered by a
    message; no question can have such a name."""
    return f"{name} by message"


def by_picture(name: str) -> str:
    """As `by_message`, for what was read from a picture."""
    return f"{name} by picture"


# The key under which they note the question that is to be asked once more, whatever else would
# answer it.
ASKED_AGAIN = "asked again"


def forget(answers: dict[str, Any], name: str) -> None:
    """Of the question of this name, which may have none."""
    for key in (name, by_message(name), by_picture(name)):
        answers.pop(key, None)


def always(*questions: Question) -> Callable[[Answers], Sequence[Question]]:
    """The same ones, whatever is answered."""
    return lambda answers: questions


def task_of(dialog: Dialog) -> ApprovalTask:
    """The task that the dialog is about; that there is one was seen to when it began."""
    if dialog.task is None:
        raise ValueError(f"about no task: {dialog}")
    return dialog.task
