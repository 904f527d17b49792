"""What Telegram finds by itself in the texts of a rich message, unless it is told not to."""

import re
from collections.abc import Iterator
from typing import Any

from sandbox.entities import FOUND

from .walk import Body

# Beside what is found in every text: TDLib's ``is_bank_card``, and phone numbers.
_NUMBERS = (
    r"|(?<![\w+-])(?P<bank_card_number>\d(?:[ -]?\d){12,18})(?![\w-])"
    r"|(?<![\w+])(?P<phone_number>\+\d[\d -]{6,13}\d)(?!\w)"
)
_IN_RICH = re.compile(FOUND.pattern + _NUMBERS)
# How each is called there, and the field that repeats what was found.
_FIELDS = {
    "url": "url",
    "email": "email_address",
    "mention": "username",
    "bot_command": "bot_command",
    "hashtag": "hashtag",
    "bank_card_number": "bank_card_number",
    "phone_number": "phone_number",
}


def found(text: str) -> Any:
    """The text as RichText: itself, or a list in which what was found has its type."""
    parts = [part for part in _parts(text) if part]
    return text if parts in ([], [text]) else parts


def _parts(text: str) -> Iterator[str | Body]:
    end = 0
    for match in _IN_RICH.finditer(text):
        kind = str(match.lastgroup)
        if kind == "bank_card_number" and not _is_card(match[0]):
            continue
        yield text[end : match.start()]
        yield _typed(kind, match[0])
        end = match.end()
    yield text[end:]


def _typed(kind: str, text: str) -> Body:
    field = _FIELDS[kind]
    value = text.removeprefix("@") if kind == "mention" else text
    return {"type": "email_address" if kind == "email" else kind, "text": text, field: value}


def _is_card(text: str) -> bool:
    """The check digit of Luhn."""
    digits = [int(char) for char in reversed(text) if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
