"""Which files are documents, by name and by content, and by what name they are kept."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import translation
from reportlab.pdfgen.canvas import Canvas

from treasury import files
from treasury.contents import Content

pytestmark = pytest.mark.usefixtures("english")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PROGRAM = b"MZ\x90\x00" + bytes(80)


def archive(*names: str, first: tuple[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in ([first] if first else []) + [(name, b"<x/>") for name in names]:
            packed.writestr(name, content)
    return buffer.getvalue()


def office(folder: str, *more: str) -> bytes:
    return archive("[Content_Types].xml", "_rels/.rels", f"{folder}/main.xml", *more)


def open_document(kind: str) -> bytes:
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive("content.xml", "META-INF/manifest.xml", first=("mimetype", mimetype))


def compound(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le") + bytes(100)


def a_pdf() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(10, 10, "Invoice")
    canvas.save()
    return buffer.getvalue()


def name_of(name: str, content: bytes) -> str:
    file = ContentFile(content, name=name)
    kept = files.checked_name(file)
    assert file.tell() == 0
    return kept


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        files.checked_name(ContentFile(content), name)
    (message,) = refused.value.message_dict["documents"]
    return str(message)


TAKEN = {
    "Счёт.pdf": a_pdf(),
    "junk before.PDF": b"\r\n\r\n" + a_pdf(),
    "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(40),
    "photo.jpeg": b"\xff\xd8\xff\xe1" + bytes(40),
    "scan.png": PNG,
    "scan.gif": b"GIF89a" + bytes(40),
    "scan.webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "scan.tif": b"II*\0" + bytes(40),
    "scan.TIFF": b"MM\0*" + bytes(40),
    "phone.heic": b"\0\0\0\x18ftypheic" + bytes(40),
    "scan.bmp": b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0",
    "Приёмка.mp4": b"\0\0\0\x20ftypisom\0\0\2\0" + bytes(40),
    "Голос.ogg": b"OggS\0\2" + bytes(22) + b"\1\x13OpusHead" + bytes(40),
    "Договор.docx": office("word"),
    "Смета.xlsx": office("xl"),
    "slides.pptx": office("ppt"),
    "with a password.xlsx": compound("EncryptedPackage"),
    "a.odt": open_document("text"),
    "a.ods": open_document("spreadsheet"),
    "a.odp": open_document("presentation"),
    "a.doc": compound("WordDocument"),
    "a.xls": compound("Workbook"),
    "old.xls": compound("Book"),
    "a.ppt": compound("PowerPoint Document"),
    "letter.msg": compound("__properties_version1.0"),
    "a.rtf": b"{\\rtf1\\ansi hello}",
    "УПД.xml": '<?xml version="1.0" encoding="windows-1251"?><Файл/>'.encode("cp1251"),
    "bom.xml": b"\xef\xbb\xbf\n<a/>",
    "wide.xml": "<a>тест</a>".encode("utf-16"),
    "utf.txt": "Счёт 45\r\n".encode(),
    "1c.txt": "Секция: Шапка\r\n".encode("cp1251"),
    "dos.txt": "Шапка\r\n\x1a".encode("cp866"),
    "wide.txt": ("ё" * 5000).encode("utf-16"),
    "rows.csv": b"a;b\n1;2\n",
    "all.zip": archive("a.txt"),
    "all.rar": b"Rar!\x1a\x07\x01\0" + bytes(40),
    "all.7z": b"7z\xbc\xaf\x27\x1c" + bytes(40),
    "letter.eml": b"Received: from a\r\nSubject: \xd1\x81\r\n\r\nText",
    "Счёт.pdf.sig": b"\x30\x82\x05\x10\x06\x09" + bytes(40),
    "der.p7s": b"\x30\x80\x06\x09" + bytes(40),
    "pem.p7m": b"-----BEGIN PKCS7-----\nMIIF\n-----END PKCS7-----\n",
    "base64.sgn": b"MIIFGgYJKoZIhvcNAQcCoIIFCzCCBQ==\r\n",
}


def legible(value: object) -> str | None:
    """Of a file nothing: some are made anew each time, and workers must name a test alike."""
    return "" if isinstance(value, bytes) else None


@pytest.mark.parametrize("name", TAKEN)
def test_what_accountants_have_is_taken(name: str) -> None:
    assert name_of(name, TAKEN[name]) == name


@pytest.mark.parametrize(
    "name",
    [
        "virus.exe", "run.js", "run.bat", "page.html", "picture.svg", "macro.docm", "macro.xlsm",
        "app.jar", "setup.msi", "disk.iso", "link.lnk", "no extension", "счёт.pdf.exe", "a.pdf.",
        "innocent\u202efdp.exe", "pdf", ".htaccess",
    ],
)  # fmt: skip
def test_another_extension_is_refused_and_what_is_taken_is_said(name: str) -> None:
    if name == "a.pdf.":
        # What Windows would drop is dropped before it is judged.
        assert name_of(name, a_pdf()) == "a.pdf"
        return
    message = refusal(name, a_pdf())
    assert files.clean_name(name) in message
    assert "such files are not taken. Attach PDF, pictures, office documents" in message


@pytest.mark.parametrize("name", [*TAKEN, "x.pdf", "x.txt", "x.zip"])
@pytest.mark.parametrize(
    "content",
    [
        PROGRAM, b"\x7fELF\x02\x01" + bytes(40), b"#!/bin/sh\nrm -rf /\n", b"@echo off\r\n",
        b"<script>alert(1)</script>", b"  <!DOCTYPE html><p>", b"<?php system($_GET['a']);",
        PROGRAM + a_pdf(),
    ],
    ids=["windows", "linux", "shell", "batch", "script", "page", "php", "in front of a PDF"],
)  # fmt: skip
def test_a_program_is_refused_under_any_name(name: str, content: bytes) -> None:
    assert "is a program or a script inside" in refusal(name, content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("fake.pdf", b"sixteen bytes ..", "“fake.pdf” is not PDF inside, but TXT."),
        ("fake.pdf", PNG, "“fake.pdf” is not PDF inside, but PNG."),
        ("photo.jpg", PNG, "“photo.jpg” is not JPG inside, but PNG."),
        ("fake.pdf", bytes(range(256)), "“fake.pdf” is not PDF inside."),
        ("a.docx", archive("a.txt"), "“a.docx” is not DOCX inside, but ZIP."),
        ("a.docx", office("xl"), "“a.docx” is not DOCX inside, but XLSX."),
        ("a.docx", office("word", "word/vbaProject.bin"), "is not DOCX inside, but ZIP."),
        ("a.xlsx", b"PK\x03\x04" + bytes(60), "is not XLSX inside, but ZIP."),
        ("setup.doc", compound("Property"), "“setup.doc” is not DOC inside."),
        ("a.doc", compound("Workbook"), "is not DOC inside, but XLS."),
        ("a.odt", open_document("spreadsheet"), "is not ODT inside, but ODS."),
        ("a.xml", b"plain", "is not XML inside, but TXT."),
        ("a.txt", b"text\0with a zero", "“a.txt” is not TXT inside."),
        ("late.txt", b"text " * 200_000 + b"\0", "“late.txt” is not TXT inside."),
        ("odd.txt", b"\xff\xfe\0\xd8\0\0", "“odd.txt” is not TXT inside."),
        ("a.sig", b"0 plain text", "is not SIG inside, but TXT."),
        ("a.eml", b"no header here", "is not EML inside, but TXT."),
    ],
    ids=legible,
)
def test_what_is_not_what_its_name_says_is_refused(name: str, content: bytes, said: str) -> None:
    assert said in refusal(name, content)


def test_a_broken_directory_of_an_archive_is_no_trouble() -> None:
    whole = office("word")
    end = whole.rfind(b"PK\x05\x06")
    for broken in (
        whole[:-15], whole[:end] + b"PK\x05\x06", whole[: end + 12] + b"\xff" * 10, whole[:200],
    ):  # fmt: skip
        assert "is not DOCX inside, but ZIP." in refusal("a.docx", broken)


def test_a_bomb_is_not_unpacked() -> None:
    """A gigabyte of zeros is a megabyte in an archive; only its directory is read."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", b"")
        with packed.open("word/document.xml", "w") as entry:
            for _megabyte in range(64):
                entry.write(bytes(1024**2))
    counted = Counted(buffer.getvalue())
    assert Content(counted).entries() == {b"[Content_Types].xml", b"word/document.xml"}
    assert counted.read_bytes < 200_000


