"""How a request has ended, for whoever asked for the money."""

from collections.abc import Iterable

from django.utils.translation import pgettext_lazy

from telegrambot.kinds.base import NOTHING, News, Rendered
from telegrambot.kinds.cards import Personal, is_old_news
from telegrambot.models import SentMessage
from treasury.approval import Approval
from treasury.models import ApprovalTask, PaymentRequest

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

    def instead(
        self, message: SentMessage, request: PaymentRequest, task: ApprovalTask | None
    ) -> Rendered | None:
        return NOTHING if not message.form and is_old_news(request) else None

    def approval(self, request: PaymentRequest) -> Approval | None:
        """Where a request has ended nothing is decided."""
        return None
