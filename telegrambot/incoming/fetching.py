"""Files that people have sent: fetched from Telegram, and attached to their requests, or kept for
those that they are just asked for.

Whatever breaks on the way is tried again for some hours; whoever has sent the file is told once
what became of it. A repeat attaches nothing twice, for the same file is one document.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oauth.models import UserToken
from telegrambot import doorbell, held
from telegrambot.content import keyboards
from telegrambot.content.filekinds import Kind
from telegrambot.content.markup import TEXT_LIMIT, listed, plain, visible_length
from telegrambot.delivery import client, media
from telegrambot.dialogs import engine
from telegrambot.incoming.enclosed import LARGEST
from telegrambot.incoming.handlers import phrases
from telegrambot.kinds import answer
from telegrambot.models import Chat, Dialog, IncomingFile
from telegrambot.redaction import redacted
from treasury import qr_codes
from treasury.errors import NotNow, TreasuryError
from treasury.files import checked_name, shown_size
from treasury.models import Attachment, Decision, Employee, PaymentRequest, Upload
from treasury.models.requests import sha256_of
from treasury.services import uploads
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
    """Take in the file that has waited longest; False: none is due, or may be."""
    file = None if held.problem() else _claimed()
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
            note = _attach(file, employee)
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
            _finish(file, employee, state=State.ATTACHED, note=note)


def _attach(file: IncomingFile, employee: Employee) -> str:
    """What is said of it. Raises what client and treasury raise; `_Later` for what passes."""
    if file.request:
        check_attachable(file.request, employee)
    with TemporaryFile() as content:
        try:
            client.download(file.file_id, content, LARGEST)
        except _PASSES as error:
            wait = error.seconds if isinstance(error, client.RetryAfter) else 0
            raise _Later(error.description, phrases.not_given(file.name), wait) from error
        content.seek(0)
        try:
            kept, said = _keep(file, employee, content)
        except NotNow as error:
            raise _Later(str(error), str(error)) from error
    if file.kind in Kind.values:
        # What has come by Telegram goes by its id, and is never uploaded.
        media.keep(Kind(file.kind), kept.sha256, file.file_id, file.name)
    return "\n".join([f"{kept.name}, {shown_size(kept.size)}", *said])


def _keep(
    file: IncomingFile, employee: Employee, content: IO[bytes]
) -> tuple[Attachment | Upload, list[str]]:
    """With what is to be said of what it holds."""
    if file.request is None:
        return _stage(file, employee, content)
    attachment = attach(
        request=file.request,
        actor=employee,
        channel=Decision.Channel.TELEGRAM,
        file=File(content, name=file.name),
    )
    return attachment, []


def _stage(file: IncomingFile, employee: Employee, content: IO[bytes]) -> tuple[Upload, list[str]]:
    """For a request that he is just asked for; `content` is looked at outside of any lock."""
    whole = File(content, name=file.name)
    codes = qr_codes.read(content) if _is_wanted(file, whole) else []
    upload = uploads.stage(owner=employee, file=whole)
    is_taken, said = False, []
    try:
        with transaction.atomic():
            dialog = engine.open_to(file.sender_id)
            if dialog is None or dialog.pk != file.dialog:
                raise _Left
            # Here alone for sure: others of his come in at the same time.
            is_new = _is_new(dialog, upload.name, upload.size, upload.sha256)
            facts = {"upload": upload.pk, "name": upload.name, "sha256": upload.sha256}
            said = engine.take_file(dialog, employee, facts, codes) if is_new else []
        is_taken = is_new
    finally:
        if not is_taken:
            uploads.discard(upload)
    return upload, said


def _is_wanted(file: IncomingFile, whole: "File[bytes]") -> bool:
    """Whether it is worth looking for codes, which takes long: as it seems now, without any lock.
    Raises what `_stage` will."""
    asked = Dialog.objects.filter(telegram_id=file.sender_id).first()
    if asked is None or asked.pk != file.dialog:
        raise _Left
    return _is_new(asked, checked_name(whole), whole.size, sha256_of(whole))


def _is_new(dialog: Dialog, name: str, size: int, sha256: str) -> bool:
    """Raises `ValidationError` for one that is too much."""
    if any(sent["sha256"] == sha256 for sent in dialog.files):
        return False
    uploads.check_limits(name, size, _sent_before(dialog))
    return True


def _sent_before(dialog: Dialog) -> list[Upload]:
    return list(Upload.objects.filter(pk__in=[sent["upload"] for sent in dialog.files]))


class _Left(TreasuryError):
    message = gettext_lazy(
        "it came when nothing was asked any more. Send it in answer to a message about the request."
    )


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
    with translation.override(employee.language):
        if file.request:
            _tell_of(chat, file.request, employee, untold)
        else:
            _tell_asking(chat, file, employee, untold)
    done.update(is_told=True)
    transaction.on_commit(doorbell.ring)


def _tell_of(
    chat: Chat, request: PaymentRequest, employee: Employee, untold: Iterable[IncomingFile]
) -> None:
    attached, refused = _notes(untold)
    link = keyboards.link(request) if refused and employee.is_staff else []
    parts = (
        (_("✅ Attached to %(number)s:") % {"number": request}, attached),
        (_("❌ Not attached to %(number)s:") % {"number": request}, refused),
    )
    answer.tell(chat, _text(parts), keyboards.markup([link]))


def _tell_asking(
    chat: Chat, file: IncomingFile, employee: Employee, untold: Iterable[IncomingFile]
) -> None:
    """What is asked now stands below, with its buttons."""
    taken, refused = _notes(untold)
    text = _text(((_("✅ Taken:"), taken), (_("❌ Not taken:"), refused)))
    dialog = engine.open_to(file.sender_id)
    if dialog is None or dialog.pk != file.dialog:
        answer.tell(chat, text, None)
        return
    asked = engine.ask(dialog, employee)
    whole = f"{text}\n\n{asked.text}"
    if visible_length(whole) > TEXT_LIMIT:
        answer.tell(chat, text, None)
        whole = asked.text
    answer.tell(chat, whole, keyboards.markup(asked.rows), asked=engine.asked_as(dialog))


def _notes(files: Iterable[IncomingFile]) -> tuple[list[str], list[str]]:
    """Of those that were taken, and of the others."""
    told = [(each.state == State.ATTACHED, each.note) for each in files]
    return [note for taken, note in told if taken], [note for taken, note in told if not taken]


def _text(parts: Iterable[tuple[str, list[str]]]) -> str:
    return "\n\n".join(
        f"{plain(heading)}\n{listed(lines, LIST_LENGTH // 2)}" for heading, lines in parts if lines
    )
