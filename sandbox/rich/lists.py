"""Lists and tables: what stands in rows."""

import string
from typing import Any

from sandbox import assumed
from sandbox.errors import bad_request
from sandbox.versions import BotApi

from .texts import read_text
from .walk import (
    Body,
    Field,
    Reader,
    Walk,
    number,
    one_of,
    read_array,
    read_fields,
    read_number,
    read_object,
    read_truth,
)

MAX_COLUMNS = 20
_MAX_SPAN = 1 << 31
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_BULLET = "•"
ALIGN = one_of(("left", "center", "right"), assumed.HORIZONTAL)
_CELL = {
    "text": Field(read_text),
    "is_header": Field(read_truth),
    "align": Field(ALIGN),
    "valign": Field(one_of(("top", "middle", "bottom"), assumed.VERTICAL)),
    "colspan": Field(number(0, _MAX_SPAN, "invalid table cell colspan specified")),
    "rowspan": Field(number(0, _MAX_SPAN, "invalid table cell rowspan specified")),
}


def items_of(read_blocks: Reader) -> Reader:
    """A reader of the items of a list, in which there are blocks again."""
    fields = {
        "blocks": Field(read_blocks, required=True),
        "has_checkbox": Field(read_truth),
        "is_checked": Field(read_truth),
        "value": Field(read_number),
        "type": Field(one_of("aAiI1", "invalid list item type specified")),
    }

    def read_item(walk: Walk, value: Any) -> Body:
        walk.blocks += 1
        with walk.deeper():
            item = read_fields(walk, read_object("items", value), fields) if value else None
        if not (item and item["blocks"]):
            raise bad_request("list item must be non-empty")
        return item

    def read(walk: Walk, name: str, value: Any) -> list[Body]:
        items = [read_item(walk, item) for item in read_array(name, value)]
        if not items:
            raise bad_request("list must be non-empty")
        if len({"type" in item for item in items}) > 1:
            raise bad_request("list must be either ordered or unordered")
        return _labelled(items)

    return read


def _labelled(items: list[Body]) -> list[Body]:
    """As a bot receives them: each with its label, and a value only where it is counted."""
    labelled = []
    at = 0
    for item in items:
        if "type" in item:
            at = item.get("value", at + 1)
            labelled.append({"label": f"{_numeral(at, item['type'])}."} | item)
        else:
            plain = {name: value for name, value in item.items() if name != "value"}
            labelled.append({"label": _BULLET} | plain)
    return labelled


def _numeral(at: int, kind: str) -> str:
    if kind == "1" or at < 1:
        return str(at)
    written = _roman(at) if kind in "iI" else _letters(at)
    return written.lower() if kind in "ai" else written


def _roman(at: int) -> str:
    written = ""
    for worth, letters in _ROMAN:
        times, at = divmod(at, worth)
        written += letters * times
    return written


def _letters(at: int) -> str:
    written = ""
    while at:
        at, letter = divmod(at - 1, 26)
        written = string.ascii_uppercase[letter] + written
    return written


def read_cells(walk: Walk, name: str, value: Any) -> list[list[Body]]:
    rows = [[_read_cell(walk, cell) for cell in read_array(name, row)]
            for row in read_array(name, value)]  # fmt: skip
    walk.blocks += len(rows)
    if any(sum(cell.get("colspan", 1) for cell in row) > MAX_COLUMNS for row in rows):
        raise bad_request("RICH_MESSAGE_TABLE_COLS_TOO_MANY")
    return rows


def _read_cell(walk: Walk, value: Any) -> Body:
    if value is None:
        raise bad_request("table cell must be non-empty")
    read = read_fields(walk, read_object("cells", value), _CELL)
    spans = {name: read.pop(name) for name in ("colspan", "rowspan") if name in read}
    wide = {name: span for name, span in spans.items() if span > 1}
    return {"align": "left", "valign": "middle"} | read | wide


TABLE = {
    "cells": Field(read_cells, required=True),
    "caption": Field(read_text),
    "is_bordered": Field(read_truth),
    "is_striped": Field(read_truth),
    "is_compact": Field(read_truth, since=BotApi.V10_3),
}
