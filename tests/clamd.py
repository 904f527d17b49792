"""A small clamd, which speaks its real protocol: https://linux.die.net/man/8/clamd"""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# https://www.eicar.org/download-anti-malware-testfile/, in two, for the scanners of who reads this.
EICAR = b"X5O!P%@AP[4" + b"\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
FOUND = b"stream: Eicar-Test-Signature FOUND\0"
TOO_LARGE = b"INSTREAM size limit exceeded. ERROR\0"


class Clamd:
    """`largest` is its StreamMaxLength; with an `answer` it says that, whatever it has read."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.largest = 60_000_000
        self.answer: bytes | None = None
        self.seen: list[bytes] = []

    def verdict(self, stream: Any) -> bytes:
        if stream.read(len(b"zINSTREAM\0")) != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND\0"
        content = b""
        while size := struct.unpack(">I", stream.read(4))[0]:
            if len(content) + size > self.largest:
                return TOO_LARGE
            content += stream.read(size)
        self.seen.append(content)
        if self.answer is not None:
            return self.answer
        return FOUND if EICAR in content else b"stream: OK\0"


@contextlib.contextmanager
def _listening(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(clamd: Clamd) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(clamd.verdict(self.rfile))

    return Handler


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture(params=["unix", "tcp"])
def clamd(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Iterator[Clamd]:
    """The installation has a scanner, by a socket of either kind."""
    clamd = Clamd("")
    server: Any
    if request.param == "unix":
        clamd.address = str(tmp_path / "clamd")
        server = _Unix(clamd.address, _handler(clamd))
    else:
        server = _Tcp(("127.0.0.1", 0), _handler(clamd))
        clamd.address = f"127.0.0.1:{server.server_address[1]}"
    settings.CLAMD_SOCKET = clamd.address
    with _listening(server):
        yield clamd
