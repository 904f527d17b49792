"""Which files are documents of a request, and by what names: one rule for every channel."""

import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from treasury.contents import EXTENSIONS, Content, fits, is_program, kind_of

MAX_BYTES = 50 * 1024**2
NAME_LENGTH = 200
TAKEN = gettext_lazy(
    "PDF, pictures, office documents, XML, text, archives, e-mail messages, signatures, MP4 video "
    "and voice messages"
)


def checked_name(file: "File[bytes]", name: str | None = None) -> str:
    """The name by which the file is kept. Raises `ValidationError` for what is not taken."""
    name = clean_name(name or file.name or "")
    problem = _problem(file, name)
    file.seek(0)
    if problem:
        raise ValidationError({"documents": problem})
    return name


def clean_name(name: str) -> str:
    """Without folders and what cannot be seen; a long one is cut before its extension."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    # Controls, overrides of the direction, halves of characters.
    seen = "".join(" " if char.isspace() else char for char in name if _is_seen(char))
    stem, suffix = _parts(" ".join(seen.split()).rstrip(". "))
    stem = stem.strip(". ") or _("document")
    return stem[: NAME_LENGTH - len(suffix)].rstrip(". ") + suffix


def _is_seen(char: str) -> bool:
    return char.isspace() or not unicodedata.category(char).startswith("C")


def _parts(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    if not dot or not extension.isalnum() or len(extension) > 10:
        return name, ""
    return stem, f".{extension}"


def extension_of(name: str) -> str:
    return PurePosixPath(name).suffix[1:].lower()


def _problem(file: "File[bytes]", name: str) -> str:
    extension = extension_of(name)
    if extension not in EXTENSIONS:
        return _("“%(name)s”: such files are not taken. Attach %(taken)s.") % {
            "name": name,
            "taken": TAKEN,
        }
    if not file.size:
        return _("“%(name)s” is empty.") % {"name": name}
    if file.size > MAX_BYTES:
        return _("“%(name)s” is %(size)d MB; at most %(limit)d MB can be attached.") % {
            "name": name,
            "size": file.size // 1024**2,
            "limit": MAX_BYTES // 1024**2,
        }
    return _mismatch(Content(file), name, extension)


def _mismatch(content: Content, name: str, extension: str) -> str:
    words = {"name": name, "kind": extension.upper()}
    if is_program(content):
        return _("“%(name)s” is a program or a script inside: such files are not taken.") % words
    if fits(content, extension):
        return ""
    found = kind_of(content).upper()
    if found:
        return _("“%(name)s” is not %(kind)s inside, but %(found)s.") % {**words, "found": found}
    return _("“%(name)s” is not %(kind)s inside.") % words


def shown_size(size: int) -> str:
    """“192 bytes”, “9.1 kB” or “1.4 MB”, as the scripts of the pages write it."""
    if size < 1024:
        return ngettext("%(count)d byte", "%(count)d bytes", size) % {"count": size}
    unit, divisor = (_("kB"), 1024) if size < 1024**2 else (_("MB"), 1024**2)
    number = (Decimal(size) / divisor).quantize(Decimal("0.1"), ROUND_HALF_UP)
    shown = number_format(number, decimal_pos=0 if number == int(number) else 1)
    return f"{shown}\N{NO-BREAK SPACE}{unit}"
