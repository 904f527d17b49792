"""The blocks of a rich message: one table of their types."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sandbox import assumed
from sandbox.errors import bad_request
from sandbox.versions import BotApi

from .buttons import read_button
from .lists import ALIGN, TABLE, items_of
from .texts import BUTTON_LABEL, TEXT, read_literally, read_text
from .walk import (
    Body,
    Field,
    Reader,
    Walk,
    fault,
    number,
    read_array,
    read_fields,
    read_object,
    read_string,
    read_truth,
    refuse_unknown,
)

MAX_BUTTONS = 8
MAX_MAP_SIDES = 10000
MAX_MAP_RATIO = 20
# Blocks that show a file, and what is known of an InputMedia: a caption in it is ignored.
MEDIA = ("photo", "document", "video", "audio", "animation", "voice_note")
_INPUT_MEDIA = frozenset(
    {
        "type", "media", "caption", "parse_mode", "caption_entities", "thumbnail", "cover",
        "width", "height", "duration", "performer", "title", "supports_streaming",
        "start_timestamp", "has_spoiler", "show_caption_above_media",
        "disable_content_type_detection",
    }
)  # fmt: skip


class Block(NamedTuple):
    fields: dict[str, Field]
    since: BotApi = BotApi.V10_2


def read_blocks(walk: Walk, name: str, value: Any) -> list[Body]:
    """:raises ApiError: 400."""
    return [_read_block(walk, block) for block in read_array(name, value)]


def _read_block(walk: Walk, value: Any) -> Body:
    if value is None:
        raise bad_request("block must be non-empty")
    if not isinstance(value, dict):
        raise fault("expected an Object")
    if "type" not in value:
        raise fault('Can\'t find field "type"')
    kind = value["type"]
    known = BLOCKS.get(kind) if isinstance(kind, str) else None
    if known is None or walk.version < known.since:
        raise fault(f'type "{kind}" is unsupported')
    if kind == "thinking" and not walk.is_draft:
        raise bad_request("block is not allowed")
    walk.blocks += 1
    walk.has_picture = walk.has_picture or kind in ("map", "mathematical_expression")
    with walk.deeper():
        return {"type": kind} | read_fields(walk, value, known.fields)


def _read_credited(walk: Walk, name: str, value: Any) -> Body:
    return read_fields(walk, read_object(name, value), _CAPTION)


def _read_media(walk: Walk, name: str, value: Any) -> Body:
    media = read_object(name, value)
    refuse_unknown(media, _INPUT_MEDIA)
    for wanted in ("type", "media"):
        if wanted not in media:
            raise bad_request(f"can't parse InputMedia: Can't find field \"{wanted}\"")
    if media["type"] != name:
        raise bad_request("unallowed media specified")
    walk.media.append(media)
    return media


def _read_pictures(walk: Walk, name: str, value: Any) -> list[Body]:
    """What stands in a collage or a slideshow."""
    blocks = read_blocks(walk, name, value)
    if any(block["type"] not in MEDIA for block in blocks):
        raise bad_request("block is not allowed")
    return blocks


def _read_buttons(walk: Walk, name: str, value: Any) -> list[Body]:
    buttons = [read_button(walk, button, BUTTON_LABEL) for button in read_array(name, value)]
    if not buttons:
        raise bad_request("button row must be non-empty")
    if len(buttons) > MAX_BUTTONS:
        raise bad_request(assumed.TOO_MANY_BUTTONS)
    return buttons


def _read_location(walk: Walk, name: str, value: Any) -> Body:
    location = read_object(name, value)
    for key, most in (("latitude", 90), ("longitude", 180)):
        at = location.get(key)
        if not isinstance(at, int | float) or isinstance(at, bool) or abs(at) > most:
            raise bad_request("invalid location specified")
    return location


def _map_number(most: int) -> Field:
    return Field(number(0, most, "invalid map properties specified"))


def check_maps(blocks: list[Body]) -> None:
    """:raises ApiError: 400 for a map whose sides do not fit together."""
    for block in every_block(blocks):
        sides = [block[side] for side in ("width", "height") if block.get(side)]
        if block["type"] != "map" or not sides:
            continue
        if sum(sides) > MAX_MAP_SIDES or max(sides) > MAX_MAP_RATIO * min(sides):
            raise bad_request("invalid map properties specified")


def every_block(blocks: list[Body]) -> list[Body]:
    """All of them, with those that stand in others."""
    found = []
    for block in blocks:
        items = block.get("items", [])
        inner = block.get("blocks", []) + [inner for item in items for inner in item["blocks"]]
        found += [block, *every_block(inner)]
    return found


def shown_files(blocks: list[Body]) -> Iterator[Body]:
    """The files of a rich message that was sent; of a photo its largest size."""
    for block in every_block(blocks):
        if block["type"] in MEDIA:
            shown = block[block["type"]]
            yield shown[-1] if isinstance(shown, list) else shown


_TEXT = {"text": TEXT}
_CREDIT = {"credit": Field(read_text)}
_CAPTION = _TEXT | _CREDIT
_CAPTIONED = {"caption": Field(_read_credited)}
_BLOCKS = {"blocks": Field(read_blocks, required=True)}
_STRING = Field(read_string, required=True)
_SIZE = number(1, 6, "invalid section heading size specified")
_ITEMS: Reader = items_of(read_blocks)
_BUTTONS = {"buttons": Field(_read_buttons, required=True), "align": Field(ALIGN)}
_MAP = {
    "location": Field(_read_location, required=True),
    "zoom": _map_number(24),
    "width": _map_number(MAX_MAP_SIDES),
    "height": _map_number(MAX_MAP_SIDES),
}


def _file(kind: str) -> dict[str, Field]:
    return {kind: Field(_read_media, required=True)} | _CAPTIONED


BLOCKS: dict[str, Block] = {
    **{kind: Block(_file(kind)) for kind in MEDIA if kind != "document"},
    "document": Block(_file("document"), BotApi.V10_3),
    "paragraph": Block(_TEXT),
    "heading": Block(_TEXT | {"size": Field(_SIZE, required=True)}),
    "pre": Block({"text": Field(read_literally, required=True), "language": Field(read_string)}),
    "footer": Block(_TEXT),
    "divider": Block({}),
    "anchor": Block({"name": _STRING}),
    "list": Block({"items": Field(_ITEMS, required=True)}),
    "table": Block(TABLE),
    "details": Block({"summary": TEXT} | _BLOCKS | {"is_open": Field(read_truth)}),
    "blockquote": Block(_BLOCKS | _CREDIT),
    "expandable_blockquote": Block(_TEXT | _CREDIT, BotApi.V10_3),
    "pullquote": Block(_TEXT | _CREDIT),
    "buttons": Block(_BUTTONS, BotApi.V10_3),
    "collage": Block({"blocks": Field(_read_pictures, required=True)} | _CAPTIONED),
    "slideshow": Block({"blocks": Field(_read_pictures, required=True)} | _CAPTIONED),
    "map": Block(_MAP | _CAPTIONED),
    "mathematical_expression": Block({"expression": _STRING}),
    "thinking": Block(_TEXT),
}
