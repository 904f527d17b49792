"""The dialog about the reason of a refusal: the card asks, a button or a message answers."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from telegrambot.card import money
from telegrambot.handlers import answers
from telegrambot.handlers.showing import refresh
from telegrambot.markup import plain
from telegrambot.models import Dialog, SentMessage
from telegrambot.replies import Reply, send
from telegrambot.updates import Message
from treasury.errors import ReasonRequired, TreasuryError
from treasury.models import ApprovalTask, Decision, Employee
from treasury.services import decisions
from treasury.workflow import Action

LIFETIME = timedelta(hours=1)


def begin(telegram_id: int, task: ApprovalTask, action: Action) -> None:
    """Ask for the reason; a person is asked one thing at a time."""
    end(telegram_id)
    Dialog.objects.create(telegram_id=telegram_id, task=task, action=action)
    _refresh(telegram_id, task)


def end(telegram_id: int) -> bool:
    """Ask no more; False when nothing was asked."""
    dialog = Dialog.objects.filter(telegram_id=telegram_id).select_related("task").first()
    if dialog is None:
        return False
    dialog.delete()
    _refresh(telegram_id, dialog.task)
    return True


def expire() -> None:
    """End the dialogs whose answer never came, so that the cards get their buttons back."""
    forgotten = Dialog.objects.filter(started_at__lte=timezone.now() - LIFETIME)
    for telegram_id in forgotten.values_list("telegram_id", flat=True):
        end(telegram_id)


def said(message: Message, employee: Employee) -> Reply:
    """A plain message is the reason, when one is asked for."""
    dialog = Dialog.objects.filter(telegram_id=message.chat.id).select_related("task").first()
    if dialog is None:
        return send(message.chat.id, plain(_("I did not ask anything. /help tells what I can do.")))
    try:
        decision = refuse(dialog.task, Action(dialog.action), employee, message.text)
    except ReasonRequired as error:
        return send(message.chat.id, plain(error))
    except TreasuryError as error:
        end(message.chat.id)
        return send(message.chat.id, plain(answers.refusal(error)))
    end(message.chat.id)
    return send(message.chat.id, plain(confirmation(decision)))


def refuse(task: ApprovalTask, action: Action, employee: Employee, reason: str) -> Decision:
    """Decline or return. Raises `TreasuryError`."""
    service = decisions.decline if action == Action.DECLINE else decisions.return_for_rework
    channel = Decision.Channel.TELEGRAM
    return service(task=task, actor=employee, channel=channel, reason=reason)


def confirmation(decision: Decision) -> str:
    request = decision.request
    facts: dict[str, Any] = {
        "decision": decision.get_action_display(),
        "number": request.number,
        "amount": money(request.amount, request.currency),
    }
    return _("%(decision)s: %(number)s, %(amount)s") % facts


def _refresh(telegram_id: int, task: ApprovalTask) -> None:
    refresh(SentMessage.objects.filter(chat__telegram_id=telegram_id, request_id=task.request_id))
