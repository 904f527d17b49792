"""What is in a file, told by its signature and never by its name.

A table of our own: libraries of signatures know hundreds of formats, but neither tell Word's
document from another archive or an installer from Excel's, nor what is a text.
Nothing is unpacked or parsed: of an archive only the directory at its end is read, so that a bomb
stays one.
"""

import codecs
import re
import struct
from collections.abc import Callable, Iterator

from django.core.files.base import File

_HEAD_BYTES = 4096
_CHUNK = 256 * 1024
# The end of an archive's directory, with the longest comment that may follow it.
_ZIP_END_BYTES = 22 + 65_535
_ZIP_DIRECTORY_BYTES = 4 * 1024**2
# What no text holds: DOS files may end with 0x1A, pages with a form feed.
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_PROGRAMS = (b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"L\0\0\0")
_SCRIPT = re.compile(rb"(\xef\xbb\xbf)?\s*(#!|@echo|<\?php|<script|<!doctype\s+html|<html)", re.I)
_BASE64 = re.compile(rb"\s*M[A-Za-z0-9+/=\s]+\Z")
_MAIL_HEADER = re.compile(rb"(From [^\n]*\n)?[A-Za-z][A-Za-z0-9-]*:")


class Content:
    """What is in a file: its head, and the rest for those who must see it."""

    def __init__(self, file: "File[bytes]") -> None:
        self._file = file
        self.head = self._read(0, _HEAD_BYTES)

    def is_text(self) -> bool:
        if self.head.startswith(_UTF16):
            return _decodes(self.head)
        return not any(_BINARY.search(chunk) for chunk in self._chunks())

    def contains(self, needle: bytes) -> bool:
        before = b""
        for chunk in self._chunks():
            if needle in before + chunk:
                return True
            before = chunk[-len(needle) :]
        return False

    def entries(self) -> set[bytes]:
        """The names in the directory of a ZIP archive."""
        end = self._read(max(0, (self._file.size or 0) - _ZIP_END_BYTES), _ZIP_END_BYTES)
        at = end.rfind(b"PK\x05\x06")
        if at < 0 or len(end) < at + 20:
            return set()
        size, offset = struct.unpack_from("<II", end, at + 12)
        return set(_names(self._read(offset, min(size, _ZIP_DIRECTORY_BYTES))))

    def _read(self, offset: int, size: int) -> bytes:
        self._file.seek(offset)
        return bytes(self._file.read(size))

    def _chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            yield bytes(chunk)


Check = Callable[[Content], bool]


def _names(directory: bytes) -> Iterator[bytes]:
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and len(directory) >= at + 46:
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        yield directory[at + 46 : at + 46 + name]
        at += 46 + name + extra + comment


def _decodes(head: bytes) -> bool:
    try:
        # The head may end within a character.
        return "\0" not in codecs.getincrementaldecoder("utf-16")().decode(head)
    except UnicodeDecodeError:
        return False


def _begins(*signatures: bytes) -> Check:
    return lambda content: content.head.startswith(signatures)


def _pdf(content: Content) -> bool:
    # Readers look for it in the first kilobyte.
    return b"%PDF-" in content.head[:1024]


def _webp(content: Content) -> bool:
    return content.head[:4] == b"RIFF" and content.head[8:12] == b"WEBP"


def _heic(content: Content) -> bool:
    brands = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
    return content.head[4:8] == b"ftyp" and content.head[8:12] in brands


def _mp4(content: Content) -> bool:
    brands = (
        b"isom",
        b"iso2",
        b"iso4",
        b"iso5",
        b"iso6",
        b"mp41",
        b"mp42",
        b"avc1",
        b"M4V ",
        b"dash",
    )
    return content.head[4:8] == b"ftyp" and content.head[8:12] in brands


def _voice(content: Content) -> bool:
    """Ogg with Opus, as messengers record it."""
    return content.head.startswith(b"OggS") and b"OpusHead" in content.head[:512]


