"""What somebody has said of a request, for those whom it concerns: told once, and kept up to date.

To answer the message is to comment as well.
"""

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot.content import keyboards
from telegrambot.content.markup import bold, italic, plain
from telegrambot.content.talk import edited, mark
from telegrambot.kinds.base import NOTHING, News, Rendered
from telegrambot.kinds.cards import COMMENT, OLD_NEWS, AboutRequest, card_above, may_read
from telegrambot.models import CommentSource, SentMessage, Urgency
from treasury import standing
from treasury.models import Comment, Employee, PaymentRequest


class CommentKind(AboutRequest):
    name = COMMENT
    label = pgettext_lazy("message", "Tells of a comment")
    urgency = Urgency.NOTICE

    def wanted(self, news: News) -> Iterable[SentMessage]:
        for said in news.audience.said:
            for person in said.heard_by & news.chat_of.keys():
                yield SentMessage(
                    chat_id=news.chat_of[person],
                    request=news.request,
                    kind=COMMENT,
                    event=said.event,
                    key=str(said.comment),
                )

    def is_owed(self, message: SentMessage) -> bool:
        """A question to him, and the answer to his own."""
        comment = Comment.objects.select_related("request").get(pk=int(message.key))
        reader = UserToken.objects.employee_of(message.reader_id)
        if reader is None:
            return False
        is_asked = comment.is_question and reader.pk in comment.request.asked_by
        return is_asked or Comment.objects.filter(answer=comment, author=reader).exists()

    def answers(self, message: SentMessage) -> int | None:
        """What it was said in answer to, where its reader has asked there; else his card."""
        asked = CommentSource.objects.filter(
            comment__request=message.request_id,
            comment__answer=int(message.key),
            said_in=message.chat.telegram_id,
        )
        newest = asked.order_by("-comment").values_list("message_id", flat=True).first()
        return newest or card_above(message)

    def for_person(
        self, message: SentMessage, request: PaymentRequest, reader: Employee
    ) -> Rendered:
        comment = Comment.objects.select_related("author").get(pk=int(message.key))
        if not message.form and comment.created_at < timezone.now() - OLD_NEWS:
            return NOTHING
        if not may_read(message, request, reader, None):
            return self.for_nobody(message)
        about = keyboards.information(request, details=True, documents=False)
        link = keyboards.link(request) if reader.is_staff else []
        return Rendered(_text(comment, request, reader), keyboards.markup([about, link]))


def _text(comment: Comment, request: PaymentRequest, reader: Employee) -> str:
    payee = standing.as_submitted(request).counterparty.name
    about = " · ".join(filter(None, [request.number, payee, edited(comment)]))
    lines = [
        f"{mark(comment)} {bold(comment.author.get_short_name())}: {plain(comment.text)}",
        italic(about),
    ]
    is_asked = reader.pk in request.asked_by
    if is_asked and comment.is_question and comment.answer_id is None:
        lines.append(plain(_("Answer this message: the answer comes to who has asked.")))
    return "\n".join(lines)
