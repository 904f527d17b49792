"""The menu of commands in a person's private chat: it is his own, by his language and his roles."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import pgettext_lazy

from telegrambot import doorbell
from telegrambot.kinds.base import Kind, Rendered
from telegrambot.models import KEEPS_MENU, Chat, SentMessage


class Menu(Kind):
    """No message: a row that keeps it as it must be."""

    name = KEEPS_MENU
    label = pgettext_lazy("message", "Keeps the menu of commands")

    def render(self, message: SentMessage) -> Rendered:
        offered: Any = message.keyboard or ()
        return Rendered(message.text, commands=tuple(offered))


def show(chat: Chat, commands: Sequence[dict[str, Any]]) -> None:
    """Have the chat offer these (BotCommand each); none of its own for nothing."""
    keeper, is_new = SentMessage.objects.get_or_create(
        chat=chat, kind=KEEPS_MENU, key=KEEPS_MENU,
        defaults={"text": KEEPS_MENU, "keyboard": list(commands)},
    )  # fmt: skip
    if not is_new and keeper.keyboard == list(commands):
        return
    if not is_new:
        rows = SentMessage.objects.filter(pk=keeper.pk)
        rows.update(keyboard=list(commands))
        rows.refresh()
    transaction.on_commit(doorbell.ring)
