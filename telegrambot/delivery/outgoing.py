"""A message as it goes over the wire: which method, which parameters, which files."""

import hashlib
import json
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.html import strip_tags

from telegrambot.delivery.upload import File
from telegrambot.kinds.base import Document, Rendered
from telegrambot.models import SentMessage, TelegramFile

Form = SentMessage.Form

# The method that makes a message of this form, and the one that changes it.
_SENDS = {Form.TEXT: "sendMessage", Form.CAPTION: "sendDocument", Form.ALBUM: "sendMediaGroup"}
_EDITS = {Form.TEXT: "editMessageText", Form.CAPTION: "editMessageCaption"}

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

    @property
    def is_new(self) -> bool:
        return self.method not in _EDITS.values()

    @property
    def upload_bytes(self) -> int:
        return sum(file.size for file in self.files.values())

    def plain_params(self) -> dict[str, Any]:
        """The parameters without markup, for when Telegram cannot parse it."""
        plain: dict[str, Any] = _without_markup(self.params)
        return plain


def fingerprint(rendered: Rendered) -> str:
    """Equal for two states that look alike in the chat, whose documents stay what they were."""
    seen = [rendered.text, rendered.keyboard]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def prepare(message: SentMessage, rendered: Rendered) -> Outgoing:
    """The call that makes the message or, once it stands in the chat, brings it up to date.

    Raises OSError when the storage cannot give a document.
    """
    return _edit(message, rendered) if message.form else _send(message, rendered)


def _edit(message: SentMessage, rendered: Rendered) -> Outgoing:
    form = Form(message.form)
    params = {**message.place.address_of(message.message_id), **_words(form, rendered)}
    return Outgoing(_EDITS[form], form, params, fingerprint(rendered))


def _send(message: SentMessage, rendered: Rendered) -> Outgoing:
    """A document that Telegram knows is not uploaded again."""
    documents = rendered.documents
    cached = TelegramFile.objects.filter(sha256__in=[document.sha256 for document in documents])
    file_ids = dict(cached.values_list("sha256", "file_id"))
    media, files = [], {}
    for number, document in enumerate(documents):
        file_id = file_ids.get(document.sha256)
        media.append(file_id or f"attach://document{number}")
        if not file_id:
            files[f"document{number}"] = File(document.name, document.size(), document.open)
    form = _form(rendered)
    params = {**message.place.address, **_content(form, rendered, media)}
    return Outgoing(_SENDS[form], form, params, fingerprint(rendered), documents, files)


def remember_files(outgoing: Outgoing, result: Any) -> None:
    """Keep the file_ids of what was just uploaded."""
    answers = result if isinstance(result, list) else [result]
    for document, answer in zip(outgoing.documents, answers, strict=False):
        match answer:
            case {"document": {"file_id": str(file_id)}} if len(file_id) <= FILE_ID_LENGTH:
                TelegramFile.objects.update_or_create(
                    sha256=document.sha256, defaults={"file_id": file_id}
                )


def forget_files(outgoing: Outgoing) -> None:
    """The next try uploads again."""
    hashes = [document.sha256 for document in outgoing.documents]
    TelegramFile.objects.filter(sha256__in=hashes).delete()


def message_ids(result: Any) -> list[int]:
    answers = result if isinstance(result, list) else [result]
    return [answer["message_id"] for answer in answers]


def _form(rendered: Rendered) -> Form:
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
            return {**document, **_words(form, rendered)}
        case _:
            return _words(form, rendered)


def _words(form: Form, rendered: Rendered) -> dict[str, Any]:
    # An edit without a keyboard removes the old one, so both go together.
    common = {"parse_mode": "HTML", "reply_markup": rendered.keyboard}
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