class Counted(ContentFile):  # type: ignore[type-arg]
    read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        found: bytes = self.file.read(size)
        self.read_bytes += len(found)
        return found


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..\\..\\etc/Счёт.pdf", "Счёт.pdf"),
        ("C:\\Users\\anna\\Счёт.pdf", "Счёт.pdf"),
        ("  two   spaces .pdf  ", "two spaces.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie: x=1.pdf"),
        ("nul\0l\x07.pdf", "null.pdf"),
        ("fdp\u202egpj.pdf", "fdpgpj.pdf"),
        ("zero\u200bwidth\ufeff.pdf", "zerowidth.pdf"),
        ("half \ud83d.pdf", "half.pdf"),
        ("й.pdf", "й.pdf"),
        (".pdf", "document.pdf"),
        ("... .pdf", "document.pdf"),
        ("Счёт.pdf. . .", "Счёт.pdf"),
        ("a\u00a0b\u2028c.pdf", "a b c.pdf"),
    ],
)
def test_a_name_is_kept_clean(name: str, kept: str) -> None:
    assert files.clean_name(name) == kept


@pytest.mark.parametrize("suffix", [".pdf", ".p7s", ".DOCX"])
def test_a_long_name_keeps_its_extension(suffix: str) -> None:
    name = files.clean_name("Ж" * 300 + suffix)
    assert name == "Ж" * (200 - len(suffix)) + suffix


def test_without_a_name_there_is_nothing_to_go_by() -> None:
    assert "such files are not taken" in refusal("", a_pdf())


@pytest.mark.parametrize(
    ("size", "english", "russian"),
    [
        (1, "1 byte", "1 байт"),
        (192, "192 bytes", "192 байта"),
        (1024, "1 kB", "1 кБ"),
        (9318, "9.1 kB", "9,1 кБ"),
        (1_500_000, "1.4 MB", "1,4 МБ"),
        (52_428_800, "50 MB", "50 МБ"),
    ],
)
def test_a_size_is_shown_in_a_fitting_unit(size: int, english: str, russian: str) -> None:
    for language, shown in (("en", english), ("ru", russian)):
        with translation.override(language):
            assert files.shown_size(size).replace("\xa0", " ") == shown
