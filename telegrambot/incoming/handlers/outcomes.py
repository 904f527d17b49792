"""What the answers of a dialog lead to, by the treasury's services."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from telegrambot.content.words import moment_of_year
from telegrambot.dialogs.questions import Question, Subject, absence
from telegrambot.models import Dialog
from treasury.models import ApprovalTask, Decision, Employee
from treasury.money import money
from treasury.services import decisions, delegations
from treasury.workflow import Action

TELEGRAM = Decision.Channel.TELEGRAM


Answers = Mapping[str, Any]


def carry_out(dialog: Dialog, employee: Employee) -> str:
    """Do what was answered, and say so. Raises `TreasuryError`."""
    if dialog.task is None:
        return _go_away(employee, dialog.answers)
    return _DEEDS[dialog.subject](dialog.task, employee, dialog.answers)


def refuse(task: ApprovalTask, action: Action, employee: Employee, reason: str) -> Decision:
    """Decline or return. Raises `TreasuryError`."""
    service = decisions.decline if action == Action.DECLINE else decisions.return_for_rework
    return service(task=task, actor=employee, channel=TELEGRAM, reason=reason)


def confirmation(decision: Decision) -> str:
    request = decision.request
    facts: dict[str, Any] = {
        "decision": decision.get_action_display(),
        "number": request.number,
        "amount": money(request.amount, request.currency),
    }
    return _("%(decision)s: %(number)s, %(amount)s") % facts


def _decline(task: ApprovalTask, employee: Employee, answers: Answers) -> str:
    return confirmation(refuse(task, Action.DECLINE, employee, answers[Question.REASON]))


def _return(task: ApprovalTask, employee: Employee, answers: Answers) -> str:
    return confirmation(refuse(task, Action.RETURN, employee, answers[Question.REASON]))


def _hand_over(task: ApprovalTask, employee: Employee, answers: Answers) -> str:
    successor = decisions.reassign(
        task=ApprovalTask.objects.get(pk=answers[Question.WHOSE]),
        to=_person(answers),
        actor=employee,
        channel=TELEGRAM,
        reason=answers[Question.REASON],
    )
    return _("%(number)s: %(name)s is asked to decide instead.") % _facts(successor)


def _add_approver(task: ApprovalTask, employee: Employee, answers: Answers) -> str:
    added = decisions.add_approver(
        task=task,
        to=_person(answers),
        actor=employee,
        channel=TELEGRAM,
        reason=answers[Question.REASON],
    )
    return _("%(number)s: %(name)s is asked to decide as well.") % _facts(added)


def _go_away(employee: Employee, answers: Answers) -> str:
    since, until = absence(answers[Question.UNTIL])
    delegation = delegations.begin(
        principal=employee,
        deputy=_person(answers),
        since=since,
        until=until,
        actor=employee,
        channel=TELEGRAM,
    )
    facts = {
        "since": moment_of_year(delegation.since),
        "until": moment_of_year(delegation.until),
        "deputy": delegation.deputy.get_short_name(),
    }
    if since:
        return (
            _("From %(since)s until %(until)s %(deputy)s decides for you too. /back ends it.")
            % facts
        )
    return _("Until %(until)s %(deputy)s decides for you too. /back ends it.") % facts


_DEEDS: dict[str, Callable[[ApprovalTask, Employee, Answers], str]] = {
    Subject.DECLINE: _decline,
    Subject.RETURN: _return,
    Subject.REASSIGN: _hand_over,
    Subject.ADD_APPROVER: _add_approver,
}


def _person(answers: Answers) -> Employee:
    return Employee.objects.get(pk=answers[Question.PERSON])


def _facts(task: ApprovalTask) -> dict[str, str]:
    return {"number": task.request.number, "name": task.employee.get_short_name()}
