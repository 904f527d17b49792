"""The QR codes in a picture, or on the first pages of a PDF."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import IO

import zxingcpp
from PIL import Image

logger = logging.getLogger(__name__)

# Of pixels: a small file may unpack into more than the machine has room for.
_MOST_PIXELS = 50 * 1000**2
# Pixels of a side; codes are found in what is smaller, and sooner.
_SIDE = 2400
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_PDF = b"%PDF-"
# A PDF begins within so many bytes, as its readers have it.
_HEAD = 1024
# Of a PDF, whose drawing may be made to last: bytes, and for all of it seconds and bytes of memory,
# of which a page full of pictures needs a part.
_MOST_BYTES = 25 * 1024**2
_SECONDS = 15
_MEMORY = 1024**3
_DRAWN = Path(__file__).with_name("qr_codes_of_pdf.py")


def read(file: IO[bytes]) -> list[bytes]:
    """What they hold, of a file of whatever sender; none of what is no picture and no PDF, or too
    large. The file is left where it was."""
    at = file.tell()
    try:
        is_pdf = _PDF in file.read(_HEAD)
        file.seek(at)
        return _on_pages(file) if is_pdf else _in_picture(file)
    except Exception:
        # The edge of one file: whatever a broken one does to its readers, it is none.
        logger.info("nothing to read codes from", exc_info=True)
        return []
    finally:
        file.seek(at)


def _in_picture(file: IO[bytes]) -> list[bytes]:
    with Image.open(file, formats=_FORMATS) as picture:
        width, height = picture.size
        if width * height > _MOST_PIXELS:
            return []
        picture.draft("L", (_SIDE, _SIDE))
        grey = picture.convert("L")
    grey.thumbnail((_SIDE, _SIDE))
    pixels = memoryview(grey.tobytes()).cast("B", shape=(grey.height, grey.width))
    found = zxingcpp.read_barcodes(pixels, _QR)
    return [bytes(code.bytes) for code in found]


def _on_pages(file: IO[bytes]) -> list[bytes]:
    """By a process of its own, which is given no settings of ours: a page can be made to be drawn
    for ever, to take all memory, or to bring down whoever draws it."""
    content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        return []
    drawn = subprocess.run(  # noqa: S603
        [sys.executable, "-I", str(_DRAWN), *map(str, (_SIDE, _SECONDS, _MEMORY))],
        input=content, capture_output=True, timeout=_SECONDS, check=True, env={},
    )  # fmt: skip
    return [bytes.fromhex(code) for code in json.loads(drawn.stdout)]
