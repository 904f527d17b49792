"""A request that was declined or returned, in a topic where it is talked over."""

from collections.abc import Iterable

from django.utils.translation import pgettext_lazy

from telegrambot.content.card import card_of
from telegrambot.content.markup import TEXT_LIMIT
from telegrambot.content.topics import TICKETS
from telegrambot.kinds.base import News, Rendered
from telegrambot.kinds.cards import AboutRequest, dress, for_all
from telegrambot.kinds.topic import TICKET
from telegrambot.models import Chat, SentMessage
from treasury.models import PaymentRequest
from treasury.workflow import Action

_OPENING = (Action.DECLINE, Action.RETURN)


class Ticket(AboutRequest):
    name = TICKET
    label = pgettext_lazy("message", "Opens a topic to put something right")

    def wanted(self, news: News) -> Iterable[SentMessage]:
        ending = news.audience.ending
        if ending is None or ending.action not in _OPENING:
            return
        heard_by = Chat.objects.hearing_of(news.request.organization_id, news.request.department_id)
        for group in heard_by.filter(topic_per=Chat.TopicPer.TICKET):
            yield SentMessage(
                chat=group,
                request=news.request,
                kind=TICKET,
                event=ending,
                key=str(news.request.pk),
            )

    def comes_again(self, message: SentMessage) -> bool:
        return message.request is not None and message.request.status in TICKETS

    def for_group(self, message: SentMessage, request: PaymentRequest) -> Rendered:
        card = card_of(request)
        text, blocks = card.fitted(TEXT_LIMIT), dress(message, card)
        return Rendered(text, for_all(request), blocks=blocks)
