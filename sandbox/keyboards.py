"""Validation of ``reply_markup``, with the errors of Client.cpp and TDLib's ReplyMarkup.cpp."""

from collections.abc import Callable
from typing import Any

from .errors import ApiError, bad_request
from .links import check_link
from .params import Params, as_text

MAX_BUTTONS = 100
MAX_ROW = 8
MAX_CALLBACK_BYTES = 64

Markup = dict[str, Any]
Button = dict[str, Any]

_BUTTON_KINDS = (
    "url", "callback_data", "callback_game", "pay", "switch_inline_query",
    "switch_inline_query_chosen_chat", "switch_inline_query_current_chat", "login_url", "web_app",
    "copy_text",
)  # fmt: skip
_STYLES = frozenset({"", "default", "primary", "danger", "success"})
_ICON = "icon_custom_emoji_id"
_KEYBOARD_OPTIONS = (
    "resize_keyboard", "one_time_keyboard", "is_persistent", "input_field_placeholder",
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
    return None if value is None else parse_markup(value)


def parse_markup(value: Any) -> Markup | None:
    if not isinstance(value, dict):
        raise bad_request("object expected as reply markup")
    keyboard = _rows(value, "keyboard", 'field "keyboard" must be an Array of Arrays', _reply)
    inline = _rows(
        value,
        "inline_keyboard",
        'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        _inline,
    )
    if keyboard:
        return {"keyboard": keyboard} | _kept(value, _KEYBOARD_OPTIONS)
    if inline:
        return {"inline_keyboard": inline}
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
            _check_inline(button)
        elif not private:
            _check_group_button(button)
    # How Telegram treats a row above 8 is not documented: its clients drop the rest. Refuse it.
    if sum(map(len, rows)) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("reply markup is too long")


def require_inline(markup: Markup | None) -> None:
    """Only inline keyboards can be put under a message by an edit."""
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")


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


def _inline(button: Any) -> Button:
    kind = "inline keyboard button"
    if not isinstance(button, dict):
        raise _fault(kind, "InlineKeyboardButton must be an Object")
    text, looks = _button_text(button, kind), _looks(button, kind)
    deeds = {
        name: button[name]
        for name in _BUTTON_KINDS
        if button.get(name) or (name.startswith("switch_inline") and name in button)
    }
    if not deeds:
        raise _fault(kind, "Text buttons are unallowed in the inline keyboard")
    if len(deeds) > 1:
        # Telegram takes the first it knows. Nobody means that: refuse it, in words of our own.
        raise _fault(kind, f"exactly one of {', '.join(deeds)} may be given")
    return {"text": text, **deeds, **looks}


def _looks(button: Button, kind: str) -> Button:
    """Colour and icon, since Bot API 9.4; no style is the same as ``default``."""
    style = as_text(button.get("style")).lower()
    if style not in _STYLES:
        raise _fault(kind, "invalid button style specified")
    icon = as_text(button.get(_ICON))
    given = {"style": "" if style == "default" else style, _ICON: icon}
    return {name: value for name, value in given.items() if value}


def _check_inline(button: Button) -> None:
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if url := button.get("url"):
        try:
            button["url"] = check_link(str(url))
        except ValueError as error:
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: {error}") from None
    data = button.get("callback_data")
    if data is not None and not 0 < len(str(data).encode()) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_group_button(button: Button) -> None:
    for name, error in _PRIVATE_ONLY.items():
        if button.get(name):
            raise bad_request(error)
