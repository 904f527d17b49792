"""Files that people send in answer to a card, or for a request that they are asked for: noted here,
and fetched by a worker."""

from datetime import timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from oauth import linking
from telegrambot.content import keyboards
from telegrambot.content.markup import plain
from telegrambot.dialogs import engine
from telegrambot.incoming.enclosed import LARGEST, Enclosed
from telegrambot.incoming.handlers import account, drafts, membership, phrases
from telegrambot.incoming.handlers.answered import about_request
from telegrambot.incoming.replies import Reply, once, send
from telegrambot.incoming.updates import ChatInfo, Message, Person
from telegrambot.models import Dialog, IncomingFile
from telegrambot.places import Place
from treasury.errors import NoRight, TreasuryError
from treasury.files import clean_name
from treasury.models import Employee, PaymentRequest
from treasury.services.requests import check_attachable

# The rest of an album comes within this time, to be answered with the first.
ALBUM_PAUSE = timedelta(seconds=1)


def said(message: Message, employee: Employee, file: Enclosed) -> Reply | None:
    """In private; nothing is said before the file is there, for which the sweep looks."""
    request = _answered(message)
    dialog = engine.open_to(message.chat.id) if request is None else None
    if dialog and engine.takes_files(dialog):
        return _take_for(dialog, message, file)
    if request is None:
        hint = _("To attach a file, send it in answer to a message about its request.")
        if file.kind == "voice":
            listens = _("I cannot listen to voice messages: write to me, please.")
            hint = f"{listens} {hint}"
        elif drafts.prepares(employee):
            hint = "\n".join((hint, _("For a new request write /new, and send the invoice then.")))
        return once(send(message.place, plain(hint)), "file")
    return _take(message, Place(message.chat.id), employee, file, request)


def heard_in_group(message: Message) -> bool:
    """Whether it brings a file for a request of ours that is shown there."""
    return bool(message.file and _answered(message))


def say_in_group(message: Message, sender: Person) -> Reply | None:
    """What comes of it is nobody else's business."""
    employee, request = linking.recognise(telegram_id=sender.id), _answered(message)
    if employee is None:
        return once(account.ask_to_write_privately(message.place), "stranger")
    if request is None or message.file is None:
        return None
    membership.open_chat(ChatInfo(sender.id, "private", sender.name))
    with translation.override(employee.language):
        return _take(message, Place(sender.id), employee, message.file, request)


def _answered(message: Message) -> PaymentRequest | None:
    """The request that is shown by the message which this one answers."""
    sent = about_request(message)
    return sent.request if sent else None


def _take(
    message: Message, place: Place, employee: Employee, file: Enclosed, request: PaymentRequest
) -> Reply | None:
    name = _name(message, file)
    if refusal := _refusal(request, employee, name, file.size):
        link = keyboards.link(request) if employee.is_staff else []
        text = plain(f"{request.number}: {refusal}")
        reply = send(place, text, keyboards.markup([link]))
        # Of an album that is refused as a whole it is said once.
        return once(reply, f"{message.album}{refusal}")
    IncomingFile.objects.bulk_create(
        [_noted(message, file, name, request=request)], ignore_conflicts=True
    )
    return None


def _take_for(dialog: Dialog, message: Message, file: Enclosed) -> Reply | None:
    """For a request that he is just asked for."""
    name = _name(message, file)
    if file.size > LARGEST:
        reply = send(message.place, plain(phrases.too_large(name)))
        return once(reply, f"{message.album}{name}")
    noted = _noted(message, file, name, dialog=dialog.pk)
    IncomingFile.objects.bulk_create([noted], ignore_conflicts=True)
    return None


def _refusal(request: PaymentRequest, employee: Employee, name: str, size: int) -> str:
    if not PaymentRequest.objects.filter(pk=request.pk).readable_by(employee).exists():
        return phrases.not_found()
    try:
        check_attachable(request, employee)
    except NoRight:
        return _("documents are attached by whoever prepares the request.")
    except TreasuryError as error:
        return phrases.refusal(error)
    return phrases.too_large(name) if size > LARGEST else ""


def _noted(message: Message, file: Enclosed, name: str, **whose: Any) -> IncomingFile:
    return IncomingFile(
        **whose,
        sender_id=message.sender.id if message.sender else 0,
        said_in=message.chat.id,
        message_id=message.message_id,
        album=message.album,
        kind=file.kind,
        file_id=file.file_id,
        name=name,
        size=file.size,
        not_before=timezone.now() + (ALBUM_PAUSE if message.album else timedelta(0)),
    )


def _name(message: Message, file: Enclosed) -> str:
    """What a phone has recorded has none; the number tells the pictures of an album apart."""
    if file.name:
        return clean_name(file.name)
    words = {
        "photo": (_("Photo"), "jpg"),
        "video": (_("Video"), "mp4"),
        "voice": (_("Voice message"), "ogg"),
    }
    word, extension = words.get(file.kind, (_("Document"), ""))
    name = f"{word} {timezone.localdate():%d.%m.%Y} {message.message_id}"
    return f"{name}.{extension}" if extension else name
