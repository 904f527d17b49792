"""The hand of a test on delivery: requests that change, and chats that are brought up to date."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

from django.utils import timezone

from telegrambot.delivery.lane import Lane
from telegrambot.delivery.sending import work_for
from telegrambot.models import Chat, SentMessage
from tests.company import ADMIN, GROUP_CHAT, Company
from tests.telegrambot.bot import project
from tests.telegrambot.sandbox import Sandbox
from treasury.models import PaymentRequest
from treasury.services import requests

_numbers = count(1)


class Meanwhile:
    """Does something once, in between: just before the first update that sets this value."""

    def __init__(self, value: str, act: Callable[[], Any]) -> None:
        self._value, self._act = value, act
        self.happened = False

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not self.happened and sql.startswith("UPDATE") and self._value in params[:2]:
            self.happened = True
            self._act()
        return execute(sql, params, many, context)


def submit(company: Company, **changes: Any) -> PaymentRequest:
    """A request in approval: Boris and Vera are to get cards, the group an announcement."""
    request = company.submitted(**changes)
    project()
    return request


def change(company: Company, request: PaymentRequest, comment: str = "") -> str:
    """Change what every card shows and nobody must approve again; gives what must be seen."""
    comment = comment or f"Комментарий {next(_numbers)}"
    fields = {"comment": comment}
    requests.change(request=request, actor=company.anna, channel=ADMIN, fields=fields)
    project()
    return comment


def card(company: Company, request: PaymentRequest) -> SentMessage:
    """Boris' card of the request."""
    chat = Chat.objects.get(telegram_id=company.telegram_id(company.boris))
    return SentMessage.objects.select_related("chat").get(chat=chat, request=request)


def announcement(request: PaymentRequest) -> SentMessage:
    return SentMessage.objects.select_related("chat").get(
        chat__telegram_id=GROUP_CHAT, request=request, kind="announcement"
    )


def deliver(chat_pk: int) -> float | None:
    """Work for this chat until nothing is due, or it must be left alone for so many seconds."""
    while lane := Lane.take(chat_pk):
        if wait := work_for(lane):
            return wait
    return None


def delivered(message: SentMessage) -> SentMessage:
    """The message after one run of its chat's lane."""
    deliver(message.chat_id)
    return fresh(message)


def due_again(message: SentMessage) -> SentMessage:
    """As time passes: what the message and its chat were waiting for is over."""
    SentMessage.objects.filter(pk=message.pk).update(not_before=None)
    Chat.objects.filter(pk=message.chat_id).update(not_before=None)
    return fresh(message)


def fresh(message: SentMessage) -> SentMessage:
    return SentMessage.objects.select_related("chat").get(pk=message.pk)


def in_seconds(moment: datetime | None) -> float:
    assert moment
    return (moment - timezone.now()).total_seconds()


def texts(telegram: Sandbox, chat_id: int) -> list[str]:
    return [seen.get("text") or seen.get("caption", "") for seen in telegram.messages(chat_id)]
