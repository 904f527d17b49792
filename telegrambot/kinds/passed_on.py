"""A request that somebody has sent into any chat by inline mode, as far as he may see it."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import pgettext_lazy

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.content import brief, keyboards, talk
from telegrambot.content.card import card_of
from telegrambot.content.doubts import doubts_of_each
from telegrambot.content.loading import with_progress
from telegrambot.content.markup import TEXT_LIMIT
from telegrambot.kinds.base import Rendered
from telegrambot.kinds.cards import AboutRequest
from telegrambot.models import Chat, SentMessage, Urgency
from telegrambot.places import inline_place
from treasury.models import PaymentRequest
from treasury.workflow import Status

NAME = "passed_on"
# Of a place there is one message: these are its keys.
SHORT, FULL = "short", "full"


class PassedOn(AboutRequest):
    """Nobody knows who reads there, so it is the short form unless its sender has chosen all."""

    name = NAME
    label = pgettext_lazy("message", "Sent by inline mode")

    def render(self, message: SentMessage) -> Rendered:
        sender = UserToken.objects.employee_of(message.reader_id)
        with translation.override(sender.language if sender else settings.LANGUAGE_CODE):
            requests = PaymentRequest.objects.filter(messages=message)
            if sender is None or not requests.readable_by(sender).exists():
                return self.for_nobody(message)
            [request] = brief.loaded(requests)
            is_full = message.key == FULL
            unseen = unsaid([request], is_full=is_full)
            return content(request, is_full=is_full, is_sure=request.pk not in unseen)


def content(request: PaymentRequest, *, is_full: bool, is_sure: bool) -> Rendered:
    """What such a message shows, in the language that is active; of what `brief.loaded` gives.
    Nobody approves by it of what more than it says is worth a look."""
    is_open = request.status == Status.IN_APPROVAL
    rows = keyboards.passed_on(request, is_full=is_full, is_open=is_open, is_sure=is_sure)
    return Rendered(_full(request) if is_full else brief.text(request), keyboards.markup(rows))


def _full(request: PaymentRequest) -> str:
    """Without what is said of it: nobody has said that to whoever reads there."""
    return replace(card_of(with_progress(request.pk)), talk="").fitted(TEXT_LIMIT)


def unsaid(requests: Collection[PaymentRequest], *, is_full: bool) -> dict[int, str]:
    """By the keys of those that have some: what is worth a look before they are approved, a line
    each, and is not told to whoever reads there. The short form names no other requests, and
    neither says what was asked."""
    keys = [request.pk for request in requests if request.status == Status.IN_APPROVAL]
    if not keys:
        return {}
    asked = talk.questions(keys)
    doubtful: dict[int, str] = {}
    if not is_full:
        doubtful = doubts_of_each(list(PaymentRequest.objects.filter(pk__in=keys).with_facts()))
    said = {key: filter(None, [asked.get(key), doubtful.get(key)]) for key in keys}
    return {key: "\n".join(lines) for key in keys if (lines := [*said[key]])}


def follow(
    inline_id: str, sender_id: int, request: PaymentRequest, *, is_full: bool
) -> SentMessage:
    """Keep the message with this identifier at the newest state from now on; what is known of it
    already stays. `sender_id` is the Telegram id of whoever must be able to see what it shows."""
    place = {"kind": Chat.Kind.INLINE, "title": request.number, "sender_id": sender_id}
    chat, _is_new = Chat.objects.get_or_create(
        telegram_id=inline_place(inline_id), defaults={**place, "inline_id": inline_id}
    )
    stands: dict[str, Any] = {"form": SentMessage.Form.TEXT, "state": SentMessage.State.SENT}
    followed, _is_new = SentMessage.objects.get_or_create(
        chat=chat, kind=NAME,
        defaults={
            "request": request, "key": FULL if is_full else SHORT, "urgency": Urgency.PRESSED,
            **stands,
        },
    )  # fmt: skip
    transaction.on_commit(doorbell.ring)
    return followed
