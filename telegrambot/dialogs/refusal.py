"""Declining, and returning for rework: the reason is asked for."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from telegrambot.content.words import decided
from telegrambot.dialogs.questions import Reason
from telegrambot.dialogs.script import Answers, Script, always, task_of
from telegrambot.models import Dialog
from treasury.errors import ReasonRequired, Text
from treasury.models import ApprovalTask, Decision, Employee
from treasury.services import decisions
from treasury.workflow import Action


def _refusal(action: Action, service: Callable[..., Decision], text: Text) -> Script:
    question = Reason(action=action, text=text)

    def refuse(task: ApprovalTask, employee: Employee, reason: str) -> Decision:
        channel = Decision.Channel.TELEGRAM
        return service(task=task, actor=employee, channel=channel, reason=reason)

    def opening(task: ApprovalTask, employee: Employee) -> Answers:
        # Only who may refuse gets as far as being asked for the reason.
        try:
            refuse(task, employee, reason="")
        except ReasonRequired:
            return {}
        raise AssertionError("a refusal without a reason was accepted")

    def carry_out(dialog: Dialog, employee: Employee) -> str:
        return decided(refuse(task_of(dialog), employee, dialog.answers[question.name]))

    return Script(
        subject=action.value,
        questions=always(question),
        carry_out=carry_out,
        opening=opening,
        greeting=_("Choose the reason, or send it as a message."),
    )


DECLINE = _refusal(Action.DECLINE, decisions.decline, _("Why is the request declined?"))
RETURN = _refusal(Action.RETURN, decisions.return_for_rework, _("What is to be reworked?"))
