"""A dialog as one is added: all of it is here, and a test puts it into the registry."""

from dataclasses import dataclass, replace
from typing import Any

from telegrambot.dialogs.questions import Again, Asked, Choice, Question, Unclear, Value
from telegrambot.dialogs.script import Answers, Script, always, task_of
from telegrambot.models import Dialog
from treasury import rights
from treasury.approval import read
from treasury.errors import NotAllowed, TreasuryError
from treasury.models import ApprovalTask, Employee

KIND = Choice(
    name="kind",
    text="Praise or blame?",
    hint="Choose.",
    options={1: ("Praise", "praise"), 2: ("Blame", "blame")},
)


@dataclass(frozen=True, kw_only=True)
class Words(Question):
    name: str = "words"
    text: str = "In which words?"

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        return [("Well done", 7)]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        return {7: "Well done"}.get(number)

    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        if len(text) < 5:
            raise Unclear("Say more.", ("Well done", 7))
        return text


WORDS = Words()


def _opening(task: ApprovalTask, employee: Employee) -> Answers | None:
    if task.status != ApprovalTask.Status.OPEN:
        return None
    if not rights.may_decide(read(task.request), task, employee):
        raise NotAllowed
    return {}


def _remark(dialog: Dialog, employee: Employee) -> str:
    if dialog.answers[WORDS.name] == "refuse this":
        raise TreasuryError("That was refused.")
    about = task_of(dialog).request.number if dialog.task else "all"
    return f"{about}: {dialog.answers[KIND.name]}, {dialog.answers[WORDS.name]}"


ABOUT_A_TASK = Script(
    subject="remark",
    questions=always(KIND, WORDS),
    carry_out=_remark,
    opening=_opening,
    greeting="A remark, then.",
)
ABOUT_ALL = Script(subject="feedback", questions=always(KIND, WORDS), carry_out=_remark)


@dataclass(frozen=True, kw_only=True)
class Line(Question):
    def typed(self, dialog: Dialog, employee: Employee, text: str) -> Value | None:
        return text


@dataclass(frozen=True, kw_only=True)
class Fine(Question):
    name: str = "fine"
    text: str = ""

    def asked(self, dialog: Dialog, employee: Employee) -> Asked:
        return replace(
            super().asked(dialog, employee), question=f"Is {dialog.answers[TITLE.name]} fine?"
        )

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | Again | None:
        answers: dict[int, Value | Again] = {1: "yes", 2: Again(TITLE.name)}
        return answers.get(number)


TITLE = Line(name="title", text="Which title?")
SECOND = Line(name="second", text="And the second one?", skip="No second title")
KEPT: list[dict[str, Any]] = []


def _measure(dialog: Dialog, employee: Employee) -> None:
    if TITLE.name in dialog.answers:
        dialog.answers["length"] = len(dialog.answers[TITLE.name])


def _write(dialog: Dialog, employee: Employee) -> str:
    if dialog.answers[TITLE.name] == "Nonsense":
        raise Unclear("Find a better title.")
    return "Written."


def _keep(dialog: Dialog, employee: Employee) -> str:
    KEPT.append(dialog.answers)
    return "Kept: /essay & more"


DRAWN_OUT = Script(
    subject="essay",
    questions=always(TITLE, SECOND, Fine()),
    carry_out=_write,
    settle=_measure,
    set_aside=_keep,
)
