"""Telegram's MarkdownV2, with the errors of ``parse_markdown_v2`` in TDLib's MessageEntity.cpp.

Error offsets are in bytes of the UTF-8 text; entity offsets are in UTF-16 code units.
"""

from dataclasses import dataclass, field

from .errors import ApiError, bad_request
from .html_parser import Entity, link_entity

_RESERVED = b"_*[]()~`>#+-=|{}.!\n"
_SPACES = b" \t\r\n\0\v"
# By the mark that opens it, the longest first: what an error calls it.
_OPENING = {
    b"```": "Pre", b"__": "Underline", b"||": "Spoiler", b"![": "CustomEmoji", b"_": "Italic",
    b"*": "Bold", b"~": "Strikethrough", b"`": "Code", b"[": "TextUrl",
}  # fmt: skip
_CLOSING = {kind: mark for mark, kind in _OPENING.items()} | {
    "PreCode": b"```",
    "CustomEmoji": b"]",
    "TextUrl": b"]",
}
_TYPES = {
    "Pre": "pre", "PreCode": "pre", "Underline": "underline", "Spoiler": "spoiler",
    "Italic": "italic", "Bold": "bold", "Strikethrough": "strikethrough", "Code": "code",
    "TextUrl": "text_link", "CustomEmoji": "custom_emoji", "BlockQuote": "blockquote",
}  # fmt: skip
_LITERAL = frozenset({"Code", "Pre", "PreCode"})
_EMOJI_LINK = "tg://emoji?id="


def parse_markdown(text: str) -> tuple[str, list[Entity]]:
    """Plain text and entities.

    :raises ApiError: 400 ``can't parse entities: …`` with the byte offset of the fault.
    """
    return _Parser(text.encode("utf-8", "surrogatepass")).parse()


