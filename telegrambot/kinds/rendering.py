"""From the state of a request to what a message must show: text, keyboard, documents.

Nothing here is sent or changed: delivery renders at the moment of sending, and once more whenever
something happened.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from oauth.models import UserToken
from telegrambot.content import details, keyboards
from telegrambot.content.aside import aside_for
from telegrambot.content.card import card_of, documents, with_progress
from telegrambot.content.markup import CAPTION_LIMIT, TEXT_LIMIT, plain
from telegrambot.dialogs.asking import ask
from telegrambot.models import Dialog, SentMessage
from treasury import rights
from treasury.approval import Approval, read
from treasury.models import (
    ApprovalStage,
    ApprovalTask,
    Attachment,
    Employee,
    OwnAccount,
    PaymentRequest,
)
from treasury.workflow import Status

Purpose = SentMessage.Purpose

# The question stands below the text, so room is kept for it.
_QUESTION_ROOM = 300
# Of the accounts to pay from; further ones are chosen in the back office.
ACCOUNTS_SHOWN = 20


@dataclass(frozen=True)
class Rendered:
    """What a message must show; without text and documents there is nothing to send.

    `text` is Telegram's HTML, `keyboard` an InlineKeyboardMarkup. Documents are part of the first
    sending only; with one of them the text is its caption.
    """

    text: str
    keyboard: dict[str, Any] | None = None
    documents: tuple[Attachment, ...] = ()


_NOTHING = Rendered("")


def render(message: SentMessage) -> Rendered:
    """The newest state, in the language of whoever reads it."""
    request_pk = message.request_id
    if request_pk is None:
        return _notice(message)
    if message.chat.is_group:
        with translation.override(settings.LANGUAGE_CODE):
            return _for_group(message, request_pk)
    reader = UserToken.objects.employee_of(message.chat.telegram_id)
    with translation.override(reader.language if reader else settings.LANGUAGE_CODE):
        return _for_person(message, request_pk, reader) if reader else _for_nobody(message)


def _notice(message: SentMessage) -> Rendered:
    """What asks for a consent has a button until it is given, or taken back."""
    asked = message.consent
    if asked is None or asked.given_at:
        return Rendered(message.text)
    with translation.override(asked.requester.language):
        return Rendered(message.text, keyboards.markup([keyboards.consent(asked)]))


def _for_nobody(message: SentMessage) -> Rendered:
    """For a chat whose owner has left: what was sent stays closed to him from now on."""
    if not message.form:
        return _NOTHING
    text = _("%(number)s: you have no access any more.") % {"number": message.request}
    return Rendered(plain(text))


def _for_group(message: SentMessage, request_pk: int) -> Rendered:
    request = with_progress(request_pk)
    if message.chat.organization_id != request.organization_id:
        return _for_former_group(message, request)
    if message.purpose == Purpose.DOCUMENTS:
        return _documents(message)
    carried = _attachments(message)
    # Once sent, the form stays: a caption is short even when its document was removed since.
    captioned = bool(carried) if not message.form else message.form == SentMessage.Form.CAPTION
    text = card_of(request).fitted(CAPTION_LIMIT if captioned else TEXT_LIMIT)
    return Rendered(text, keyboards.markup([keyboards.link(request)]), carried)


def _for_former_group(message: SentMessage, request: PaymentRequest) -> Rendered:
    """The request, or the group, belongs to another organization by now."""
    if not message.form:
        return _NOTHING
    if message.purpose == Purpose.DOCUMENTS:
        return _documents(message)
    text = _("%(number)s is not shown in this group any more.") % {"number": request.number}
    return Rendered(plain(text), None, _attachments(message))


def _for_person(message: SentMessage, request_pk: int, reader: Employee) -> Rendered:
    request = with_progress(request_pk)
    # Where a request has ended nothing is decided.
    approval = read(request) if message.purpose != Purpose.OUTCOME else None
    task = _task_to_decide(message, approval, reader) if approval else None
    if message.purpose == Purpose.DOCUMENTS:
        return _documents(message) if _may_read(message, request, reader, task) else _NOTHING
    if message.purpose == Purpose.TASK and task is None and not message.form:
        # Decided before it could be sent: nobody needs to be troubled.
        return _NOTHING
    if not _may_read(message, request, reader, task):
        return _for_nobody(message)
    if task is None and (replaced := _replaced_task(message)):
        return _pointer(replaced, request)
    text = _text(message, request, task, reader)
    shared = task or _task_to_share(message, request, reader)
    dialog = _dialog(message, shared)
    if dialog:
        return _asking(text, dialog, reader)
    deciding: list[keyboards.Row] = []
    if approval and task:
        deciding = keyboards.decision(task, accounts_for(approval, task, reader))
    if shared and not task:
        deciding = [keyboards.colleagues(shared)]
    about = keyboards.information(
        request,
        details=message.purpose != Purpose.DETAILS,
        documents=bool(documents(request)),
    )
    # Who may not enter the back office needs no way to it.
    link = keyboards.link(request) if reader.is_staff else []
    return Rendered(text, keyboards.markup([*deciding, about, link]))


def _replaced_task(message: SentMessage) -> ApprovalTask | None:
    """What it asked about an earlier version, when the chat has a later card of the request."""
    if message.task is None or message.task.stage.state != ApprovalStage.State.SUPERSEDED:
        return None
    later = SentMessage.objects.filter(
        chat=message.chat_id, request=message.request_id, purpose=Purpose.TASK, pk__gt=message.pk
    ).exclude(state=SentMessage.State.FAILED)
    # One that is still to be sent stands there in a moment; what is decided by then never will.
    comes = Q(task__status=ApprovalTask.Status.OPEN)
    has_come = ~Q(form=SentMessage.Form.NONE)
    return message.task if later.filter(comes | has_come).exists() else None


def _pointer(replaced: ApprovalTask, request: PaymentRequest) -> Rendered:
    """A twin of the later card would only be in its way."""
    text = _("%(number)s · revision %(old)d is replaced by revision %(new)d: see the card below.")
    facts = {"number": request.number, "old": replaced.revision, "new": request.revision}
    about = keyboards.information(request, details=True, documents=False)
    return Rendered(plain(text % facts), keyboards.markup([about]))


def _task_to_decide(
    message: SentMessage, approval: Approval, reader: Employee
) -> ApprovalTask | None:
    """The task whose buttons the message carries: a card's own, else any that is the reader's."""
    if message.task_id:
        own = approval.find(message.task_id)
        return own if own and rights.may_decide(approval, own, reader) else None
    return rights.task_of(approval, reader)


def accounts_for(approval: Approval, task: ApprovalTask, reader: Employee) -> list[OwnAccount]:
    """Among which the reader chooses from where it is paid; none when that is not his to say."""
    if not rights.chooses_account(approval, task, reader):
        return []
    fitting = OwnAccount.objects.to_pay(approval.request).select_related("bank")
    return list(fitting[:ACCOUNTS_SHOWN])


def _may_read(
    message: SentMessage, request: PaymentRequest, reader: Employee, task: ApprovalTask | None
) -> bool:
    """Whether the request is still the reader's to see: a deputy's time ends, and a chat may come
    to belong to somebody else."""
    if task or reader.pk in request.asking:
        return True
    if message.task and message.task.employee_id == reader.pk:
        return True
    if _has_decided(request, reader):
        return True
    return PaymentRequest.objects.filter(pk=request.pk).readable_by(reader).exists()


def _has_decided(request: PaymentRequest, reader: Employee) -> bool:
    tasks = (task for stage in request.stages.all() for task in stage.tasks.all())
    return any(hasattr(task, "decision") and task.decision.decided_by == reader for task in tasks)


def _task_to_share(
    message: SentMessage, request: PaymentRequest, reader: Employee
) -> ApprovalTask | None:
    """Any open task, for whoever may hand over everyone's: he does it from the details."""
    in_question = message.purpose == Purpose.DETAILS and request.status == Status.IN_APPROVAL
    if not in_question or not rights.may_reassign(request, reader):
        return None
    return request.tasks.filter(status=ApprovalTask.Status.OPEN).first()


