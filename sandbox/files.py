"""Files that were sent: bytes, identifiers and the shapes in which messages show them."""

import hashlib
import mimetypes
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from .errors import bad_request
from .params import Upload

MAX_PHOTO_BYTES = 10 << 20
MAX_DOWNLOAD_BYTES = 20 << 20
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20

# How the identifiers of each kind begin; see ``FileType`` of TDLib.
_PREFIX = {
    "document": "BQACAgIAAxkBAAIB", "photo": "AgACAgIAAxkBAAIC", "video": "BAACAgIAAxkBAAID",
    "audio": "CQACAgIAAxkBAAIE", "voice": "AwACAgIAAxkBAAIF", "animation": "CgACAgIAAxkBAAIG",
    "video_note": "DQACAgIAAxkBAAIH",
}  # fmt: skip
_NAMED = frozenset({"document", "video", "audio", "animation"})
_TYPES = {"voice": "Voice", "video_note": "VideoNote"}
_MIMES = {
    "photo": "image/jpeg", "video": "video/mp4", "audio": "audio/mpeg", "voice": "audio/ogg",
    "animation": "video/mp4", "video_note": "video/mp4",
}  # fmt: skip
_JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(slots=True, frozen=True)
class StoredFile:
    """``details`` are the further fields of its kind, such as ``width`` and ``duration``."""

    kind: str
    file_id: str
    unique_id: str
    name: str
    mime: str
    content: bytes
    path: str
    details: dict[str, Any] = field(default_factory=dict)

    def media(self) -> dict[str, Any]:
        """The field of a Message that shows the file; an animation is a document too."""
        base = {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }
        if self.kind == "photo":
            return {"photo": [base | self.details]}
        named = {"file_name": self.name} if self.kind in _NAMED else {}
        typed = {} if self.kind == "video_note" else {"mime_type": self.mime}
        shown = {self.kind: named | typed | base | self.details}
        if self.kind == "animation":
            shown["document"] = named | typed | base
        return shown


@dataclass(slots=True)
class FileStore:
    by_id: dict[str, StoredFile] = field(default_factory=dict)
    by_unique_id: dict[str, StoredFile] = field(default_factory=dict)
    by_path: dict[str, StoredFile] = field(default_factory=dict)

    def add(self, kind: str, upload: Upload, details: dict[str, Any] | None = None) -> StoredFile:
        """Keep an upload.

        :raises ApiError: 400 when it is empty, or not a picture that may be sent as a photo.
        """
        if not upload.content:
            raise bad_request("file must be non-empty")
        if kind == "photo":
            details = dict(zip(("width", "height"), _photo_size(upload.content), strict=True))
        unique_id = "AgAD" + hashlib.sha256(secrets.token_bytes(16)).hexdigest()[:12]
        name = upload.filename.replace("\\", "/").rpartition("/")[2] or "file"
        extension = "jpg" if kind == "photo" else name.rpartition(".")[2]
        mime = _MIMES.get(kind) or mimetypes.guess_type(name)[0] or upload.mime
        stored = StoredFile(
            kind=kind,
            file_id=_PREFIX[kind] + secrets.token_urlsafe(36),
            unique_id=unique_id,
            name=name,
            mime=mime,
            content=upload.content,
            path=f"{kind}s/file_{len(self.by_id)}.{extension}",
            details=details or {},
        )
        self.keep(stored)
        return stored

    def keep(self, stored: StoredFile) -> None:
        self.by_id[stored.file_id] = stored
        self.by_unique_id[stored.unique_id] = stored
        self.by_path[stored.path] = stored

    def known(self, file_id: str, malformed: str) -> StoredFile:
        """The file of an identifier.

        :raises ApiError: 400; ``malformed`` for what never was a file_id.
        """
        if stored := self.by_id.get(file_id):
            return stored
        if file_id.startswith(tuple(_PREFIX.values())):
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        raise bad_request(malformed)

    def sendable(self, kind: str, file_id: str) -> StoredFile:
        """A file sent before, to be sent again.

        :raises ApiError: 400 when it cannot be sent as ``kind``.
        """
        if file_id.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        stored = self.known(file_id, "wrong file identifier/HTTP URL specified")
        if stored.kind != kind:
            given, wanted = (_TYPES.get(name, name.title()) for name in (stored.kind, kind))
            raise bad_request(f"can't use file of type {given} as {wanted}")
        return stored


def _photo_size(content: bytes) -> tuple[int, int]:
    if len(content) > MAX_PHOTO_BYTES:
        raise bad_request(
            f"file of size {len(content)} bytes is too big for a photo; "
            f"the maximum size is {MAX_PHOTO_BYTES} bytes"
        )
    size = _png_size(content) or _jpeg_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > MAX_PHOTO_SIDES or max(size) > MAX_PHOTO_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def _png_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _JPEG_SIZES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return None
