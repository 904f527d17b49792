"""Having a colleague decide: instead of whoever is asked, or as well."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from telegrambot.dialogs.people import Keyed, Person, keyed
from telegrambot.dialogs.questions import Choice, Question, Reason, Value
from telegrambot.dialogs.script import Answers, Script, task_of
from telegrambot.models import Dialog
from treasury import rights
from treasury.approval import read
from treasury.errors import NotAllowed
from treasury.models import ApprovalTask, Decision, Employee
from treasury.services import decisions
from treasury.workflow import Action


def _tasks(dialog: Dialog, employee: Employee) -> Keyed:
    """Those who are asked at the stage, by the keys of their tasks."""
    tasks = task_of(dialog).stage.tasks.filter(status=ApprovalTask.Status.OPEN)
    of_people = tasks.select_related("employee").order_by("employee__last_name", "pk")
    return [(task.pk, task.employee) for task in of_people]


def _colleagues(dialog: Dialog, employee: Employee) -> Keyed:
    return keyed(_fitting(dialog, employee, Action(dialog.answers[WHAT.name])))


def _fitting(dialog: Dialog, employee: Employee, action: Action) -> QuerySet[Employee]:
    task = task_of(dialog)
    return decisions.colleagues(read(task.request), task, employee, action)


def _of_the_role(dialog: Dialog, employee: Employee) -> str:
    return _("Anybody without this role is chosen only by an administrator.")


def _for_both(dialog: Dialog, employee: Employee) -> str:
    return _("The stage then waits for the colleague too, besides those of its role.")


def _nobody_instead(dialog: Dialog, employee: Employee) -> str:
    """Why the task cannot be handed over, and what to do."""
    if _fitting(dialog, employee, Action.REASSIGN).exists():
        return ""
    return _(
        "There is nobody to hand the task over to: everybody with this role is asked already, and "
        "the route lets nobody else take over. An administrator can hand it over."
    )


@dataclass(frozen=True, kw_only=True)
class _What(Choice):
    """Only what there is somebody for."""

    def offered(self, dialog: Dialog, employee: Employee) -> list[tuple[str, int]]:
        return [
            (label, number)
            for label, number in super().offered(dialog, employee)
            if self.chosen(dialog, employee, number)
        ]

    def chosen(self, dialog: Dialog, employee: Employee, number: int) -> Value | None:
        action = super().chosen(dialog, employee, number)
        possible = action and _fitting(dialog, employee, Action(str(action))).exists()
        return action if possible else None


WHAT = _What(
    name="what",
    text=gettext_lazy("What is a colleague to do?"),
    facts=_nobody_instead,
    options={
        0: (gettext_lazy("Decide instead of me"), Action.REASSIGN.value),
        1: (gettext_lazy("Decide as well"), Action.ADD_APPROVER.value),
    },
)
WHOSE = Person(name="whose", text=gettext_lazy("Whose task is handed over?"), people=_tasks)
INSTEAD = (
    Person(text=gettext_lazy("Who is to decide instead?"), facts=_of_the_role, people=_colleagues),
    Reason(text=gettext_lazy("Why is the task handed over?"), action=Action.REASSIGN),
)
AS_WELL = (
    Person(text=gettext_lazy("Who is to decide as well?"), facts=_for_both, people=_colleagues),
    Reason(
        text=gettext_lazy("Why is one more approver needed?"),
        facts=_for_both,
        action=Action.ADD_APPROVER,
    ),
)


def _questions(answers: Answers) -> Sequence[Question]:
    match answers.get(WHAT.name):
        case Action.REASSIGN.value:
            return (WHAT, WHOSE, *INSTEAD)
        case Action.ADD_APPROVER.value:
            return (WHAT, *AS_WELL)
        case _:
            return (WHAT,)


def _opening(task: ApprovalTask, employee: Employee) -> Answers | None:
    """Who is asked himself hands over his own task; an administrator chooses whose."""
    if task.status != ApprovalTask.Status.OPEN:
        return None
    if rights.may_decide(read(task.request), task, employee):
        return {WHOSE.name: task.pk}
    if rights.may_reassign(task.request, employee):
        return {}
    raise NotAllowed


def _carry_out(dialog: Dialog, employee: Employee) -> str:
    if dialog.answers[WHAT.name] == Action.REASSIGN:
        return _hand_over(dialog.answers, employee)
    return _add_approver(task_of(dialog), dialog.answers, employee)


def _hand_over(answers: Answers, employee: Employee) -> str:
    person, reason = INSTEAD
    successor = decisions.reassign(
        task=ApprovalTask.objects.get(pk=answers[WHOSE.name]),
        to=Employee.objects.get(pk=answers[person.name]),
        actor=employee,
        channel=Decision.Channel.TELEGRAM,
        reason=answers[reason.name],
    )
    return _("%(number)s: %(name)s is asked to decide instead.") % _facts(successor)


def _add_approver(task: ApprovalTask, answers: Answers, employee: Employee) -> str:
    person, reason = AS_WELL
    added = decisions.add_approver(
        task=task,
        to=Employee.objects.get(pk=answers[person.name]),
        actor=employee,
        channel=Decision.Channel.TELEGRAM,
        reason=answers[reason.name],
    )
    return _("%(number)s: %(name)s is asked to decide as well.") % _facts(added)


def _facts(task: ApprovalTask) -> dict[str, str]:
    return {"number": task.request.number, "name": task.employee.get_short_name()}


COLLEAGUES = Script(
    subject="colleagues", questions=_questions, carry_out=_carry_out, opening=_opening
)
