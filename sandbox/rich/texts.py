"""RichText: a string, a list of RichText, or an object that gives one a meaning."""

import re
from collections.abc import Collection
from contextlib import nullcontext
from typing import Any

from sandbox import assumed
from sandbox.errors import bad_request
from sandbox.links import check_link
from sandbox.versions import BotApi

from .buttons import read_button
from .detection import found
from .walk import (
    Field,
    Walk,
    fault,
    read_fields,
    read_number,
    read_object,
    read_string,
)

# The order in which date-time entity formatting has them (core.telegram.org/bots/api).
_DATE_FORMAT = re.compile(r"r|w?[dD]?[tT]?")
IN_BUTTONS = frozenset({"custom_emoji", "date_time"})


def read_text(walk: Walk, name: str, value: Any, allowed: Collection[str] | None = None) -> Any:
    """``allowed`` are the types of objects that may be in it, ``None`` for all.

    :raises ApiError: 400.
    """
    if isinstance(value, str):
        walk.characters += len(value)
        return found(value) if walk.detects else value
    if isinstance(value, dict):
        return _read_typed(walk, value, allowed)
    if not isinstance(value, list):
        raise fault("Unsupported rich text type")
    with walk.deeper():
        return [read_text(walk, name, part, allowed) for part in value]


def _read_typed(walk: Walk, value: dict[str, Any], allowed: Collection[str] | None) -> Any:
    if "type" not in value:
        raise fault('Can\'t find field "type"')
    kind = value["type"]
    fields = TEXTS.get(kind) if isinstance(kind, str) else None
    if fields is None or (kind == "button" and walk.version < BotApi.V10_3):
        raise fault("Unsupported rich text type")
    if allowed is not None and kind not in allowed:
        raise bad_request(assumed.BUTTON_TEXT)
    with walk.deeper(), nullcontext() if kind in _LOOKED_INTO else walk.literally():
        return {"type": kind} | read_fields(walk, value, fields)


def read_literally(walk: Walk, name: str, value: Any) -> Any:
    """:raises ApiError: 400."""
    with walk.literally():
        return read_text(walk, name, value)


def _read_url(walk: Walk, name: str, value: Any) -> str:
    try:
        return check_link(read_string(walk, name, value))
    except ValueError:
        raise bad_request(assumed.RICH_URL) from None


def _read_user(walk: Walk, name: str, value: Any) -> dict[str, Any]:
    user = read_object(name, value)
    if not isinstance(user.get("id"), int):
        raise fault('Can\'t find field "id"')
    return user


def _read_date_format(walk: Walk, name: str, value: Any) -> str:
    if not _DATE_FORMAT.fullmatch(read_string(walk, name, value)):
        raise bad_request(assumed.DATE_FORMAT)
    return str(value)


def _read_emoji(walk: Walk, name: str, value: Any) -> str:
    if not read_string(walk, name, value).isdecimal():
        raise bad_request("invalid custom emoji identifier specified")
    return str(value)


def _read_words(walk: Walk, name: str, value: Any) -> str:
    """A string that is shown, and so counts."""
    walk.characters += len(read_string(walk, name, value))
    return str(value)


def _read_inner_button(walk: Walk, name: str, value: Any) -> dict[str, Any]:
    return read_button(walk, value, _button_label)


def _button_label(walk: Walk, name: str, value: Any) -> Any:
    with walk.literally():
        return read_text(walk, name, value, IN_BUTTONS)


TEXT = Field(read_text, required=True)
BUTTON_LABEL = _button_label
_STRING = Field(read_string, required=True)
_STYLES = (
    "bold", "italic", "underline", "strikethrough", "spoiler", "subscript", "superscript",
    "marked", "code",
)  # fmt: skip
_LOOKED_INTO = frozenset(_STYLES) - {"code"}
# Further keys beside the text, named like the type where nothing else is said.
_NAMED = ("email_address", "phone_number", "bank_card_number", "hashtag", "cashtag", "bot_command")
TEXTS: dict[str, dict[str, Field]] = {
    **{style: {"text": TEXT} for style in _STYLES},
    **{name: {"text": TEXT, name: _STRING} for name in _NAMED},
    "url": {"text": TEXT, "url": Field(_read_url, required=True)},
    "mention": {"text": TEXT, "username": _STRING},
    "text_mention": {"text": TEXT, "user": Field(_read_user, required=True)},
    "date_time": {
        "text": TEXT,
        "unix_time": Field(read_number, required=True),
        "date_time_format": Field(_read_date_format, required=True),
    },
    "anchor_link": {"text": TEXT, "anchor_name": _STRING},
    "reference": {"text": TEXT, "name": _STRING},
    "reference_link": {"text": TEXT, "reference_name": _STRING},
    "custom_emoji": {
        "custom_emoji_id": Field(_read_emoji, required=True),
        "alternative_text": Field(_read_words, required=True),
    },
    "mathematical_expression": {"expression": Field(_read_words, required=True)},
    "anchor": {"name": _STRING},
    "button": {"button": Field(_read_inner_button, required=True)},
}
