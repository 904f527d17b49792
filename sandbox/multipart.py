"""Names in ``multipart/form-data`` as the official server reads them (td/net/HttpReader.cpp).

Clients write them in many ways: quoted with or without escapes, unquoted in any letters, with
percents. ``filename*`` of RFC 5987 is unknown there: a part that has only that is no file.
"""

from typing import NamedTuple
from urllib.parse import unquote

from .errors import ApiError, bad_request

_KIND = "form-data;"


class Disposition(NamedTuple):
    name: str
    filename: str | None


def read_disposition(header: str) -> Disposition:
    """``Content-Disposition`` of a part.

    :raises ApiError: 400 when it is malformed or names no field.
    """
    header = header.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if not header.startswith(_KIND):
        raise bad_request("expected form-data content disposition")
    found: dict[str, str] = {}
    rest = header.removeprefix(_KIND).strip()
    while "=" in rest:
        key, _separator, rest = rest.partition("=")
        value, rest = _value(rest.lstrip())
        found[key.strip()] = unquote(value)
        rest = rest.strip()
    if not found.get("name"):
        raise bad_request("field name in multipart/form-data not found")
    return Disposition(found["name"], found.get("filename"))


def _value(text: str) -> tuple[str, str]:
    """The value at the beginning of ``text``, and what follows its semicolon."""
    if not text.startswith('"'):
        value, _separator, rest = text.partition(";")
        return value.strip(), rest
    value, rest = _quoted(text)
    if rest and not rest.startswith(";"):
        raise _malformed("expected ';'")
    return value, rest[1:]


def _quoted(text: str) -> tuple[str, str]:
    """A quoted string, in which a backslash stands before any character."""
    value: list[str] = []
    letters = iter(enumerate(text[1:], start=1))
    for at, letter in letters:
        if letter == '"':
            return "".join(value), text[at + 1 :].lstrip()
        if letter == "\\":
            _at, letter = next(letters, (at, ""))
            if not letter:
                raise _malformed("wrong escape sequence")
        value.append(letter)
    raise _malformed("unclosed quoted string")


def _malformed(what: str) -> ApiError:
    return bad_request(f"{what} in Content-Disposition header")
