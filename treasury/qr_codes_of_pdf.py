"""Run by `qr_codes` in a process of its own: draws the first pages of the PDF that it is given, and
prints the codes on them in hex, as JSON.

It imports nothing of ours, so that it starts soon.
"""

import json
import resource
import sys
from collections.abc import Iterator

import pypdfium2
import zxingcpp

# The code stands on the invoice itself, behind a letter at the most.
_PAGES = 2
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def main(side: int, seconds: int, memory: int) -> None:
    # What a page brings down leaves no copy of the memory on the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # Also when nobody waits for it any more.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    pages = range(min(len(document), _PAGES))
    json.dump([code.hex() for number in pages for code in _on(document[number], side)], sys.stdout)


def _on(page: pypdfium2.PdfPage, side: int) -> Iterator[bytes]:
    """However large the page says that it is, it is drawn with so many pixels a side."""
    grey = page.render(scale=side / max(page.get_size()), grayscale=True).to_pil().convert("L")
    pixels = memoryview(grey.tobytes()).cast("B", shape=(grey.height, grey.width))
    for code in zxingcpp.read_barcodes(pixels, _QR):
        yield bytes(code.bytes)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
