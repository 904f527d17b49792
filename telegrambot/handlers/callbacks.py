"""Pressed buttons. The answer to a press says what has happened, whatever the button promised."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from telegrambot.callback_data import CallbackData, Verb
from telegrambot.handlers import answers, commands, dialogs, membership
from telegrambot.handlers.showing import refresh, show_details, show_documents
from telegrambot.models import ReasonTemplate, SentMessage
from telegrambot.replies import Reply, toast
from telegrambot.updates import CallbackQuery, ChatInfo
from treasury.errors import ReasonRequired, Superseded, TreasuryError
from treasury.models import ApprovalTask, Decision, Employee, PaymentRequest
from treasury.services import decisions
from treasury.workflow import Action


def pressed(query: CallbackQuery, employee: Employee) -> Reply:
    data = CallbackData.parse(query.data)
    if data is None:
        return _stale(query)
    return _HANDLERS[data.verb](query, employee, data)


def _approve(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    task = ApprovalTask.objects.filter(pk=data.target).first()
    if task is None:
        return _stale(query)
    channel = Decision.Channel.TELEGRAM
    try:
        decision = decisions.approve(task=task, actor=employee, channel=channel)
    except TreasuryError as error:
        return _refused(query, task, error)
    return toast(query, dialogs.confirmation(decision))


def _ask_for_reason(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    task = ApprovalTask.objects.filter(pk=data.target).first()
    if task is None:
        return _stale(query)
    action = Action.DECLINE if data.verb == Verb.DECLINE else Action.RETURN
    # Only who may refuse gets as far as being asked for the reason.
    try:
        dialogs.refuse(task, action, employee, reason="")
    except ReasonRequired:
        dialogs.begin(query.sender.id, task, action)
        return toast(query, _("Choose the reason, or send it as a message."))
    except TreasuryError as error:
        return _refused(query, task, error)
    raise AssertionError("a refusal without a reason was accepted")


def _reason(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    task = ApprovalTask.objects.filter(pk=data.target).first()
    reason = ReasonTemplate.objects.filter(pk=data.detail, is_active=True).first()
    if task is None or reason is None:
        return _stale(query)
    try:
        decision = dialogs.refuse(task, Action(reason.action), employee, reason.text)
    except TreasuryError as error:
        dialogs.end(query.sender.id)
        return _refused(query, task, error)
    dialogs.end(query.sender.id)
    return toast(query, dialogs.confirmation(decision))


def _back(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return toast(query, "") if dialogs.end(query.sender.id) else _stale(query, "")


def _details(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    request = PaymentRequest.objects.visible_to(employee).filter(pk=data.target).first()
    if request is None:
        return toast(query, answers.not_found())
    show_details(membership.open_chat(_private(query)), request)
    return toast(query, "")


def _documents(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    request = PaymentRequest.objects.visible_to(employee).filter(pk=data.target).first()
    if request is None:
        return toast(query, answers.not_found())
    count = show_documents(membership.open_chat(_private(query)), request)
    return toast(query, "" if count else _("There are no documents."))


def _page(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """The answer stops the button's waiting; the list itself is changed by the call after it."""
    listing = commands.queue(query.sender.id, employee, data.target)
    edit = {**listing.params, "message_id": query.message_id}
    then = Reply("editMessageText", edit) if query.message_id else listing
    answer = toast(query, "")
    return Reply(answer.method, answer.params, then)


_HANDLERS: dict[Verb, Callable[[CallbackQuery, Employee, CallbackData], Reply]] = {
    Verb.APPROVE: _approve,
    Verb.DECLINE: _ask_for_reason,
    Verb.RETURN: _ask_for_reason,
    Verb.REASON: _reason,
    Verb.BACK: _back,
    Verb.DETAILS: _details,
    Verb.DOCUMENTS: _documents,
    Verb.PAGE: _page,
}


def _refused(query: CallbackQuery, task: ApprovalTask, error: TreasuryError) -> Reply:
    """Nothing was done; whoever pressed sees how things stand."""
    if isinstance(error, Superseded):
        show_details(membership.open_chat(_private(query)), task.request)
    return _stale(query, answers.refusal(error))


def _stale(query: CallbackQuery, text: str | None = None) -> Reply:
    """The message shows what is no longer so: it is shown anew, even if we think that it was."""
    if query.chat and query.message_id:
        pressed_on = SentMessage.objects.filter(
            chat__telegram_id=query.chat.id, message_ids__0=query.message_id
        )
        pressed_on.update(shown_hash="")
        refresh(pressed_on)
    return toast(query, answers.stale_button() if text is None else text)


def _private(query: CallbackQuery) -> ChatInfo:
    """Whoever asks is answered in private, wherever he pressed."""
    return ChatInfo(query.sender.id, "private", query.sender.name)
