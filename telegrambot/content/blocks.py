"""Rich messages, block by block. No string in them is parsed, so nothing is escaped.

https://core.telegram.org/bots/api#inputrichmessage
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# What Telegram calls RichText: a string, a list of such, or an object.
Words = Any
Block = dict[str, Any]

# Of one message: characters, and blocks with all that stand in others, rows and list items.
TEXT_LIMIT = 32_768
BLOCKS_LIMIT = 500
# Characters of a value that reads well in half the width of a phone.
_SHORT = 60
# Of these keys the strings are shown; what else an object has says how.
_SHOWN = ("text", "summary", "blocks", "items", "cells", "caption")
_COUNTED = ("blocks", "items", "cells")


def bold(words: Words) -> Words:
    return {"type": "bold", "text": words}


def italic(words: Words) -> Words:
    return {"type": "italic", "text": words}


def heading(words: Words) -> Block:
    """Of the third size: a phone shows more than one word of it in a line."""
    return {"type": "heading", "size": 3, "text": words}


def paragraph(words: Words) -> Block:
    return {"type": "paragraph", "text": words}


def paragraphs(text: str) -> list[Block]:
    """One for each line."""
    return [paragraph(line) for line in text.splitlines() if line]


def table(rows: Iterable[tuple[str, str]]) -> list[Block]:
    """A label and a value in each; nothing without any."""
    cells = [[_cell(label, is_header=True), _cell(value)] for label, value in rows if value]
    return [{"type": "table", "is_compact": True, "cells": cells}] if cells else []


def _cell(words: Words, *, is_header: bool = False) -> Block:
    header = {"is_header": True} if is_header else {}
    return {"text": words, "align": "left", "valign": "top", **header}


def checklist(items: Iterable[tuple[bool | None, str, bool]]) -> list[Block]:
    """What is done, what is to be done, and without a box what never will be; each with whether it
    is what all wait for. Nothing without any."""
    boxes = [_item(*item) for item in items]
    return [{"type": "list", "items": boxes}] if boxes else []


def _item(is_done: bool | None, text: str, is_current: bool) -> Block:
    box = {} if is_done is None else {"has_checkbox": True, "is_checked": is_done}
    lines = [paragraph(bold(line) if is_current else line) for line in text.splitlines() if line]
    return {**box, "blocks": lines}


def facts(rows: Iterable[tuple[str, str]]) -> list[Block]:
    """As a table; a phone has no room for a long value beside its label."""
    filled = [(label, value) for label, value in rows if value]
    short = [row for row in filled if len(row[1]) <= _SHORT]
    long = [row for row in filled if len(row[1]) > _SHORT]
    return [*table(short), *(said(*row) for row in long)]


def said(label: str, value: str) -> Block:
    return paragraph([italic(label), f": {value}"])


def folded(summary: str, blocks: Sequence[Block]) -> list[Block]:
    """What is shown at a tap; nothing without any."""
    return [{"type": "details", "summary": summary, "blocks": list(blocks)}] if blocks else []


def file(kind: str, media: str) -> Block:
    """A document or a photo; `media` is a file_id, or attach:// and the name of a part of the
    call."""
    return {"type": kind, kind: {"type": kind, "media": media}}


def message(blocks: Sequence[Block]) -> dict[str, Any]:
    """As an InputRichMessage. Account numbers would be taken for bank cards, and linked."""
    return {"blocks": list(blocks), "skip_entity_detection": True}


def fit(blocks: Sequence[Block]) -> bool:
    """Whether Telegram would take so much."""
    return _length(blocks) <= TEXT_LIMIT and _count(blocks) <= BLOCKS_LIMIT


def _length(words: Words) -> int:
    match words:
        case str():
            return len(words)
        case Mapping():
            return sum(_length(words[key]) for key in _SHOWN if key in words)
        case _:
            return sum(map(_length, words))


def _count(blocks: Sequence[Any]) -> int:
    within = (block[key] for block in blocks for key in _COUNTED if key in block)
    return len(blocks) + sum(
        _count(inner) if _holds_blocks(inner) else len(inner) for inner in within
    )


def _holds_blocks(inner: Sequence[Any]) -> bool:
    """Rows of a table hold cells."""
    return all(isinstance(each, Mapping) for each in inner)
