"""Servers that are there and say nothing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def silent_redis() -> Iterator[str]:
    """The address of one that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


class Relay:
    """Stands before a Redis, and may fall silent while its connections stay."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._speaks = threading.Event()
        self._speaks.set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._server.getsockname()[1]}{parts.path}"

    def __enter__(self) -> "Relay":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._speaks.set()
        self._server.close()

    def silence(self) -> None:
        self._speaks.clear()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                ours, _address = self._server.accept()
                theirs = socket.create_connection(self._target)
                for source, sink in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError), source, sink:
            while data := source.recv(65_536):
                self._speaks.wait()
                sink.sendall(data)
