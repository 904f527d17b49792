"""Declining, and returning for rework: the reason is asked for.

A reason that was typed is shown once more before anything is done: the question may have been
forgotten, and the message meant for something else.
"""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from telegrambot.content.words import decided
from telegrambot.dialogs.questions import Choice, Question, Reason
from telegrambot.dialogs.script import Answers, Script, by_message, task_of
from telegrambot.models import Dialog
from treasury import standing
from treasury.errors import ReasonRequired, Text
from treasury.models import ApprovalTask, Decision, Employee
from treasury.money import money
from treasury.services import decisions
from treasury.workflow import Action


def _refusal(
    action: Action, service: Callable[..., Decision], text: Text, *, confirming: Text, label: Text
) -> Script:
    question = Reason(action=action, text=text)
    confirmation = Choice(
        name="confirm", text=confirming, facts=_typed, options={1: (label, action.value)}
    )

    def questions(answers: Answers) -> Sequence[Question]:
        typed = by_message(question.name) in answers
        return (question, confirmation) if typed else (question,)

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
        questions=questions,
        carry_out=carry_out,
        opening=opening,
        greeting=_("Choose the reason, or send it as a message."),
    )


def _typed(dialog: Dialog, employee: Employee) -> str:
    """The request, for its card may be far above, and the reason as it will be written down."""
    request = standing.as_submitted(task_of(dialog).request)
    about = (request.number, money(request.amount, request.currency), request.counterparty.name)
    reason = gettext("Reason: %(reason)s") % {"reason": dialog.answers[Reason.name]}
    return "\n".join([" · ".join(about), reason])


DECLINE = _refusal(
    Action.DECLINE,
    decisions.decline,
    _("Why is the request declined?"),
    confirming=_("Decline the request for this reason?"),
    label=_("❌ Decline"),
)
RETURN = _refusal(
    Action.RETURN,
    decisions.return_for_rework,
    _("What is to be reworked?"),
    confirming=_("Return the request for rework for this reason?"),
    label=_("↩️ Return for rework"),
)
