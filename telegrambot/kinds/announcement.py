"""The request in the group of its organization, under its first document or its printed form."""

from collections.abc import Iterable

from django.utils.translation import pgettext_lazy

from telegrambot.content.blocks import paragraphs
from telegrambot.content.card import card_of
from telegrambot.content.markup import CAPTION_LIMIT, TEXT_LIMIT, visible_length
from telegrambot.kinds.base import News, Rendered
from telegrambot.kinds.cards import AboutRequest, dress, for_all
from telegrambot.kinds.files import PRINTED_FORM, carried
from telegrambot.models import SentMessage
from treasury.models import PaymentRequest

NAME = "announcement"


class Announcement(AboutRequest):
    name = NAME
    label = pgettext_lazy("message", "Announces to the group")
    stands_alone = True

    def wanted(self, news: News) -> Iterable[SentMessage]:
        for group in news.groups:
            yield SentMessage(
                chat=group,
                request=news.request,
                kind=NAME,
                event=news.audience.last,
                documents=[document.pk for document in news.documents[:1]] or [PRINTED_FORM],
                key=str(news.request.pk),
            )

    def for_group(self, message: SentMessage, request: PaymentRequest) -> Rendered:
        files = carried(message)
        # Once sent, the form stays: a caption is short even when its document was removed since.
        captioned = (
            bool(files.documents) if not message.form else message.form == SentMessage.Form.CAPTION
        )
        card = card_of(request)
        limit = CAPTION_LIMIT if captioned else TEXT_LIMIT
        appendix = f"\n{files.appendix}" if files.appendix else ""
        text = card.fitted(limit - visible_length(appendix)) + appendix
        blocks = dress(message, card, paragraphs("\n".join(files.elsewhere)))
        return Rendered(text, for_all(request), files.documents, blocks)
