"""A message as it goes over the wire: which method, which parameters, which files."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.html import strip_tags

from telegrambot.content import blocks
from telegrambot.delivery.upload import File
from telegrambot.kinds.base import Document, Rendered
from telegrambot.models import SentMessage, TelegramFile, bot_id

Form = SentMessage.Form
Kind = TelegramFile.Kind

# The method that makes a message of this form, and the one that changes it.
_SENDS = {
    Form.TEXT: "sendMessage",
    Form.RICH: "sendRichMessage",
    Form.CAPTION: "sendDocument",
    Form.ALBUM: "sendMediaGroup",
    Form.EPHEMERAL: "sendMessage",
}
_EDITS = {
    Form.TEXT: "editMessageText",
    Form.RICH: "editMessageText",
    Form.CAPTION: "editMessageCaption",
    Form.EPHEMERAL: "editEphemeralMessageText",
}

# As long as one may be that is remembered; Telegram's have 80 characters or so.
FILE_ID_LENGTH = 255


@dataclass(frozen=True)
class Outgoing:
    """One call. `documents` are those it carries, in the order of the messages it makes."""

    method: str
    form: Form
    params: dict[str, Any]
    fingerprint: str
    documents: tuple[Document, ...] = ()
    files: dict[str, File] = field(default_factory=dict)
    is_new: bool = True

    @property
    def upload_bytes(self) -> int:
        return sum(file.size for file in self.files.values())

    def plain_params(self) -> dict[str, Any]:
        """The parameters without markup, for when Telegram cannot parse it."""
        plain: dict[str, Any] = _without_markup(self.params)
        return plain


def fingerprint(rendered: Rendered) -> str:
    """Equal for two states that look alike in the chat. Of a text, or what stands under a document,
    the documents stay what they were."""
    carried = [document.sha256 for document in rendered.documents] if rendered.blocks else []
    seen = [rendered.blocks or rendered.text, rendered.keyboard, carried]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def prepare(message: SentMessage, rendered: Rendered) -> Outgoing:
    """The call that makes the message or, once it stands in the chat, brings it up to date.

    Raises OSError when the storage cannot give a document.
    """
    return _edit(message, rendered) if message.form else _send(message, rendered)


def _edit(message: SentMessage, rendered: Rendered) -> Outgoing:
    """Text and rich messages become each other; only the rich carry their documents for good."""
    form = Form(message.form)
    if form in (Form.TEXT, Form.RICH):
        form = Form.RICH if rendered.blocks else Form.TEXT
    documents = rendered.documents if form == Form.RICH else ()
    media, files = _media(documents)
    params = {**_address_of(message), **_words(form, rendered, media)}
    return Outgoing(
        _EDITS[form], form, params, fingerprint(rendered), documents, files, is_new=False
    )


def _send(message: SentMessage, rendered: Rendered) -> Outgoing:
    form = Form.EPHEMERAL if message.receiver_id else _form(rendered)
    documents = rendered.documents
    media, files = _media(documents)
    params = {**_address(message), **_content(form, rendered, media)}
    return Outgoing(_SENDS[form], form, params, fingerprint(rendered), documents, files)


def _address(message: SentMessage) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#ephemeralmessageparameters"""
    if not message.receiver_id:
        return message.place.address
    reader = {"receiver_user_id": message.receiver_id, "callback_query_id": message.query_id}
    return {**message.place.address, "ephemeral_message_parameters": reader}


def _address_of(message: SentMessage) -> dict[str, Any]:
    if not message.receiver_id:
        return message.place.address_of(message.message_id)
    return {
        "chat_id": message.chat.telegram_id,
        "receiver_user_id": message.receiver_id,
        "ephemeral_message_id": message.message_id,
    }


def _media(documents: Sequence[Document]) -> tuple[list[str], dict[str, File]]:
    """As a call names them, and those that it must carry: what Telegram knows is not uploaded
    again."""
    hashes = [document.sha256 for document in documents]
    file_ids = TelegramFile.objects.use(hashes) if hashes else {}
    media, files = [], {}
    for number, document in enumerate(documents):
        file_id = file_ids.get((Kind.DOCUMENT, document.sha256))
        media.append(file_id or f"attach://document{number}")
        if not file_id:
            files[f"document{number}"] = File(document.name, document.size(), document.open)
    return media, files


def remember_files(outgoing: Outgoing, result: Any) -> None:
    """Keep the file_ids of what was just uploaded."""
    for document, holder in zip(outgoing.documents, _holders(result), strict=False):
        match holder:
            case {"document": {"file_id": str(file_id)}} if len(file_id) <= FILE_ID_LENGTH:
                TelegramFile.objects.update_or_create(
                    bot_id=bot_id(), kind=Kind.DOCUMENT, sha256=document.sha256,
                    defaults={"file_id": file_id},
                )  # fmt: skip


def _holders(result: Any) -> list[Any]:
    """What of an answer has a document each: messages, or blocks of one."""
    match result:
        case list():
            return result
        case {"rich_message": {"blocks": [*blocks]}}:
            return [block for block in blocks if "document" in block]
        case _:
            return [result]


def forget_files(outgoing: Outgoing) -> None:
    """The next try uploads again."""
    hashes = [document.sha256 for document in outgoing.documents]
    TelegramFile.objects.of_this_bot().filter(sha256__in=hashes).delete()


def message_ids(result: Any) -> list[int]:
    answers = result if isinstance(result, list) else [result]
    return [answer["message_id"] or answer["ephemeral_message_id"] for answer in answers]


def is_leak(outgoing: Outgoing, result: Any) -> bool:
    """Whether what one person was to see is seen by all: a server that does not know the parameter
    passes over it."""
    return outgoing.is_new and outgoing.form == Form.EPHEMERAL and result["message_id"] != 0


def _form(rendered: Rendered) -> Form:
    if rendered.blocks:
        return Form.RICH
    match len(rendered.documents):
        case 0:
            return Form.TEXT
        case 1:
            return Form.CAPTION
        case _:
            return Form.ALBUM


def _content(form: Form, rendered: Rendered, media: list[str]) -> dict[str, Any]:
    match form:
        case Form.ALBUM:
            items = [{"type": "document", "media": item} for item in media]
            # Documents stand one below the other: the words are read last.
            items[-1] |= {"caption": rendered.text, "parse_mode": "HTML"}
            return {"media": items}
        case Form.CAPTION:
            document = {"document": media[0], "disable_content_type_detection": True}
            return {**document, **_words(form, rendered, media)}
        case _:
            return _words(form, rendered, media)


def _words(form: Form, rendered: Rendered, media: Sequence[str]) -> dict[str, Any]:
    # An edit without a keyboard removes the old one, so both go together.
    keyboard = {"reply_markup": rendered.keyboard}
    if form == Form.RICH:
        names = [document.name for document in rendered.documents]
        carried = [blocks.document(*each) for each in zip(media, names, strict=True)]
        return {"rich_message": blocks.message([*rendered.blocks, *carried]), **keyboard}
    common = {"parse_mode": "HTML", **keyboard}
    if form == Form.CAPTION:
        return {"caption": rendered.text, **common}
    return {"text": rendered.text, "link_preview_options": {"is_disabled": True}, **common}


def _without_markup(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_markup(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _without_markup(item) for name, item in value.items() if name != "parse_mode"}
    if "parse_mode" in value:
        for name in plain.keys() & {"text", "caption"}:
            plain[name] = unescape(strip_tags(plain[name]))
    return plain
