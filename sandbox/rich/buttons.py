"""RichMessageButton: a button inside of a rich message."""

from typing import Any

from sandbox import assumed
from sandbox.errors import bad_request
from sandbox.keyboards import check_deed, read_deeds

from .walk import Body, Reader, Walk, fault, read_object, refuse_unknown

_KIND = "InputRichBlock"
_FIELDS = frozenset(
    {
        "text", "style", "url", "callback_data", "web_app", "login_url", "switch_inline_query",
        "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
        "disabled",
    }
)  # fmt: skip
_STYLES = frozenset({"danger", "success", "primary", "link"})


def read_button(walk: Walk, value: Any, read_label: Reader) -> Body:
    """:raises ApiError: 400."""
    if value is None:
        raise bad_request("button must be non-empty")
    given = read_object("button", value)
    refuse_unknown(given, _FIELDS)
    if "text" not in given:
        raise fault('Can\'t find field "text"')
    deeds = _read_deed(walk, given)
    button: Body = {"text": read_label(walk, "text", given["text"])} | deeds
    if style := given.get("style"):
        button["style"] = _read_style(style, deeds)
    walk.buttons.append(button)
    return button


def _read_deed(walk: Walk, given: Body) -> Body:
    deeds = read_deeds(given, _KIND, walk.version)
    if len(deeds) != 1:
        raise fault(assumed.ONE_DEED)
    check_deed(deeds, private=True)
    login = deeds.get("login_url")
    if isinstance(login, dict) and "bot_username" in login:
        raise bad_request(assumed.LOGIN_OF_ANOTHER_BOT)
    return deeds


def _read_style(style: Any, deeds: Body) -> str:
    if style not in _STYLES:
        raise fault("invalid button style specified")
    if style == "link" and "callback_data" not in deeds:
        raise bad_request(assumed.LINK_STYLE)
    return str(style)
