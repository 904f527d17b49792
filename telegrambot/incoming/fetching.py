"""Files that people have sent: fetched from Telegram, and attached to their requests.

Whatever breaks on the way is tried again for some hours; whoever has sent the file is told once
what became of it. A repeat attaches nothing twice, for the same file is one document.
"""

import logging
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from oauth.models import UserToken
from telegrambot import doorbell
from telegrambot.content import keyboards
from telegrambot.content.filekinds import Kind
from telegrambot.content.markup import listed, plain
from telegrambot.delivery import client, media
from telegrambot.incoming.enclosed import LARGEST
from telegrambot.incoming.handlers import phrases
from telegrambot.kinds import answer
from telegrambot.models import Chat, IncomingFile
from telegrambot.redaction import redacted
from treasury.errors import NotNow, TreasuryError
from treasury.files import shown_size
from treasury.models import Attachment, Decision, Employee
from treasury.services.requests import attach, check_attachable

logger = logging.getLogger(__name__)

State = IncomingFile.State

# For so long a worker has a file for itself; longer than the slowest download.
HELD = timedelta(minutes=5)
# The wait before another try doubles, up to the longest; in the end the file is given up.
BACKOFF = timedelta(seconds=5)
BACKOFF_LONGEST = timedelta(minutes=10)
GIVEN_UP = timedelta(hours=3)
# More than are made in that time.
ATTEMPTS = 50
# Characters of an answer that are names and reasons.
LIST_LENGTH = 3500
_PASSES = (client.NotSent, client.DeliveryUnknown, client.ServerError, client.RetryAfter,
           client.WrongFile)  # fmt: skip


class _Later(Exception):
    """It may go well another time; `note` is what is said if it does not."""

    def __init__(self, reason: str, note: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.note = note
        self.wait = timedelta(seconds=wait)


def fetch_next() -> bool:
    """Take in the file that has waited longest; False: none is due."""
    file = _claimed()
    if file is None:
        return False
    try:
        if file.attempts > ATTEMPTS:
            # Each worker that has had it was killed by it, or by something else.
            raise _Later("given up", phrases.not_given(file.name))
        _take_in(file)
    except _Later as trouble:
        _put_off(file, trouble)
    except Exception as error:
        # The edge of one file: its trouble must not stop the others.
        logger.exception("cannot take in: file=%s", file.pk)
        _put_off(file, _Later(f"{type(error).__name__}: {redacted(error)}", file.name))
    return True


def _claimed() -> IncomingFile | None:
    now = timezone.now()
    for file in IncomingFile.objects.due(now)[:10]:
        mine = IncomingFile.objects.due(now).filter(pk=file.pk)
        if mine.update(held_until=now + HELD, attempts=file.attempts + 1):
            file.attempts += 1
            return file
    return None


def _take_in(file: IncomingFile) -> None:
    employee = UserToken.objects.employee_of(file.sender_id)
    if employee is None:
        # He has left, or is signed in no more: nobody is there to be told.
        _finish(file, None, state=State.REFUSED, is_told=True)
        return
    with translation.override(employee.language):
        try:
            attachment = _attach(file, employee)
        except _Later as trouble:
            _put_off(file, trouble)
        except ValidationError as refusal:
            _finish(file, employee, state=State.REFUSED, note=" ".join(refusal.messages))
        except TreasuryError as refusal:
            note = f"“{file.name}”: {phrases.refusal(refusal)}"
            _finish(file, employee, state=State.REFUSED, note=note)
        except client.MediaRefused:
            _finish(file, employee, state=State.REFUSED, note=phrases.too_large(file.name))
        except client.TelegramError as error:
            note, reason = phrases.not_given(file.name), error.description
            _finish(file, employee, state=State.REFUSED, note=note, error=reason)
        else:
            note = f"{attachment.name}, {shown_size(attachment.size)}"
            _finish(file, employee, state=State.ATTACHED, note=note)


def _attach(file: IncomingFile, employee: Employee) -> Attachment:
    """Raises what the client and the treasury raise; `_Later` for what passes."""
    check_attachable(file.request, employee)
    with TemporaryFile() as content:
        try:
            client.download(file.file_id, content, LARGEST)
        except _PASSES as error:
            wait = error.seconds if isinstance(error, client.RetryAfter) else 0
            raise _Later(error.description, phrases.not_given(file.name), wait) from error
        content.seek(0)
        try:
            attachment = attach(
                request=file.request,
                actor=employee,
                channel=Decision.Channel.TELEGRAM,
                file=File(content, name=file.name),
            )
        except NotNow as error:
            raise _Later(str(error), str(error)) from error
    if file.kind in Kind.values:
        # What has come by Telegram goes by its id, and is never uploaded.
        media.keep(Kind(file.kind), attachment.sha256, file.file_id, file.name)
    return attachment


def _put_off(file: IncomingFile, trouble: _Later) -> None:
    now = timezone.now()
    logger.warning("not taken in: file=%s %s", file.pk, trouble)
    if file.created_at < now - GIVEN_UP:
        employee = UserToken.objects.employee_of(file.sender_id)
        note = trouble.note
        _finish(file, employee, state=State.REFUSED, note=note, error=str(trouble))
        return
    wait = max(min(BACKOFF * 2 ** (file.attempts - 1), BACKOFF_LONGEST), trouble.wait)
    IncomingFile.objects.waiting().filter(pk=file.pk).update(
        held_until=None, not_before=now + wait, error=str(trouble)
    )


def _finish(file: IncomingFile, employee: Employee | None, **outcome: Any) -> None:
    """What has become of it is saved and told together; another may have done so meanwhile."""
    with transaction.atomic():
        album = list(IncomingFile.objects.sent_with(file).select_for_update().order_by("pk"))
        if not IncomingFile.objects.waiting().filter(pk=file.pk).update(**outcome):
            return
        if employee is not None:
            # Of an album the last to be done tells of all; what is tried again has its own answer.
            rest = (each for each in album if each.pk != file.pk)
            if not any(each.state == State.WAITING and not each.error for each in rest):
                _tell(file, employee)


def _tell(file: IncomingFile, employee: Employee) -> None:
    done = IncomingFile.objects.sent_with(file).exclude(state=State.WAITING)
    untold = list(done.filter(is_told=False).order_by("pk"))
    chat = Chat.objects.filter(telegram_id=file.sender_id).first()
    if chat is None:
        return
    attached = [each.note for each in untold if each.state == State.ATTACHED]
    refused = [each.note for each in untold if each.state == State.REFUSED]
    with translation.override(employee.language):
        link = keyboards.link(file.request) if refused and employee.is_staff else []
        text = _text(str(file.request), attached, refused)
    answer.tell(chat, text, keyboards.markup([link]))
    done.update(is_told=True)
    transaction.on_commit(doorbell.ring)


def _text(number: str, attached: list[str], refused: list[str]) -> str:
    parts = (
        (_("✅ Attached to %(number)s:"), attached),
        (_("❌ Not attached to %(number)s:"), refused),
    )
    return "\n\n".join(
        f"{plain(heading % {'number': number})}\n{listed(lines, LIST_LENGTH // 2)}"
        for heading, lines in parts
        if lines
    )
