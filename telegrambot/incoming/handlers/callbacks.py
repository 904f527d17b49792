"""Pressed buttons. The answer to a press says what has happened, whatever the button promised."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from telegrambot.content import keyboards
from telegrambot.content.callback_data import CallbackData, Passed, Verb
from telegrambot.content.markup import plain
from telegrambot.content.words import decided
from telegrambot.dialogs import engine
from telegrambot.dialogs.registry import DIALOGS
from telegrambot.incoming.handlers import (
    absence,
    account,
    dialogs,
    drafts,
    groups,
    hours,
    inline,
    listing,
    membership,
    phrases,
    preferences,
    usual,
)
from telegrambot.incoming.handlers.showing import attend, refresh, show_documents
from telegrambot.incoming.replies import Reply, beside, instead, send, toast
from telegrambot.incoming.updates import CallbackQuery, ChatInfo
from telegrambot.kinds import details, passed_on, printed
from telegrambot.kinds.cards import accounts_for
from telegrambot.kinds.privately import whisper
from telegrambot.models import Chat, SentMessage, SentMessageQuerySet, Urgency
from telegrambot.places import Reader, inline_place
from telegrambot.projection.news import private_chats
from treasury import rights
from treasury.approval import read
from treasury.errors import NotAllowed, Superseded, TreasuryError
from treasury.models import (
    ApprovalTask,
    Decision,
    Employee,
    OwnAccount,
    PaymentRequest,
    PaymentRequestQuerySet,
)
from treasury.services import decisions, reminders
from treasury.workflow import Status


def pressed(query: CallbackQuery, employee: Employee) -> Reply:
    data = CallbackData.parse(query.data)
    if data is None:
        return _stale(query)
    if query.inline_id:
        inline.pressed(query, employee, data)
    handler = _HANDLERS.get(data.verb) or (_begin if data.verb in DIALOGS else _answer)
    return handler(query, employee, data)


def _approve(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    # Their keys are enough: the service reads them under the lock.
    task, channel = ApprovalTask(pk=data.target), Decision.Channel.TELEGRAM
    account = OwnAccount(pk=data.detail) if data.detail else None
    try:
        decision = decisions.approve(
            task=task, actor=employee, channel=channel, own_account=account,
            shown=data.revision or _asked_at(data.target),
        )  # fmt: skip
    except ApprovalTask.DoesNotExist:
        return _stale(query)
    except TreasuryError as error:
        return _refused(query, employee, ApprovalTask.objects.get(pk=data.target), error)
    if account is None:
        _attend(query, employee, decision.task)
    said = decided(decision)
    if account is None or dialogs.is_card(query):
        return toast(query, said)
    # A list of accounts has served its purpose.
    return instead(query, send(query.own_place, plain(said)), said)


def _asked_at(task_pk: int) -> int | None:
    """The revision with which he was asked: a button of an earlier release shows that, and names
    none."""
    asked = ApprovalTask.objects.filter(pk=task_pk)
    return asked.values_list("revision", flat=True).first()


def _offer_accounts(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """All of them, in a message of its own: a card has no room for a list."""
    task = ApprovalTask.objects.filter(pk=data.target).select_related("request").first()
    if task is None:
        return _stale(query)
    approval = read(task.request)
    if not rights.may_decide(approval, task, employee):
        return _refused(query, employee, task, NotAllowed())
    if task.request.revision != (data.revision or task.revision):
        return _refused(query, employee, task, Superseded())
    current = approval.find(task.pk)
    offered = accounts_for(approval, current, employee) if current else []
    if not current or not offered:
        return _stale(query)
    question = _("%(request)s: from which account is it paid?") % {"request": task.request}
    keyboard = keyboards.markup(keyboards.paying(current, offered))
    return beside(query, send(query.own_place, plain(question), keyboard))


def _begin(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    task = ApprovalTask.objects.filter(pk=data.target).select_related("request").first()
    if task is None:
        return _stale(query)
    try:
        greeting = engine.begin_about(task, data.verb, query.sender.id, employee)
    except TreasuryError as error:
        return _refused(query, employee, task, error)
    _attend(query, employee, task)
    if greeting is None:
        return _stale(query)
    # It may ask for a message, which everybody would read there; the card asks for a button.
    return toast(query, "" if query.ephemeral_id else greeting)


def _answer(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return dialogs.pressed(query, employee, data) or _stale(query)


def _turn(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return dialogs.turned(query, employee, data) or _stale(query)


def _back(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return dialogs.left(query, employee, data) or _stale(query, "")


def _submit(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    _pressed_on(query).update(urgency=Urgency.PRESSED)
    return drafts.submit(query, employee, data) or _stale(query)


def _go_on(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return drafts.go_on(query, employee, data) or _stale(query)


def _show(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    request = PaymentRequest.objects.filter(pk=data.target).readable_by(employee).first()
    if request is None:
        return toast(query, phrases.not_found())
    _SHOWS[data.verb](membership.open_chat(_private(query)), request)
    return toast(query, _where(query))


def _mine(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """In a group: what he has to decide is shown to him alone."""
    task = _own_task(employee, data)
    if task is None:
        return _not_his(query, employee, data)
    if query.chat is None or query.chat.is_private:
        details.show(membership.open_chat(_private(query)), task.request)
        return toast(query, _where(query))
    reader = Reader(query.sender.id, query_id=query.id)
    if not whisper(membership.open_chat(query.chat), task.request, reader, query.thread_id):
        return toast(query, _("You have been shown your card here a moment ago; only you see it."))
    return toast(query, _("Your card comes below, where only you see it, or to our private chat."))


def _approve_here(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """Under a message that somebody has sent by inline mode."""
    task = _own_task(employee, data)
    if task is None:
        return _not_his(query, employee, data)
    passed = Passed.of(data.detail)
    if unsaid := passed_on.unsaid([task.request], is_full=passed.is_full).get(task.request_id):
        return _to_be_seen_first(query, task, unsaid)
    channel = Decision.Channel.TELEGRAM
    try:
        decision = decisions.approve(
            task=task, actor=employee, channel=channel, shown=passed.revision
        )
    except TreasuryError as error:
        # Perhaps he has to choose an account: that is his own card's.
        details.show(membership.open_chat(_private(query)), task.request)
        return _refused(query, employee, task, error)
    _attend(query, employee, task)
    return toast(query, decided(decision))


def _to_be_seen_first(query: CallbackQuery, task: ApprovalTask, why: str) -> Reply:
    """What stands under the message is not all that he has to know: his own card says it."""
    details.show(membership.open_chat(_private(query)), task.request)
    refresh(_pressed_on(query))
    text = _("Nothing is approved yet: look at your card in our private chat.\n%(why)s")
    return toast(query, text % {"why": why}, alert=True)


def _decline_here(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """The reason is asked for privately: here everybody would read it."""
    task = _own_task(employee, data)
    if task is None:
        return _not_his(query, employee, data)
    if task.request.revision != Passed.of(data.detail).revision:
        return _refused(query, employee, task, Superseded())
    try:
        engine.begin_about(task, Verb.DECLINE, query.sender.id, employee)
    except TreasuryError as error:
        return _refused(query, employee, task, error)
    details.show(membership.open_chat(_private(query)), task.request)
    return toast(query, _("I ask you for the reason in our private chat."))


def _own_task(employee: Employee, data: CallbackData) -> ApprovalTask | None:
    """What he may decide of the request."""
    request = PaymentRequest.objects.filter(pk=data.target).first()
    return rights.task_of(read(request), employee) if request else None


def _where(query: CallbackQuery) -> str:
    """Where the answer comes, for whoever would look for it in the group."""
    is_elsewhere = query.inline_id or (query.chat and not query.chat.is_private)
    return _("It comes to our private chat.") if is_elsewhere else ""


def _not_his(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    """Who may not read a request is not told that there is one, unless he is where it is shown."""
    requests = PaymentRequest.objects.filter(pk=data.target)
    known = _announced(query, requests) or requests.readable_by(employee).first()
    if known is None:
        return toast(query, phrases.not_found())
    if known.status != Status.IN_APPROVAL:
        return _stale(query)
    return toast(query, _("%(request)s does not wait for you.") % {"request": known})


def _announced(query: CallbackQuery, requests: PaymentRequestQuerySet) -> PaymentRequest | None:
    """The one of them that all who read where it was pressed may know of."""
    request = requests.ever_submitted().first()
    if query.chat is None or request is None:
        return None
    groups = Chat.objects.hearing_of(request.organization_id, request.department_id)
    return request if groups.filter(telegram_id=query.chat.id).exists() else None


def _documents(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    request = PaymentRequest.objects.filter(pk=data.target).readable_by(employee).first()
    if request is None:
        return toast(query, phrases.not_found())
    count = show_documents(membership.open_chat(_private(query)), request)
    return toast(query, _where(query) if count else _("There are no documents."))


def _nudge(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    request = PaymentRequest.objects.filter(pk=data.target).readable_by(employee).first()
    if request is None:
        return toast(query, phrases.not_found())
    try:
        asked = reminders.nudge(request=request, actor=employee)
    except TreasuryError as error:
        return _stale(query, phrases.refusal(error))
    return toast(query, phrases.nudged(Employee.objects.filter(pk__in=private_chats(asked))))


def _dress(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return preferences.dressed(query, employee, data) or _stale(query)


def _language(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return preferences.spoken(query, employee, data) or _stale(query)


def _topics(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return preferences.topics_for(query, employee, data) or _stale(query)


def _offer_to_bind(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return groups.asked(query, employee, data) or _stale(query)


def _settings(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    if not data.target:
        return preferences.shown(query, employee)
    return hours.page(query, employee, data) or _stale(query)


def _hours(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return hours.chosen(query, employee, data) or _stale(query)


def _other_hours(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return hours.asked(query, employee)


def _usual(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return usual.asked(query, employee, data) or _stale(query)


def _bulk(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return usual.answered(query, employee, data) or _stale(query)


def _bind(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return groups.bound(query, employee, data) or _stale(query)


def _bindings(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return groups.turned(query, employee, data) or _stale(query)


def _found(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    return listing.turned(query, employee, data) or _stale(query)


def _page(query: CallbackQuery, employee: Employee, data: CallbackData) -> Reply:
    paged = _PAGED.get(data.detail)
    if paged is None:
        return _stale(query)
    return instead(query, paged(query.own_place, employee, data.target))


_PAGED = {**listing.PAGED, drafts.PAGES: drafts.page}
_SHOWS: dict[str, Callable[[Chat, PaymentRequest], None]] = {
    Verb.DETAILS: details.show,
    Verb.DETAILS_HERE: details.show,
    Verb.PRINTED: printed.show,
}
# What neither begins a dialog nor answers in one.
_HANDLERS: dict[str, Callable[[CallbackQuery, Employee, CallbackData], Reply]] = {
    Verb.APPROVE: _approve,
    Verb.ACCOUNTS: _offer_accounts,
    Verb.TURN: _turn,
    Verb.BACK: _back,
    Verb.SUBMIT: _submit,
    Verb.COPY: drafts.copy,
    Verb.GO_ON: _go_on,
    Verb.DETAILS: _show,
    Verb.DETAILS_HERE: _show,
    Verb.APPROVE_HERE: _approve_here,
    Verb.DECLINE_HERE: _decline_here,
    Verb.MINE: _mine,
    Verb.DOCUMENTS: _documents,
    Verb.PRINTED: _show,
    Verb.NUDGE: _nudge,
    Verb.PAGE: _page,
    Verb.FOUND: _found,
    Verb.DRESS: _dress,
    Verb.LANGUAGE: _language,
    Verb.TOPICS: _topics,
    Verb.SETTINGS: _settings,
    **dict.fromkeys(hours.CHOICES, _hours),
    Verb.OTHER_HOURS: _other_hours,
    Verb.USUAL: _usual,
    Verb.BULK: _bulk,
    Verb.BIND: _offer_to_bind,
    Verb.BIND_SURE: _bind,
    Verb.UNBIND: _bind,
    Verb.BIND_DEPARTMENT: _offer_to_bind,
    Verb.BIND_DEPARTMENT_SURE: _bind,
    Verb.UNBIND_DEPARTMENT: _bind,
    Verb.BINDINGS: _bindings,
    Verb.RESUME: absence.resume,
    Verb.LOGOUT: account.logout,
    Verb.CONSENT: account.consent,
}


def _refused(
    query: CallbackQuery, employee: Employee, task: ApprovalTask, error: TreasuryError
) -> Reply:
    """Nothing was done; whoever pressed sees how things stand."""
    _attend(query, employee, task)
    if isinstance(error, Superseded):
        details.show(membership.open_chat(_private(query)), task.request)
    return _stale(query, phrases.refusal(error))


def _attend(query: CallbackQuery, employee: Employee, task: ApprovalTask) -> None:
    if query.ephemeral_id or query.inline_id:
        _pressed_on(query).update(urgency=Urgency.PRESSED)
    elif query.chat and query.message_id:
        attend(query.chat.id, query.message_id, task, employee)


def _stale(query: CallbackQuery, text: str | None = None) -> Reply:
    """The message shows what is no longer so: it is shown anew, even if we think that it was."""
    pressed_on = _pressed_on(query)
    pressed_on.update(shown_hash="")
    refresh(pressed_on)
    return toast(query, phrases.stale_button() if text is None else text)


def _pressed_on(query: CallbackQuery) -> SentMessageQuerySet:
    """The message with the button, if it is one of ours."""
    if query.chat and query.ephemeral_id:
        return SentMessage.objects.seen_by(query.sender.id, query.chat.id, query.ephemeral_id)
    if query.chat and query.message_id:
        return SentMessage.objects.at(query.chat.id, query.message_id)
    if query.inline_id:
        return SentMessage.objects.filter(chat__telegram_id=inline_place(query.inline_id))
    return SentMessage.objects.none()


def _private(query: CallbackQuery) -> ChatInfo:
    """Whoever asks is answered in private, wherever he pressed."""
    return ChatInfo(query.sender.id, "private", query.sender.name)
