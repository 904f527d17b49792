"""The printed form of a request, for whoever asks for it."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot.content.markup import plain
from telegrambot.kinds.base import Rendered
from telegrambot.kinds.cards import AboutRequest, answer, card_above, may_read
from telegrambot.kinds.files import PRINTED_FORM, carried
from telegrambot.models import Chat, SentMessage, Urgency
from treasury import rights
from treasury.approval import read
from treasury.models import Employee, PaymentRequest

NAME = "printed"


def show(chat: Chat, request: PaymentRequest) -> None:
    answer(chat, request, NAME, documents=[PRINTED_FORM])


class Printed(AboutRequest):
    name = NAME
    label = pgettext_lazy("message", "Printed form")
    urgency = Urgency.ANSWER

    def answers(self, message: SentMessage) -> int | None:
        return card_above(message)

    def for_person(
        self, message: SentMessage, request: PaymentRequest, reader: Employee
    ) -> Rendered:
        task = rights.task_of(read(request), reader)
        if not may_read(message, request, reader, task):
            return self.for_nobody(message)
        # No state: what was printed tells its own, and stays.
        heading = _("Printed form of request %(number)s") % {"number": request.number}
        return carried(message).beside(plain(heading))
