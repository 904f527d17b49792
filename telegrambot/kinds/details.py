"""Everything about a request, for whoever has asked for it."""

from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot.content import keyboards
from telegrambot.content.card import Aside
from telegrambot.content.details import details_of
from telegrambot.kinds.cards import Face, Personal, answer, answer_alone
from telegrambot.models import Chat, SentMessage, Urgency
from telegrambot.places import Place
from treasury import rights, standing
from treasury.models import ApprovalTask, Employee, PaymentRequest
from treasury.workflow import SETTLED, Action, Status, allows

NAME = "details"


def show(chat: Chat, request: PaymentRequest) -> None:
    answer(chat, request, NAME)


def show_at(chat: Chat, place: Place, request: PaymentRequest) -> None:
    """In a group to its reader alone."""
    if place.reader is None:
        show(chat, request)
    else:
        answer_alone(chat, request, NAME, place.reader, place.thread_id)


def show_in_private(message: SentMessage) -> None:
    """What he alone was to see in a group, and cannot."""
    chat = Chat.objects.filter(telegram_id=message.reader_id, kind=Chat.Kind.PRIVATE).first()
    if chat and message.request:
        show(chat, message.request)


class Details(Personal):
    name = NAME
    label = pgettext_lazy("message", "Answers a question about the request")
    urgency = Urgency.ANSWER
    offers_details = False

    def unseen(self, message: SentMessage) -> None:
        show_in_private(message)

    def task_to_share(self, request: PaymentRequest, reader: Employee) -> ApprovalTask | None:
        """Any open one, for whoever may hand over everyone's."""
        is_open = request.status == Status.IN_APPROVAL
        if not is_open or not rights.may_reassign(request, reader):
            return None
        return request.tasks.filter(status=ApprovalTask.Status.OPEN).first()

    def of_author(self, request: PaymentRequest, reader: Employee) -> keyboards.Row:
        if request.author_id != reader.pk or not rights.is_owner(request, reader):
            return []
        has_ended = request.status in (*SETTLED, Status.APPROVED)
        return keyboards.of_author(
            request, submits=allows(Action.SUBMIT, request.status), copies=has_ended
        )

    def copied(self, request: PaymentRequest) -> Iterable[tuple[str, str]]:
        submitted = standing.as_submitted(request)
        numbers = submitted.counterparty.numbers[:1]
        return [
            (_("📋 Number"), submitted.number),
            *((f"📋 {capfirst(label)}", number) for label, number in numbers),
            (_("📋 Account"), submitted.counterparty_account.number),
        ]

    def face(self, request: PaymentRequest, aside: Aside) -> Face:
        return details_of(request, aside)
