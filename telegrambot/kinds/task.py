"""The card that asks an approver, or his deputy, to decide."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot.content import keyboards
from telegrambot.content.markup import plain
from telegrambot.kinds.base import NOTHING, News, Rendered
from telegrambot.kinds.cards import Personal
from telegrambot.models import SentMessage, Urgency
from treasury import rights
from treasury.approval import Approval
from treasury.models import ApprovalStage, ApprovalTask, Employee, PaymentRequest

NAME = "task"


class Task(Personal):
    name = NAME
    label = pgettext_lazy("message", "Asks an approver")
    urgency = Urgency.CARD

    def wanted(self, news: News) -> Iterable[SentMessage]:
        for task, person in news.audience.asked:
            if person in news.chat_of:
                yield card(news.chat_of[person], task)

    def comes_again(self, message: SentMessage) -> bool:
        # A copy has no key: the card itself may stand there still.
        task = message.task if message.key else None
        return task is not None and task.status == ApprovalTask.Status.OPEN

    def task_to_decide(
        self, message: SentMessage, approval: Approval, reader: Employee
    ) -> ApprovalTask | None:
        own = approval.find(message.task_id) if message.task_id else None
        return own if own and rights.may_decide(approval, own, reader) else None

    def instead(
        self, message: SentMessage, request: PaymentRequest, task: ApprovalTask | None
    ) -> Rendered | None:
        if task:
            return None
        if not message.form:
            # Decided before it could be sent: nobody needs to be troubled.
            return NOTHING
        replaced = _replaced_task(message)
        return _pointer(replaced, request) if replaced else None


def card(chat_pk: int, task: ApprovalTask) -> SentMessage:
    return SentMessage(
        chat_id=chat_pk, request_id=task.request_id, kind=NAME, task=task, key=str(task.pk)
    )


def _replaced_task(message: SentMessage) -> ApprovalTask | None:
    """What it asked about an earlier version, when the chat has a later card of the request."""
    if message.task is None or message.task.stage.state != ApprovalStage.State.SUPERSEDED:
        return None
    later = SentMessage.objects.filter(
        chat=message.chat_id, request=message.request_id, kind=NAME, pk__gt=message.pk
    ).exclude(state__in=[SentMessage.State.FAILED, SentMessage.State.GONE])
    # One that is still to be sent stands there in a moment; what is decided by then never will.
    comes = Q(task__status=ApprovalTask.Status.OPEN)
    has_come = ~Q(form=SentMessage.Form.NONE)
    return message.task if later.filter(comes | has_come).exists() else None


def _pointer(replaced: ApprovalTask, request: PaymentRequest) -> Rendered:
    """A twin of the later card would only be in its way."""
    text = _("%(number)s · revision %(old)d is replaced by revision %(new)d: see the card below.")
    facts = {"number": request.number, "old": replaced.revision, "new": request.revision}
    about = keyboards.information(request, details=True, documents=False)
    return Rendered(plain(text % facts), keyboards.markup([about]))
