"""Formatted text as safe HTML for the chat page."""

import html
from itertools import pairwise, takewhile
from typing import NamedTuple

from .html_parser import Entity


class _Span(NamedTuple):
    begin: int
    end: int
    opening: str
    closing: str


_SIMPLE = {
    "bold": "b", "italic": "i", "underline": "u", "strikethrough": "s", "code": "code",
    "blockquote": "blockquote",
}  # fmt: skip


def render(text: str, entities: list[Entity]) -> str:
    """HTML in which everything but the tags of the entities is escaped.

    Entities that overlap without nesting are closed and opened again, so the result is well formed.
    """
    units = text.encode("utf-16-le", "surrogatepass")
    end = len(units) // 2
    spans = sorted((_span(entity, units) for entity in entities), key=lambda span: -span.end)
    cuts = sorted({0, end, *(min(at, end) for span in spans for at in (span.begin, span.end))})
    parts: list[str] = []
    opened: list[_Span] = []
    for begin, stop in pairwise(cuts):
        wanted = [span for span in spans if span.begin <= begin and stop <= span.end]
        kept = _common(opened, wanted)
        parts += [span.closing for span in reversed(opened[kept:])]
        parts += [span.opening for span in wanted[kept:]]
        parts.append(html.escape(_slice(units, begin, stop)))
        opened = wanted
    return "".join([*parts, *(span.closing for span in reversed(opened))])


def _span(entity: Entity, units: bytes) -> _Span:
    begin = entity["offset"]
    return _Span(begin, begin + entity["length"], *_tags(entity, units))


def _common(left: list[_Span], right: list[_Span]) -> int:
    """How many spans both lists begin with."""
    pairs = takewhile(lambda pair: pair[0] is pair[1], zip(left, right, strict=False))
    return sum(1 for _ in pairs)


def _slice(units: bytes, begin: int, stop: int) -> str:
    return units[2 * begin : 2 * stop].decode("utf-16-le", "replace")


def _tags(entity: Entity, units: bytes) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _SIMPLE:
        return f"<{_SIMPLE[kind]}>", f"</{_SIMPLE[kind]}>"
    if kind == "expandable_blockquote":
        return '<blockquote class="expandable">', "</blockquote>"
    if kind == "pre":
        return "<pre>", "</pre>"
    if kind == "spoiler":
        return '<span class="spoiler">', "</span>"
    if kind in ("text_link", "url"):
        covered = _slice(units, entity["offset"], entity["offset"] + entity["length"])
        return _anchor(entity.get("url") or covered)
    return f'<span class="{html.escape(kind, quote=True)}">', "</span>"


def _anchor(url: str) -> tuple[str, str]:
    address = url if "://" in url else f"http://{url}"
    if not address.startswith(("http://", "https://", "tg://")):
        return "<span>", "</span>"
    escaped = html.escape(address, quote=True)
    return f'<a href="{escaped}" target="_blank" rel="noopener noreferrer">', "</a>"
