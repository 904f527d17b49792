"""Asks a virus scanner about a file before it is stored: ClamAV's daemon, where there is one.

Its protocol is a command, the file in pieces and a line in answer, so no library is needed:
https://docs.clamav.net/manual/Usage/Scanning.html#clamd
"""

import contextlib
import logging
import socket
import struct
import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext as _

from treasury.errors import ScannerAway

logger = logging.getLogger(__name__)

# For one file, from the first call to the answer.
SECONDS = 20.0
_PIECE = 65_536
# Of an answer: the name of a virus is no longer.
_LONGEST = 1024


def check(file: "File[bytes]", name: str) -> None:
    """Raises `ValidationError` for a file with a virus, `ScannerAway` when nobody says that it has
    none: what was not looked at is not taken."""
    if not settings.CLAMD_SOCKET:
        return
    try:
        answer = _ask(file)
    except OSError as failure:
        logger.error("the virus scanner does not answer: %s", failure)
        raise ScannerAway(name) from failure
    if answer.endswith(" FOUND"):
        virus = answer.removeprefix("stream: ").removesuffix(" FOUND")
        logger.warning("a virus in a file: %s", virus)
        problem = _("“%(name)s” has a virus in it (%(virus)s): it is not taken.")
        raise ValidationError({"documents": problem % {"name": name, "virus": virus}})
    if answer != "stream: OK":
        logger.error("the virus scanner gives no verdict: %s", answer)
        raise ScannerAway(name)


def is_address(value: str) -> bool:
    """Whether it is the path of a socket, or a host and a port."""
    host, _colon, port = value.rpartition(":")
    return value.startswith("/") or bool(host and port.isdecimal())


def _ask(file: "File[bytes]") -> str:
    until = time.monotonic() + SECONDS
    with _connected(until) as scanner:
        # Of a file that is too large for it, it says so at once, and listens no more.
        with contextlib.suppress(ConnectionError):
            _send(scanner, file, until)
        return _answer(scanner, until)


def _connected(until: float) -> socket.socket:
    address = settings.CLAMD_SOCKET
    if not address.startswith("/"):
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), _left(until))
    scanner = socket.socket(socket.AF_UNIX)
    try:
        scanner.settimeout(_left(until))
        scanner.connect(address)
    except OSError:
        scanner.close()
        raise
    return scanner


def _send(scanner: socket.socket, file: "File[bytes]", until: float) -> None:
    """The command, each piece behind its length, and a piece of none."""
    scanner.sendall(b"zINSTREAM\0")
    for piece in file.chunks(_PIECE):
        scanner.settimeout(_left(until))
        scanner.sendall(struct.pack(">I", len(piece)) + piece)
    scanner.sendall(struct.pack(">I", 0))


def _answer(scanner: socket.socket, until: float) -> str:
    """Up to the byte that ends it. Raises OSError for one that breaks off."""
    answer = b""
    while not answer.endswith(b"\0"):
        scanner.settimeout(_left(until))
        piece = scanner.recv(_LONGEST)
        if not piece or len(answer) > _LONGEST:
            raise ConnectionError("the answer broke off")
        answer += piece
    return answer[:-1].decode(errors="replace")


def _left(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("it has taken too long")
    return seconds