def _bmp(content: Content) -> bool:
    return content.head[:2] == b"BM" and content.head[6:10] == bytes(4)


def _compound(*streams: str) -> Check:
    """Microsoft's older container, by what is in it: an installer is such a file as well."""
    names = [stream.encode("utf-16-le") for stream in streams]
    ole = _begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    return lambda content: ole(content) and any(content.contains(name) for name in names)


_zip = _begins(b"PK\x03\x04")
# With a password an office document is such a container.
_encrypted = _compound("EncryptedPackage")


def _office(folder: bytes) -> Check:
    def fits(content: Content) -> bool:
        entries = content.entries() if _zip(content) else set()
        macros = any(name.lower().endswith(b"vbaproject.bin") for name in entries)
        inside = any(name.startswith(folder) for name in entries)
        return b"[Content_Types].xml" in entries and inside and not macros

    return lambda content: fits(content) or _encrypted(content)


def _open_document(kind: bytes) -> Check:
    declared = b"mimetypeapplication/vnd.oasis.opendocument." + kind
    return lambda content: (
        _zip(content) and declared in content.head and b"content.xml" in content.entries()
    )


def _text(content: Content) -> bool:
    return content.is_text()


def _xml(content: Content) -> bool:
    head = content.head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith(_UTF16):
        head = head[2:].replace(b"\0", b"")
    return head.lstrip().startswith(b"<") and content.is_text()


def _mail(content: Content) -> bool:
    return bool(_MAIL_HEADER.match(content.head)) and content.is_text()


def _signature(content: Content) -> bool:
    """DER begins with a sequence; PEM says what it is; base64 of DER begins with an M."""
    der = content.head[:1] == b"\x30" and content.head[1:2] in b"\x80\x81\x82\x83\x84"
    pem = content.head.lstrip().startswith(b"-----BEGIN ")
    return der or pem or bool(_BASE64.match(content.head))


# In the order in which an unknown content is named: a text may be anything, so it stands last.
FITS: dict[str, Check] = {
    "pdf": _pdf,
    "png": _begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": _begins(b"\xff\xd8\xff"),
    "gif": _begins(b"GIF87a", b"GIF89a"),
    "webp": _webp,
    "tif": _begins(b"II*\0", b"MM\0*"),
    "heic": _heic,
    "bmp": _bmp,
    # A short film of what was delivered, and what was said about it.
    "mp4": _mp4,
    "ogg": _voice,
    "docx": _office(b"word/"),
    "xlsx": _office(b"xl/"),
    "pptx": _office(b"ppt/"),
    "odt": _open_document(b"text"),
    "ods": _open_document(b"spreadsheet"),
    "odp": _open_document(b"presentation"),
    "rtf": _begins(b"{\\rtf"),
    "xls": _compound("Workbook", "Book"),
    "ppt": _compound("PowerPoint Document"),
    "msg": _compound("__properties_version1.0"),
    "doc": _compound("WordDocument"),
    "zip": _zip,
    "rar": _begins(b"Rar!\x1a\x07"),
    "7z": _begins(b"7z\xbc\xaf\x27\x1c"),
    "xml": _xml,
    "sig": _signature,
    "eml": _mail,
    "txt": _text,
}
SAME = {
    "jpeg": "jpg", "tiff": "tif", "heif": "heic", "csv": "txt",
    "p7s": "sig", "p7m": "sig", "sgn": "sig",
}  # fmt: skip
EXTENSIONS = (*FITS, *SAME)


def fits(content: Content, extension: str) -> bool:
    """Whether the file is what its extension says."""
    return FITS[SAME.get(extension, extension)](content)


def kind_of(content: Content) -> str:
    """The extension that the content deserves; empty when it is none of ours."""
    return next((kind for kind, check in FITS.items() if check(content)), "")


def is_program(content: Content) -> bool:
    """What would run, under whatever name."""
    head = content.head
    windows = head.startswith(b"MZ") and b"\0" in head
    return windows or head.startswith(_PROGRAMS) or bool(_SCRIPT.match(head))
