"""A message as it goes over the wire: which method, which parameters, which files."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.utils.html import strip_tags

from telegrambot.content import blocks
from telegrambot.content.filekinds import Kind, are_seen
from telegrambot.delivery import media, topics
from telegrambot.delivery.media import Medium
from telegrambot.delivery.upload import File
from telegrambot.kinds import registry
from telegrambot.kinds.base import Rendered
from telegrambot.models import SentMessage

Form = SentMessage.Form

# The method that makes a message of this form, and the one that changes it.
_SENDS = {
    Form.TEXT: "sendMessage",
    Form.RICH: "sendRichMessage",
    Form.ALBUM: "sendMediaGroup",
    Form.EPHEMERAL: "sendMessage",
}
_EDITS = {
    Form.TEXT: "editMessageText",
    Form.RICH: "editMessageText",
    Form.CAPTION: "editMessageCaption",
    Form.EPHEMERAL: "editEphemeralMessageText",
}

# The method that sends one file.
_ONE = {
    Kind.DOCUMENT: "sendDocument",
    Kind.PHOTO: "sendPhoto",
    Kind.VIDEO: "sendVideo",
    Kind.VOICE: "sendVoice",
}
# As what a message of this form may carry files.
_ALLOWED = {
    Form.TEXT: media.DOCUMENTS,
    Form.RICH: {Kind.DOCUMENT, Kind.PHOTO},
    Form.CAPTION: set(Kind),
    Form.ALBUM: set(Kind),
    Form.EPHEMERAL: media.DOCUMENTS,
}


@dataclass(frozen=True)
class Outgoing:
    """One call. `media` are those it carries, in the order of the messages it makes; `step` is what
    it does to a topic. With no form it takes back what stands there."""

    method: str
    form: Form
    params: dict[str, Any]
    fingerprint: str
    media: tuple[Medium, ...] = ()
    files: dict[str, File] = field(default_factory=dict)
    is_new: bool = True
    step: topics.Step | None = None

    @property
    def takes_back(self) -> bool:
        return self.form == Form.NONE

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
    if rendered.commands is not None:
        seen.append(rendered.commands)
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def prepare(message: SentMessage, rendered: Rendered) -> Outgoing:
    """The call that makes the message or, once it stands in the chat, brings it up to date.

    Raises OSError when the storage cannot give a document, and TelegramError when the server does
    not tell what must be known before.
    """
    if message.topic and rendered.topic:
        return _of_topic(message, topics.step(message.topic, rendered.topic))
    if rendered.commands is not None:
        return _of_menu(message, rendered, rendered.commands)
    return _edit(message, rendered) if message.form else _send(message, rendered)


def _of_menu(
    message: SentMessage, rendered: Rendered, commands: Sequence[dict[str, Any]]
) -> Outgoing:
    """https://core.telegram.org/bots/api#setmycommands"""
    params: dict[str, Any] = {"scope": {"type": "chat", "chat_id": message.chat.telegram_id}}
    method = "deleteMyCommands"
    if commands:
        method, params = "setMyCommands", {"commands": [*commands], **params}
    return Outgoing(method, Form.MENU, params, fingerprint(rendered), is_new=False)


def _of_topic(message: SentMessage, step: topics.Step | None) -> Outgoing:
    if step is None:
        raise ValueError(f"it is as it must be: {message}")
    params = topics.params(message, step)
    return Outgoing(step.method, Form.TOPIC, params, "", is_new=step.is_new, step=step)


def _edit(message: SentMessage, rendered: Rendered) -> Outgoing:
    """Text and rich messages become each other; only the rich carry their documents for good."""
    form = Form(message.form)
    if form in (Form.TEXT, Form.RICH):
        form = Form.RICH if rendered.blocks else Form.TEXT
    loaded = _loaded(message, form, rendered) if form == Form.RICH else ()
    params = {**_address_of(message), **_words(form, rendered, loaded)}
    files = media.parts(loaded)
    return Outgoing(_EDITS[form], form, params, fingerprint(rendered), loaded, files, is_new=False)


def _send(message: SentMessage, rendered: Rendered) -> Outgoing:
    form = Form.EPHEMERAL if message.receiver_id else _form(rendered)
    loaded = _loaded(message, form, rendered)
    method = _ONE[loaded[0].kind] if form == Form.CAPTION else _SENDS[form]
    params = {**_address(message), **_answering(message), **_content(form, rendered, loaded)}
    return Outgoing(method, form, params, fingerprint(rendered), loaded, media.parts(loaded))


def _loaded(message: SentMessage, form: Form, rendered: Rendered) -> tuple[Medium, ...]:
    allowed = media.DOCUMENTS if message.as_documents else _ALLOWED[form]
    load = media.load_album if form == Form.ALBUM else media.load
    return load(rendered.documents, allowed)


def _address(message: SentMessage) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#ephemeralmessageparameters"""
    if not message.receiver_id:
        return message.place.address
    reader: dict[str, Any] = {"receiver_user_id": message.receiver_id}
    answered: dict[str, Any] = {}
    if message.command_id is None:
        reader["callback_query_id"] = message.query_id
    else:
        answered = {"reply_parameters": {"ephemeral_message_id": message.command_id}}
    return {**message.place.address, **answered, "ephemeral_message_parameters": reader}


def _answering(message: SentMessage) -> dict[str, Any]:
    """https://core.telegram.org/bots/api#replyparameters"""
    answered = registry.of(message).answers(message)
    if answered is None:
        return {}
    return {"reply_parameters": {"message_id": answered, "allow_sending_without_reply": True}}


def _address_of(message: SentMessage) -> dict[str, Any]:
    if not message.receiver_id:
        return message.place.address_of(message.message_id)
    return {
        "chat_id": message.chat.telegram_id,
        "receiver_user_id": message.receiver_id,
        "ephemeral_message_id": message.message_id,
    }


def message_ids(result: Any) -> list[int]:
    answers = result if isinstance(result, list) else [result]
    # What only its reader sees has a number of another kind, and none of this.
    return [answer.get("message_id") or answer["ephemeral_message_id"] for answer in answers]


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


def _content(form: Form, rendered: Rendered, media: Sequence[Medium]) -> dict[str, Any]:
    match form:
        case Form.ALBUM:
            return {"media": _album(rendered, media)}
        case Form.CAPTION:
            [medium] = media
            as_it_is = {"disable_content_type_detection": True}
            plainly = as_it_is if medium.kind == Kind.DOCUMENT else {}
            return {medium.kind.value: medium.given, **plainly, **_words(form, rendered, media)}
        case _:
            return _words(form, rendered, media)


def _album(rendered: Rendered, media: Sequence[Medium]) -> list[dict[str, Any]]:
    items = [{"type": medium.kind.value, "media": medium.given} for medium in media]
    # Pictures share a frame, with the words of the first under it. Documents stand one below the
    # other: the words are read last.
    captioned = 0 if are_seen({medium.kind for medium in media}) else -1
    items[captioned] |= {"caption": rendered.text, "parse_mode": "HTML"}
    return items


def _words(form: Form, rendered: Rendered, media: Sequence[Medium]) -> dict[str, Any]:
    # An edit without a keyboard removes the old one, so both go together.
    keyboard = {"reply_markup": rendered.keyboard}
    if form == Form.RICH:
        carried = [blocks.file(one.kind.value, one.given) for one in media]
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