def _text(
    message: SentMessage, request: PaymentRequest, task: ApprovalTask | None, reader: Employee
) -> str:
    aside = aside_for(request, task, reader, message.chat)
    limit = TEXT_LIMIT - _QUESTION_ROOM
    if message.purpose == Purpose.DETAILS:
        return details.text(request, aside, limit)
    return card_of(request, aside).fitted(limit)


def _dialog(message: SentMessage, task: ApprovalTask | None) -> Dialog | None:
    if task is None:
        return None
    return Dialog.objects.filter(telegram_id=message.chat.telegram_id, task=task).first()


def _asking(text: str, dialog: Dialog, reader: Employee) -> Rendered:
    """The message while the bot waits for an answer."""
    asked = ask(dialog, reader)
    return Rendered(f"{text}\n\n{asked.text}", keyboards.markup(asked.rows))


def _documents(message: SentMessage) -> Rendered:
    carried = _attachments(message)
    if not carried:
        return _NOTHING
    # No state: what has become an album is never changed.
    heading = _("Documents of request %(number)s") % {"number": message.request}
    return Rendered(plain(heading), None, carried)


def _attachments(message: SentMessage) -> tuple[Attachment, ...]:
    """Those still valid, in the order in which they were added."""
    return tuple(Attachment.objects.filter(pk__in=message.documents, removed_at=None))
