"""Telegram's HTML: the one place where values are escaped, and how long a text is."""

import html
import re

# Characters (code points) after parsing: https://core.telegram.org/bots/api#sendmessage
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200

_TAG = re.compile(r"</?[a-z]+>")


def plain(value: object) -> str:
    """A value as text that cannot be taken for markup. Inside an attribute it would not be safe."""
    return html.escape(str(value), quote=False)


def bold(value: object) -> str:
    return f"<b>{plain(value)}</b>"


def italic(value: object) -> str:
    return f"<i>{plain(value)}</i>"


def visible_length(markup: str) -> int:
    """What Telegram counts: characters without the tags, an entity being one."""
    return len(html.unescape(_TAG.sub("", markup)))


def shortened(value: str, length: int) -> str:
    """At most `length` characters, an ellipsis being the last of a shortened text."""
    if len(value) <= length:
        return value
    return value[: length - 1].rstrip() + "…" if length > 0 else ""
