"""Documents of a request: those a group has not got yet, or all, for whoever asks for them."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot.content import albums
from telegrambot.content.markup import plain
from telegrambot.kinds.base import NOTHING, News, Rendered
from telegrambot.kinds.cards import AboutRequest, card_above, may_read
from telegrambot.kinds.files import carried
from telegrambot.models import SentMessage, Urgency
from treasury import rights
from treasury.approval import read
from treasury.models import Attachment, Employee, Event, PaymentRequest

NAME = "documents"


class Documents(AboutRequest):
    name = NAME
    label = pgettext_lazy("message", "Further documents")
    urgency = Urgency.CHANGE

    def wanted(self, news: News) -> Iterable[SentMessage]:
        """The announcement stands there already, and carries the first."""
        for group in news.groups:
            sent = group.messages.filter(request=news.request)
            known = {document for message in sent for document in message.documents}
            missing = [document for document in news.documents if document.pk not in known]
            yield from carrying(group.pk, news.audience.last, missing)

    def may_stand_twice(self, message: SentMessage) -> bool:
        """An album would be a second heap, of which nobody presses or changes anything."""
        return len(message.documents) == 1

    def answers(self, message: SentMessage) -> int | None:
        return card_above(message)

    def for_person(
        self, message: SentMessage, request: PaymentRequest, reader: Employee
    ) -> Rendered:
        task = rights.task_of(read(request), reader)
        return _carried(message) if may_read(message, request, reader, task) else NOTHING

    def for_group(self, message: SentMessage, request: PaymentRequest) -> Rendered:
        return _carried(message)


def carrying(
    chat_pk: int, event: Event, documents: Iterable[Attachment], urgency: int = Urgency.CHANGE
) -> Iterable[SentMessage]:
    """The messages that carry these documents, as many as an album takes in each."""
    for album in albums.cut(documents):
        yield SentMessage(
            chat_id=chat_pk,
            request_id=event.request_id,
            kind=NAME,
            event=event,
            documents=[document.pk for document in album],
            urgency=urgency,
        )


def _carried(message: SentMessage) -> Rendered:
    # No state: what has become an album is never changed.
    heading = _("Documents of request %(number)s") % {"number": message.request}
    return carried(message).beside(plain(heading))
