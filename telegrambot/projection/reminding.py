"""Who waits for too long hears of it beside his card, a superior by a card of his own."""

from collections.abc import Collection

from django.db import transaction

from telegrambot import doorbell
from telegrambot.kinds import escalation, reminder
from telegrambot.models import SentMessage
from telegrambot.projection.news import add, private_chats
from treasury.models import ApprovalTask, Reminder


def tell(said: Reminder, asked: Collection[tuple[ApprovalTask, int]]) -> None:
    """Also whatever stands there of the request is shown anew: it may have become overdue."""
    SentMessage.objects.filter(request=said.request_id).refresh()
    superior = {said.told_id} if said.told_id else set()
    chats = private_chats({person for _task, person in asked} | superior)
    add(reminder.row(chats[person], task, said) for task, person in asked if person in chats)
    add(escalation.row(chats[person], said) for person in superior if person in chats)
    transaction.on_commit(doorbell.ring)
