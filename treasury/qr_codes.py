"""The QR codes in a picture."""

import logging
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


def read(file: IO[bytes]) -> list[bytes]:
    """What they hold, of a picture of whatever sender; none of what is no picture, or too large.
    The file is left where it was."""
    at = file.tell()
    try:
        return _codes(file)
    except Exception:
        # The edge of one picture: whatever a broken one does to its readers, it is none.
        logger.info("no picture to read codes from", exc_info=True)
        return []
    finally:
        file.seek(at)


def _codes(file: IO[bytes]) -> list[bytes]:
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
