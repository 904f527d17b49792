"""Telegram's HTML: the one place where values are escaped, and how long a text is."""

import html
import re
from collections.abc import Iterable
from itertools import accumulate

from django.utils.translation import ngettext

# Characters (code points) after parsing: https://core.telegram.org/bots/api#sendmessage
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
# An edit of an ephemeral message takes no more, though its sending does:
# https://github.com/tdlib/telegram-bot-api/issues/881
EPHEMERAL_LIMIT = 1024

_TAG = re.compile(r"</?[a-z]+( expandable| href=\"[^\"]*\")?>")


def plain(value: object) -> str:
    """A value as text that cannot be taken for markup. Inside an attribute it would not be safe."""
    return html.escape(str(value), quote=False)


def bold(value: object) -> str:
    return f"<b>{plain(value)}</b>"


def italic(value: object) -> str:
    return f"<i>{plain(value)}</i>"


def mention(telegram_id: int, name: str) -> str:
    """It tells the person wherever it stands: https://core.telegram.org/bots/api#html-style"""
    return f'<a href="tg://user?id={telegram_id}">{plain(name or telegram_id)}</a>'


def folded(markup: str) -> str:
    """Of more than three lines a client shows the first ones, and the rest at a tap."""
    return f"<blockquote expandable>{markup}</blockquote>" if markup else ""


def visible_length(markup: str) -> int:
    """What Telegram counts: characters without the tags, an entity being one."""
    return len(html.unescape(_TAG.sub("", markup)))


def listed(lines: Iterable[str], limit: int) -> str:
    """The lines, escaped: those that fit into so many characters, and how many do not."""
    whole = list(lines)
    fitting = sum(length <= limit for length in accumulate(len(line) + 1 for line in whole))
    hidden = len(whole) - fitting
    if hidden:
        more = ngettext("… and %(count)d more", "… and %(count)d more", hidden)
        whole[fitting:] = [more % {"count": hidden}]
    return "\n".join(map(plain, whole))


def shortened(value: str, length: int) -> str:
    """At most `length` characters, an ellipsis being the last of a shortened text."""
    if len(value) <= length:
        return value
    return value[: length - 1].rstrip() + "…" if length > 0 else ""
