"""Formatted text: cleaned, parsed, checked and measured as Telegram does it.

Lengths are limited in code points after parsing; entity offsets and lengths are in UTF-16 units.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from .errors import bad_request, not_modelled
from .html_parser import Entity, parse_html
from .markdown import parse_markdown

MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW_BYTES = 1 << 15
MAX_CLEAN_BYTES = 35_000
_MAX_OFFSET = 1_000_000

# TDLib's clean_input_string: controls become spaces, overrides of the writing direction vanish.
_CONTROLS = {code: " " for code in range(32) if code != 10} | {13: None}
_CLEANED = _CONTROLS | dict.fromkeys(range(0x202A, 0x202F))
_ADDED = {13, *range(0x202A, 0x202F)}

_STYLES = {
    "bold": 0, "italic": 0, "underline": 0, "strikethrough": 0, "spoiler": 0, "blockquote": 0,
    "expandable_blockquote": 0, "code": 1, "pre": 1, "text_link": 1, "text_mention": 1,
    "custom_emoji": 1,
}  # fmt: skip
# Each begins where a word does, so that a long one is looked through once.
FOUND = re.compile(
    r"(?P<url>(?:https?://|www\.)[^\s<>\"]+[^\s<>\".,;:!?)\]}»])"
    r"|(?<![\w.+-])(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?<![\w@/])(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<![\w/<>@])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z]\w{2,31})?)\b"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)"
)


@dataclass(slots=True, frozen=True)
class FormattedText:
    text: str = ""
    entities: list[Entity] = field(default_factory=list)

    def fields(self, name: str) -> dict[str, Any]:
        """As a Message holds it: ``name`` is ``text``, ``caption`` or another; empty for none."""
        if not self.text:
            return {}
        key = "entities" if name == "text" else f"{name}_entities"
        return {name: self.text} | ({key: self.entities} if self.entities else {})


def parse_text(raw: str, parse_mode: str, entities: Any) -> FormattedText:
    """Text with its formatting, before any check of its length.

    :raises ApiError: 400 for raw text above 32768 bytes or formatting that cannot be parsed.
    """
    if len(raw.encode("utf-8", "surrogatepass")) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    mode = parse_mode.lower()
    if not raw or mode in ("", "none"):
        return _finished(raw, _explicit(entities))
    if mode == "markdown":
        raise not_modelled("parse_mode Markdown, the older one")
    if mode == "markdownv2":
        return _finished(*parse_markdown(raw))
    if mode != "html":
        raise bad_request("unsupported parse_mode")
    return _finished(*parse_html(raw))


def plain_text(raw: str) -> FormattedText:
    """What a person typed."""
    return _finished(raw, [])


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _explicit(entities: Any) -> list[Entity]:
    if not isinstance(entities, list):
        return []
    return [entity for item in entities if (entity := _entity(item))]


def _entity(item: Any) -> Entity | None:
    prefix = "can't parse MessageEntity: "
    if not isinstance(item, dict):
        raise bad_request(prefix + "expected an Object")
    for name in ("offset", "length", "type"):
        if name not in item:
            raise bad_request(f'{prefix}Can\'t find field "{name}"')
    for name in ("offset", "length"):
        if not isinstance(item[name], int):
            raise bad_request(f'{prefix}Field "{name}" must be a Number')
        if not 0 <= item[name] <= _MAX_OFFSET:
            raise bad_request(f"receive an entity with incorrect {name} {item[name]}")
    return dict(item) if item["type"] in _STYLES else None


def _finished(text: str, entities: list[Entity]) -> FormattedText:
    """Clean, trim, clip the entities to the text and add those that Telegram finds itself."""
    clean = text.translate(_CLEANED)
    if entities and len(clean) != len(text):
        entities = _moved(entities, text)
    clean, entities = _trimmed(clean, entities)
    if len(clean.encode("utf-8", "surrogatepass")) > MAX_CLEAN_BYTES:
        clean = clean.encode("utf-8", "surrogatepass")[:MAX_CLEAN_BYTES].decode("utf-8", "ignore")
    found = [entity for entity in _detect(clean) if not _inside_code(entity, entities)]
    merged = _clipped(entities + found, utf16(clean))
    return FormattedText(clean, sorted(merged, key=lambda e: (e["offset"], -e["length"])))


def _moved(entities: list[Entity], text: str) -> list[Entity]:
    """Entities after the removal of the characters that cleaning deletes."""
    gone = [utf16(text[:index]) for index, char in enumerate(text) if ord(char) in _ADDED]

    def shift(position: int) -> int:
        return position - sum(1 for at in gone if at < position)

    return [
        entity
        | {
            "offset": shift(entity["offset"]),
            "length": shift(entity["offset"] + entity["length"]) - shift(entity["offset"]),
        }
        for entity in entities
    ]


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Drop trailing white space, and leading up to the first entity."""
    text = text.rstrip()
    first = min((entity["offset"] for entity in entities), default=len(text))
    lead = min(len(text) - len(text.lstrip(" \n")), first)
    if not lead:
        return text, entities
    moved = [entity | {"offset": entity["offset"] - lead} for entity in entities]
    return text[lead:], moved


def _clipped(entities: list[Entity], end: int) -> list[Entity]:
    clipped = []
    for entity in entities:
        length = min(entity["length"], end - entity["offset"])
        if length > 0:
            clipped.append(entity | {"length": length})
    return clipped


def _detect(text: str) -> list[Entity]:
    return [
        {
            "type": match.lastgroup,
            "offset": _position(text, match.start()),
            "length": utf16(match[0]),
        }
        for match in FOUND.finditer(text)
    ]


def _position(text: str, index: int) -> int:
    return index if text.isascii() else utf16(text[:index])


def _inside_code(found: Entity, entities: list[Entity]) -> bool:
    begin, end = found["offset"], found["offset"] + found["length"]
    return any(
        _STYLES[entity["type"]]
        and entity["offset"] < end
        and begin < entity["offset"] + entity["length"]
        for entity in entities
    )
