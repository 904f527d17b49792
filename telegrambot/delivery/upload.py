"""The body of a call, read in pieces while it is sent: no document is ever whole in memory."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from urllib3.fields import RequestField
from urllib3.filepost import choose_boundary

PIECE = 65_536


@dataclass(frozen=True)
class File:
    """A file part: its name, how many bytes it has, and how to open it for reading them."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]

    @classmethod
    def of(cls, name: str, content: bytes) -> "File":
        return cls(name, len(content), lambda: BytesIO(content))


class Body:
    """`bytes` and files, one after the other; for one call.

    `handed_over` tells whether the network was given all of it. A server acts on complete requests
    only, so what was not handed over was not accepted, whatever broke: DNS, a proxy, the TLS
    handshake or an upload half-way. `unreadable` is what a file's storage has raised meanwhile.
    """

    def __init__(self, parts: Sequence[bytes | File], content_type: str) -> None:
        self._parts = parts
        self.content_type = content_type
        self.handed_over = False
        self.unreadable: OSError | None = None

    def __len__(self) -> int:
        return sum(part.size if isinstance(part, File) else len(part) for part in self._parts)

    def __iter__(self) -> Generator[bytes, None, None]:
        for part in self._parts:
            if isinstance(part, File):
                yield from self._read(part)
            else:
                yield part
        # One more is asked for when the last has been taken.
        self.handed_over = True

    def _read(self, part: File) -> Iterator[bytes]:
        left = part.size
        try:
            with part.open() as file:
                while left:
                    piece = file.read(min(PIECE, left))
                    if not piece:
                        raise OSError(f"{part.name}: {left} bytes are missing")
                    left -= len(piece)
                    yield piece
        except OSError as exc:
            self.unreadable = exc
            raise


def encode(params: Mapping[str, Any], files: Mapping[str, File]) -> Body:
    """JSON, or with files a form: https://core.telegram.org/bots/api#making-requests"""
    if not files:
        return Body([_json(params)], "application/json")
    boundary = choose_boundary()
    parts: list[bytes | File] = []
    for name, value in params.items():
        content = value.encode() if isinstance(value, str) else _json(value)
        parts += [_head(boundary, name, ""), content, b"\r\n"]
    for name, file in files.items():
        parts += [_head(boundary, name, (file.name, "")), file, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return Body(parts, f"multipart/form-data; boundary={boundary}")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _head(boundary: str, name: str, value: str | tuple[str, str]) -> bytes:
    return f"--{boundary}\r\n{RequestField.from_tuples(name, value).render_headers()}".encode()
