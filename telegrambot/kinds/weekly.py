"""How the week before has been, each Monday: for who may see all requests and wants it."""

import hashlib
from datetime import date, timedelta
from io import BytesIO

from django.utils import timezone, translation
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot.content import week
from telegrambot.kinds.base import NOTHING, Document, Kind, Rendered
from telegrambot.models import Chat, SentMessage, Urgency
from treasury import summary

NAME = "weekly"
# Whoever has it may be told of everything.
RIGHT = "treasury.view_paymentrequest"
# Among the documents of its row: what is drawn when it is sent.
_CHART = 0
_WEEK = timedelta(days=7)


class Weekly(Kind):
    name = NAME
    label = pgettext_lazy("message", "Tells how the week has been")
    urgency = Urgency.NOTICE
    stands_alone = True

    def render(self, message: SentMessage) -> Rendered:
        if message.form:
            return Rendered(message.text)
        reader = UserToken.objects.employee_of(message.reader_id)
        begins = monday(message.chat) - _WEEK
        if reader is None or not reader.has_perm(RIGHT) or message.key != str(begins):
            return NOTHING
        figures = summary.week(begins, message.chat.time_zone)
        if figures.is_empty:
            return NOTHING
        with translation.override(reader.language):
            text = week.text(figures)
            chart = _chart(figures) if message.documents else ()
        return Rendered(text, documents=chart, keeps={"text": text})


def row(chat: Chat) -> SentMessage:
    key = str(monday(chat) - _WEEK)
    return SentMessage(chat=chat, kind=NAME, key=key, text=key, documents=[_CHART])


def monday(chat: Chat) -> date:
    """That of the week which it is where the reader lives."""
    today = chat.local(timezone.now()).date()
    return today - timedelta(days=today.weekday())


def _chart(figures: summary.Week) -> tuple[Document, ...]:
    """In the language that is active."""
    content = week.picture(figures)
    if not content:
        return ()
    sha256 = hashlib.sha256(content).hexdigest()
    name = f"week-{figures.begins}.png"
    return (Document(name, sha256, size=lambda: len(content), open=lambda: BytesIO(content)),)
