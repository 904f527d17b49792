"""What is said under a card that waits for too long, in answer to it."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot.content import keyboards
from telegrambot.content.markup import bold, plain
from telegrambot.content.words import moment
from telegrambot.kinds import task as cards
from telegrambot.kinds.base import NOTHING, Rendered
from telegrambot.kinds.cards import AboutRequest
from telegrambot.models import SentMessage, Urgency
from treasury import deadlines, rights
from treasury.approval import read
from treasury.models import ApprovalTask, Employee, PaymentRequest, Reminder
from treasury.money import money
from treasury.names import accusative

NAME = "reminder"
_STANDING = SentMessage.Form.TEXT, SentMessage.Form.RICH


class ReminderKind(AboutRequest):
    name = NAME
    label = pgettext_lazy("message", "Reminds an approver")
    urgency = Urgency.NOTICE

    def is_owed(self, message: SentMessage) -> bool:
        """Whoever has asked for it is told that it was said."""
        return _said(message).by is not None

    def answers(self, message: SentMessage) -> int | None:
        """The card itself, which has the buttons."""
        there = SentMessage.objects.filter(
            chat=message.chat_id, topic=message.topic_id, kind=cards.NAME, task=message.task_id
        )
        standing = there.filter(form__in=_STANDING).exclude(state=SentMessage.State.GONE)
        return standing.order_by("-pk").values_list("first_id", flat=True).first()

    def for_person(
        self, message: SentMessage, request: PaymentRequest, reader: Employee
    ) -> Rendered:
        approval = read(request)
        task = approval.find(message.task_id) if message.task_id else None
        if task and rights.may_decide(approval, task, reader):
            return _asking(_said(message), task, reader)
        if not message.form:
            # Decided before it could be sent: nobody needs to be troubled.
            return NOTHING
        text = _("%(request)s does not wait for you.") % {"request": request}
        return Rendered(f"✔️ {plain(text)}")


def row(chat_pk: int, task: ApprovalTask, said: Reminder) -> SentMessage:
    return SentMessage(
        chat_id=chat_pk, request_id=task.request_id, kind=NAME, task=task,
        key=f"{said.pk}:{task.pk}",
    )  # fmt: skip


def _said(message: SentMessage) -> Reminder:
    number, _separator, _task = message.key.partition(":")
    return Reminder.objects.select_related("by", "stage").get(pk=int(number))


def _asking(said: Reminder, task: ApprovalTask, reader: Employee) -> Rendered:
    """As of the moment at which it was said: a message has its own time beside it."""
    request = task.request
    amount = money(request.amount, request.currency)
    lines = [
        f"⏰ {bold(f'{amount} · {request.counterparty.name}')}",
        plain(request.number),
        *(plain(line) for line in _words(said, task, reader)),
    ]
    about = keyboards.information(request, details=True, documents=False)
    return Rendered("\n".join(lines), keyboards.markup([about]))


def _words(said: Reminder, task: ApprovalTask, reader: Employee) -> list[str]:
    due, lines = said.stage.due_at, []
    if said.by:
        lines.append(_("%(person)s asks you to decide.") % {"person": said.by.get_short_name()})
    waits = deadlines.waits_for_you(task.created_at, said.at)
    if late := deadlines.overdue(said.stage, said.at):
        lines.append(f"{waits}, {late}.")
    elif due:
        until = _("decide by %(moment)s") % {"moment": moment(due)}
        lines.append(f"{waits}, {until}.")
    else:
        lines.append(f"{waits}.")
    if task.employee_id != reader.pk:
        principal = accusative(task.employee.get_short_name())
        lines.append(_("For %(principal)s") % {"principal": principal})
    return lines
