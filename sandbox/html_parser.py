"""Telegram's HTML dialect, with the errors of ``parse_html`` in TDLib's MessageEntity.cpp.

Error offsets are in bytes of the UTF-8 text; entity offsets are in UTF-16 code units.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError, bad_request
from .links import check_link

Entity = dict[str, Any]

_TYPES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("s", "strike", "del"), "strikethrough"),
    **dict.fromkeys(("tg-spoiler", "span"), "spoiler"),
    "a": "text_link",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
    "tg-emoji": "custom_emoji",
}
_SPACES = b" \t\r\n\0\v"
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_REFERENCE = re.compile(rb"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
_NAME_TOKEN = re.compile(rb"[a-zA-Z0-9.\-]*")
_END_OF_NAME = re.compile(rb"[ \t\r\n\0\v=>/\"']|\Z")
_END_OF_TAG = re.compile(rb"[ \t\r\n\0\v>]|\Z")


def parse_html(text: str) -> tuple[str, list[Entity]]:
    """Plain text and entities.

    :raises ApiError: 400 ``can't parse entities: …`` with the byte offset of the fault.
    """
    return _Parser(text.encode("utf-8", "surrogatepass")).parse()


def _fault(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    begin: int


@dataclass(slots=True)
class _Parser:
    source: bytes
    at: int = 0
    offset: int = 0
    plain: list[str] = field(default_factory=list)
    opened: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def parse(self) -> tuple[str, list[Entity]]:
        while self.at < len(self.source):
            byte = self.source[self.at : self.at + 1]
            if byte == b"<":
                self._tag()
            elif byte == b"&":
                self._emit(self._reference() or self._literal())
            else:
                self._run()
        if self.opened:
            tag = self.opened[-1].tag
            raise _fault(f'Can\'t find end tag corresponding to start tag "{tag}"')
        for entity in self.entities:
            entity.pop("_language", None)
        return "".join(self.plain), self.entities

    def _emit(self, text: str) -> None:
        self.plain.append(text)
        self.offset += len(text.encode("utf-16-le", "surrogatepass")) // 2

    def _literal(self) -> str:
        self.at += 1
        return "&"

    def _run(self) -> None:
        ends = [end for end in map(self._find, (b"<", b"&")) if end >= 0]
        end = min(ends, default=len(self.source))
        self._emit(self.source[self.at : end].decode("utf-8", "surrogatepass"))
        self.at = end

    def _find(self, byte: bytes) -> int:
        return self.source.find(byte, self.at)

    def _reference(self) -> str:
        """Decode a character reference at the cursor; empty when there is none."""
        match = _REFERENCE.match(self.source, self.at)
        if not match:
            return ""
        hexadecimal, decimal, name = match.groups()
        if name:
            character = _NAMED.get(name, "")
        else:
            code = int(hexadecimal, 16) if hexadecimal else int(decimal)
            character = chr(code) if 0 < code < 0x10FFFF and len(match[0]) < 11 else ""
        if character:
            self.at = match.end()
        return character

    def _tag(self) -> None:
        begin = self.at
        if self.source[begin + 1 : begin + 2] == b"/":
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _peek(self) -> bytes:
        return self.source[self.at : self.at + 1]

    def _skip_spaces(self) -> None:
        while self._peek() and self._peek() in _SPACES:
            self.at += 1

    def _until(self, pattern: re.Pattern[bytes], start: int) -> str:
        match = pattern.search(self.source, start)
        self.at = match.start() if match else len(self.source)
        return self.source[start : self.at].decode("utf-8", "replace")

    def _start_tag(self, begin: int) -> None:
        tag = self._until(_END_OF_TAG, begin + 1).lower()
        if not self._peek():
            raise _fault(f"Unclosed start tag at byte offset {begin}")
        if tag not in _TYPES:
            raise _fault(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while self._peek() != b">":
            self._skip_spaces()
            if self._peek() == b">":
                break
            argument = self._attribute(tag, begin) or argument
        self.at += 1
        if tag == "span" and argument != "spoiler":
            raise _fault(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.opened.append(_Open(tag, argument, self.offset, len(self.plain)))

    def _attribute(self, tag: str, begin: int) -> str:
        """Read one attribute; its value when the tag has a use for it."""
        name = self._until(_END_OF_NAME, self.at)
        if not name:
            raise _fault(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip_spaces()
        if self._peek() != b"=":
            if not self._peek():
                raise _fault(f'Unclosed start tag "{tag}" at byte offset {begin}')
            return "1" if (tag, name) == ("blockquote", "expandable") else ""
        self.at += 1
        self._skip_spaces()
        if not self._peek():
            raise _fault(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self._quoted() if self._peek() in (b'"', b"'") else self._name_token()
        if not self._peek():
            raise _fault(f"Unclosed start tag at byte offset {begin}")
        return _argument(tag, name, value)

    def _name_token(self) -> str:
        begin = self.at
        match = _NAME_TOKEN.match(self.source, begin)
        self.at = match.end() if match else begin
        if self._peek() != b">" and self._peek() not in _SPACES:
            raise _fault(f"Unexpected end of name token at byte offset {begin}")
        return self.source[begin : self.at].decode().lower()

    def _quoted(self) -> str:
        quote = self._peek()
        self.at += 1
        value = bytearray()
        while self._peek() not in (quote, b""):
            if self._peek() == b"&" and (character := self._reference()):
                value += character.encode("utf-8", "surrogatepass")
            else:
                value += self._peek()
                self.at += 1
        self.at += len(self._peek())
        return value.decode("utf-8", "replace")

    def _end_tag(self, begin: int) -> None:
        if not self.opened:
            raise _fault(f"Unexpected end tag at byte offset {begin}")
        name = self._until(_END_OF_TAG, begin + 2).lower()
        self._skip_spaces()
        if self._peek() != b">":
            raise _fault(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.opened.pop()
        if name and name != opened.tag:
            raise _fault(
                f"Unmatched end tag at byte offset {begin}, "
                f'expected "</{opened.tag}>", found "</{name}>"'
            )
        if self.offset > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Entity = {
            "type": _TYPES[opened.tag],
            "offset": opened.offset,
            "length": self.offset - opened.offset,
        }
        if opened.tag == "a":
            url = opened.argument or "".join(self.plain[opened.begin :])
            entity = link_entity(entity, url)
        elif opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise _fault("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = opened.argument
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag in ("pre", "code") and self._merge_code(opened, entity):
            return
        if entity:
            self.entities.append(entity)

    def _merge_code(self, opened: _Open, entity: Entity) -> bool:
        """``<pre><code class="language-x">`` is one entity with a language."""
        if opened.tag == "code":
            entity["_language"] = opened.argument
            return False
        last = self.entities[-1] if self.entities else {}
        same = all(last.get(key) == entity[key] for key in ("offset", "length"))
        if same and last.get("_language"):
            last |= {"type": "pre", "language": last["_language"]}
            return True
        return False


def _argument(tag: str, name: str, value: str) -> str:
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return "1" if (tag, name) == ("blockquote", "expandable") else ""


def link_entity(entity: Entity, url: str) -> Entity:
    """A link, a mention of a user without username, or nothing when the address is no link."""
    if match := re.fullmatch(r"tg://user\?id=(\d+)", url):
        return entity | {"type": "text_mention", "user": {"id": int(match[1])}}
    try:
        return entity | {"url": check_link(url)}
    except ValueError:
        return {}
