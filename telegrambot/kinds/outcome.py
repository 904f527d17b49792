"""How a request has ended, for whoever asked for the money."""

from collections.abc import Iterable

from django.utils.translation import pgettext_lazy

from telegrambot.kinds.base import News
from telegrambot.kinds.cards import Personal
from telegrambot.models import SentMessage
from treasury.approval import Approval
from treasury.models import PaymentRequest

NAME = "outcome"


class Outcome(Personal):
    name = NAME
    label = pgettext_lazy("message", "Tells the outcome")

    def wanted(self, news: News) -> Iterable[SentMessage]:
        ending = news.audience.ending
        if ending is None:
            return
        for person in news.audience.concerned & news.chat_of.keys():
            yield SentMessage(
                chat_id=news.chat_of[person],
                request=news.request,
                kind=NAME,
                event=ending,
                key=str(ending.pk),
            )

    def approval(self, request: PaymentRequest) -> Approval | None:
        """Where a request has ended nothing is decided."""
        return None
