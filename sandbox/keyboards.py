"""Validation of ``reply_markup``, with the errors of Client.cpp and TDLib's ReplyMarkup.cpp."""

from collections.abc import Callable
from functools import partial
from typing import Any

from . import assumed
from .errors import ApiError, bad_request
from .links import check_link
from .params import Params, as_text
from .versions import BotApi

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_CALLBACK_BYTES = 64
MAX_COPIED = 256

Markup = dict[str, Any]
Button = dict[str, Any]

_BUTTON_KINDS = (
    "url", "callback_data", "callback_game", "pay", "switch_inline_query",
    "switch_inline_query_chosen_chat", "switch_inline_query_current_chat", "login_url", "web_app",
    "copy_text", "disabled",
)  # fmt: skip
_MAY_BE_EMPTY = ("switch_inline", "disabled")
_STYLES = frozenset({"", "default", "primary", "danger", "success"})
_ICON = "icon_custom_emoji_id"
_KEYBOARD_OPTIONS = (
    "resize_keyboard", "one_time_keyboard", "is_persistent", "input_field_placeholder", "selective",
)  # fmt: skip
_FORCE_REPLY_OPTIONS = ("input_field_placeholder", "selective")
_PRIVATE_ONLY = {
    "request_contact": "phone number can be requested in private chats only",
    "request_location": "location can be requested in private chats only",
    "request_poll": "poll can be requested in private chats only",
    "web_app": "web App buttons can be used in private chats only",
}


def read_markup(params: Params) -> Markup | None:
    """The keyboard of a request, reduced to what Telegram keeps; ``None`` for an empty one.

    :raises ApiError: 400 when it is malformed.
    """
    value = params.json("reply_markup", "can't parse reply keyboard markup JSON object")
    return None if value is None else parse_markup(value, params.version)


def parse_markup(value: Any, version: BotApi) -> Markup | None:
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    keyboard = _rows(value, "keyboard", 'field "keyboard" must be an Array of Arrays', _reply)
    inline = _rows(
        value,
        "inline_keyboard",
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        partial(_inline, version=version),
    )
    if keyboard:
        return {"keyboard": keyboard} | _kept(value, _KEYBOARD_OPTIONS)
    if inline:
        markup: Markup = {"inline_keyboard": inline}
        forced = version >= BotApi.V10_3 and value.get("force_reply")
        return markup | {"force_reply": True} if forced else markup
    if value.get("remove_keyboard"):
        return {"remove_keyboard": True}
    if value.get("force_reply"):
        return {"force_reply": True} | _kept(value, _FORCE_REPLY_OPTIONS)
    return None


def _kept(value: Markup, names: tuple[str, ...]) -> Markup:
    return {name: value[name] for name in names if name in value}


def check_markup(markup: Markup | None, *, private: bool) -> None:
    """What Telegram itself checks, after the request was understood.

    :raises ApiError: 400, among them ``BUTTON_DATA_INVALID``.
    """
    rows = (markup or {}).get("keyboard") or (markup or {}).get("inline_keyboard") or []
    for button in (button for row in rows for button in row):
        if markup and "inline_keyboard" in markup:
            _check_inline(button, private=private)
        elif not private:
            _check_group_button(button)
    # How Telegram treats a row above 8 is not documented: its clients drop the rest. Refuse it.
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("reply markup is too long")


def require_inline(markup: Markup | None) -> None:
    """Only inline keyboards can be put under a message by an edit."""
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")


def check_change(old: Markup | None, new: Markup | None) -> None:
    """:raises ApiError: 400 for an edit that a keyboard does not allow."""
    require_inline(new)
    if new and (old or {}).get("force_reply") != new.get("force_reply"):
        raise bad_request(assumed.FORCE_REPLY_CHANGED)


def _rows(
    value: Markup, name: str, error: str, parse: Callable[[Any], Button]
) -> list[list[Button]]:
    rows = value.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(error)
    return [[parse(button) for button in row] for row in rows if row]


def _fault(kind: str, text: str) -> ApiError:
    return bad_request(f"can't parse {kind}: {text}")


def _button_text(button: Button, kind: str) -> str:
    if "text" not in button:
        raise _fault(kind, 'Can\'t find field "text"')
    if not isinstance(button["text"], str | int | float):
        raise _fault(kind, 'Field "text" must be of type String')
    return str(button["text"])


def _reply(button: Any) -> Button:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict):
        raise _fault("keyboard button", "KeyboardButton must be a String or an Object")
    kind = "keyboard button"
    plain = {name: value for name, value in button.items() if name not in ("style", _ICON)}
    return plain | {"text": _button_text(button, kind)} | _looks(button, kind)


def _inline(button: Any, *, version: BotApi) -> Button:
    kind = "inline keyboard button"
    if not isinstance(button, dict):
        raise _fault(kind, "InlineKeyboardButton must be an Object")
    text, looks = _button_text(button, kind), _looks(button, kind)
    deeds = read_deeds(button, kind, version)
    if not deeds:
        raise _fault(kind, "Text buttons are unallowed in the inline keyboard")
    if len(deeds) > 1:
        # Telegram takes the first it knows. Nobody means that: refuse it, in words of our own.
        raise _fault(kind, f"exactly one of {', '.join(deeds)} may be given")
    return {"text": text, **deeds, **looks}


def read_deeds(button: Button, kind: str, version: BotApi) -> Button:
    """What a button does when pressed: the fields of which Telegram wants exactly one.

    :raises ApiError: 400, where the button is called a ``kind``.
    """
    deeds = {
        name: button[name]
        for name in _BUTTON_KINDS
        if button.get(name) or (name.startswith(_MAY_BE_EMPTY) and name in button)
    }
    if version < BotApi.V10_3:
        deeds.pop("disabled", None)
    for name in deeds.keys() & {"copy_text", "disabled"}:
        if not isinstance(deeds[name], dict):
            raise _fault(kind, f'Field "{name}" must be of type Object')
    if "copy_text" in deeds:
        deeds["copy_text"] = {"text": _button_text(deeds["copy_text"], kind)}
    return deeds


def _looks(button: Button, kind: str) -> Button:
    """Colour and icon, since Bot API 9.4; no style is the same as ``default``."""
    style = as_text(button.get("style")).lower()
    if style not in _STYLES:
        raise _fault(kind, "invalid button style specified")
    icon = as_text(button.get(_ICON))
    given = {"style": "" if style == "default" else style, _ICON: icon}
    return {name: value for name, value in given.items() if value}


def _check_inline(button: Button, *, private: bool) -> None:
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    check_deed(button, private=private)


def check_deed(button: Button, *, private: bool) -> None:
    """What Telegram checks of a button that does one thing; its address becomes a whole one."""
    if url := button.get("url"):
        try:
            button["url"] = check_link(str(url))
        except ValueError as error:
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: {error}") from None
    data = button.get("callback_data")
    if data is not None and not 0 < len(str(data).encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 0 < len(button["copy_text"]["text"]) <= MAX_COPIED:
        raise bad_request(assumed.COPY_TEXT)
    if "web_app" in button and not private:
        raise bad_request("BUTTON_TYPE_INVALID")


def _check_group_button(button: Button) -> None:
    for name, error in _PRIVATE_ONLY.items():
        if button.get(name):
            raise bad_request(error)
