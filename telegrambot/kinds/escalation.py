"""The card by which a superior hears that something waits beyond its deadline."""

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot.content.card import Aside, card_of
from telegrambot.content.progress import late_people
from telegrambot.kinds.base import NOTHING, Rendered
from telegrambot.kinds.cards import Face, Personal
from telegrambot.models import SentMessage, Urgency
from treasury.models import ApprovalTask, PaymentRequest, Reminder

NAME = "escalation"


class Escalation(Personal):
    name = NAME
    label = pgettext_lazy("message", "Tells a superior of a delay")
    urgency = Urgency.NOTICE

    def instead(
        self, message: SentMessage, request: PaymentRequest, task: ApprovalTask | None
    ) -> Rendered | None:
        return None if message.form or late_people(request) else NOTHING

    def face(self, request: PaymentRequest, aside: Aside) -> Face:
        """Who is late, while he is."""
        people = late_people(request)
        if people:
            told = _("It was not decided in time, and is not yet, by %(names)s.")
            lines = [told % {"names": people}, aside.note]
            aside = replace(aside, note="\n".join(filter(None, lines)))
        return card_of(request, aside)


def row(chat_pk: int, said: Reminder) -> SentMessage:
    return SentMessage(chat_id=chat_pk, request_id=said.request_id, kind=NAME, key=str(said.pk))