def _fault(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")


@dataclass(slots=True)
class _Open:
    kind: str
    offset: int
    source_at: int
    plain_at: int
    language: str = ""

    def unclosed(self) -> ApiError:
        return _fault(f"Can't find end of {self.kind} entity at byte offset {self.source_at}")


@dataclass(slots=True)
class _Parser:
    source: bytes
    at: int = 0
    offset: int = 0
    plain: bytearray = field(default_factory=bytearray)
    opened: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    in_quote: bool = False
    quote_may_begin: bool = True  # at the beginning of a line

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            if self._is_escape():
                self._put(self.source[self.at + 1 : self.at + 2])
                self.at += 2
            elif not self._is_reserved():
                self._put(self.source[self.at : self.at + 1])
                self.at += 1
            elif self._is_end():
                self._end()
            else:
                self._begin()
        self._end_quote_with_text()
        if self.opened:
            raise self.opened[-1].unclosed()
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return self.plain.decode("utf-8", "surrogatepass"), self.entities

    def _has(self, mark: bytes) -> bool:
        return self.source.startswith(mark, self.at)

    def _is_escape(self) -> bool:
        following = self.source[self.at + 1 : self.at + 2]
        return self._has(b"\\") and bool(following) and 0 < following[0] <= 126

    def _is_reserved(self) -> bool:
        literal = self.opened and self.opened[-1].kind in _LITERAL
        return self.source[self.at : self.at + 1] in (b"`" if literal else _RESERVED)

    def _put(self, byte: bytes) -> None:
        self.plain += byte
        if byte[0] & 0xC0 != 0x80:  # not the continuation of a letter
            self.offset += 2 if byte[0] >= 0xF0 else 1
            if byte != b"\r":
                self.quote_may_begin = byte == b"\n"

    def _is_end(self) -> bool:
        if not self.opened:
            return False
        if self.in_quote and self._has(b"\n") and not self._has(b"\n>"):
            return True
        kind = self.opened[-1].kind
        if kind == "BlockQuote" or (kind == "Italic" and self._has(b"__")):
            return False
        return self._has(_CLOSING[kind])

    def _begin(self) -> None:
        if self._has(b"\n"):
            self._put(b"\n")
            self.at += 1
        elif self._has(b">") and self.quote_may_begin:
            if not self.in_quote:
                self._open("BlockQuote")
                self.in_quote = True
            self.at += 1
        else:
            mark = next((mark for mark in _OPENING if self._has(mark)), b"")
            if not mark:
                letter = self.source[self.at : self.at + 1].decode()
                raise _fault(
                    f"Character '{letter}' is reserved and must be escaped with the preceding '\\'"
                )
            self._open(_OPENING[mark])
            self.at += len(mark)
            if mark == b"```":
                self._read_language()

    def _open(self, kind: str) -> None:
        self.opened.append(_Open(kind, self.offset, self.at, len(self.plain)))

    def _read_language(self) -> None:
        """A word after the opening is the language of the code; one line break is dropped."""
        end = self.at
        while end < len(self.source) and self.source[end] not in _SPACES + b"`":
            end += 1
        if self.at < end < len(self.source) and self.source[end : end + 1] != b"`":
            opened = self.opened[-1]
            opened.kind, opened.language = "PreCode", self.source[self.at : end].decode()
            self.at = end
        if any(map(self._has, (b"\r\n", b"\n\r"))):
            self.at += 2
        elif any(map(self._has, (b"\r", b"\n"))):
            self.at += 1

    def _end(self) -> None:
        if self._has(b"\n") and self.in_quote:
            self._end_quote()
            return
        opened = self.opened.pop()
        self.at += len(_CLOSING[opened.kind])
        entity = self._entity(opened)
        if opened.kind in ("TextUrl", "CustomEmoji"):
            entity = self._linked(opened, entity)
        if entity and self.offset > opened.offset:
            self.entities.append(entity)

    def _entity(self, opened: _Open) -> Entity:
        entity: Entity = {
            "type": _TYPES[opened.kind],
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        return entity | ({"language": opened.language} if opened.language else {})

    def _linked(self, opened: _Open, entity: Entity) -> Entity:
        if not self._has(b"("):
            if opened.kind == "CustomEmoji":
                raise _fault("The entity must contain a tg://emoji or tg://time URL")
            return link_entity(entity, self.plain[opened.plain_at :].decode("utf-8", "replace"))
        url = self._address()
        if opened.kind == "TextUrl":
            return link_entity(entity, url)
        identifier = url.removeprefix(_EMOJI_LINK)
        if identifier == url or not identifier.isdigit():
            raise _fault("Invalid tg://emoji or tg://time URL specified")
        return entity | {"custom_emoji_id": identifier}

    def _address(self) -> str:
        self.at += 1
        begin, url = self.at, bytearray()
        while not self._has(b")"):
            if self.at >= len(self.source):
                raise _fault(f"Can't find end of a URL at byte offset {begin}")
            self.at += self._is_escape()
            url += self.source[self.at : self.at + 1]
            self.at += 1
        self.at += 1
        return url.decode("utf-8", "replace")

    def _end_quote(self) -> None:
        """The end of the last line that begins with ``>``: its break belongs to the quotation."""
        entity_type = self._quote_type(self.at - 2)
        opened = self.opened.pop()
        self._put(b"\n")
        self.at += 1
        self.entities.append(self._entity(opened) | {"type": entity_type})
        self.in_quote = False

    def _end_quote_with_text(self) -> None:
        if not self.in_quote:
            return
        entity_type = self._quote_type(len(self.source) - 2)
        opened = self.opened.pop()
        if self.offset > opened.offset:
            self.entities.append(self._entity(opened) | {"type": entity_type})

    def _quote_type(self, mark_at: int) -> str:
        """Two bars at the very end make the quotation one that unfolds.

        :raises ApiError: 400 when something else is still open.
        """
        last = self.opened[-1]
        if last.kind == "Spoiler" and last.source_at == mark_at:
            self.opened.pop()
            if self.opened[-1].kind == "BlockQuote":
                return "expandable_blockquote"
        if self.opened[-1].kind != "BlockQuote":
            raise self.opened[-1].unclosed()
        return "blockquote"
