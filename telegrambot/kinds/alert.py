"""Something is wrong, or somebody has something to say, for the chats of the administrators."""

import hashlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from telegrambot import doorbell
from telegrambot.content.markup import CAPTION_LIMIT, TEXT_LIMIT, bold, plain, shortened
from telegrambot.content.words import moment
from telegrambot.kinds.base import NOTHING, Document, Kind, Rendered
from telegrambot.models import Alert, Chat, SentMessage, Urgency

NAME = "alert"
Subject = Alert.Subject
_COUNTED = frozenset({Subject.MESSAGES, Subject.UPDATES, Subject.REQUESTS, Subject.JOURNAL})


class AlertKind(Kind):
    name = NAME
    label = pgettext_lazy("message", "Tells administrators of trouble")
    urgency = Urgency.NOTICE
    stands_alone = True

    def is_urgent(self, message: SentMessage) -> bool:
        return True

    def render(self, message: SentMessage) -> Rendered:
        alert = Alert.objects.filter(pk=int(message.key)).first()
        if alert is None or not message.chat.alerts:
            return NOTHING
        with translation.override(settings.LANGUAGE_CODE):
            # A chat that takes no files gets the text alone, and its row names none any more.
            return Rendered(_text(alert), None, _carried(alert) if message.documents else ())


def report(subject: Subject, count: int, text: str) -> None:
    """How many there are of what is wrong, and the newest of them in words; 0: it is over."""
    going_on = Alert.objects.filter(subject=subject, ended_at=None)
    with transaction.atomic():
        if not count:
            ended = list(going_on.values_list("pk", flat=True))
            if going_on.update(ended_at=timezone.now()):
                _show_anew(ended)
            return
        alert = going_on.first()
        if alert is None:
            # Another worker may have noticed it too.
            Alert.objects.bulk_create(
                [Alert(subject=subject, count=count, text=text)], ignore_conflicts=True
            )
            _tell(going_on.get())
        elif (alert.count, alert.text) != (count, text):
            going_on.update(count=count, text=text)
            _show_anew([alert.pk])


def say(text: str, file: Path | None = None) -> int:
    """Tell it once, perhaps with a file; how many chats hear it. Raises OSError."""
    alert = Alert(subject=Subject.SAID, text=text, ended_at=timezone.now())
    if file:
        content = file.read_bytes()
        alert.file_name, alert.sha256 = file.name, hashlib.sha256(content).hexdigest()
        alert.file.save(file.name, ContentFile(content), save=False)
    with transaction.atomic():
        alert.save()
        return _tell(alert)


def _tell(alert: Alert) -> int:
    chats = Chat.objects.filter(alerts=True)
    rows = [
        SentMessage(
            chat=chat, kind=NAME, key=str(alert.pk), text=str(alert), urgency=Urgency.NOTICE,
            thread_id=chat.alerts_thread, documents=[alert.pk] if alert.file else [],
        )
        for chat in chats
    ]  # fmt: skip
    SentMessage.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(doorbell.ring)
    return len(rows)


def _show_anew(alerts: Iterable[int]) -> None:
    keys = [str(key) for key in alerts]
    if SentMessage.objects.filter(kind=NAME, key__in=keys).refresh():
        transaction.on_commit(doorbell.ring)


def _text(alert: Alert) -> str:
    limit = CAPTION_LIMIT if alert.file else TEXT_LIMIT
    if alert.subject == Subject.SAID:
        return plain(shortened(alert.text, limit))
    name = alert.get_subject_display()
    if alert.ended_at:
        over = _("over since %(moment)s") % {"moment": moment(alert.ended_at)}
        return f"✅ {bold(name)}\n{plain(over)}"
    since = _("since %(moment)s") % {"moment": moment(alert.since)}
    # Of the others there is one, or not.
    counted = f"{name}: {alert.count}" if alert.subject in _COUNTED else name
    return f"⚠️ {bold(counted)}\n{plain(since)}\n{plain(shortened(alert.text, limit // 2))}"


def _carried(alert: Alert) -> tuple[Document, ...]:
    if not alert.file:
        return ()
    stored = alert.file
    open_it = partial(stored.storage.open, str(stored.name), "rb")
    return (Document(alert.file_name, alert.sha256, size=lambda: stored.size, open=open_it),)
