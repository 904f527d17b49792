"""One deadline for a whole call, whatever the peer does.

The time-outs of `requests` bound each step alone: a peer that drips a byte every ten seconds holds
its caller for hours. Here every step of a connection gets what is left. Only looking up a name and
trying its further addresses are not cut short, and after them nothing is sent any more.
"""

import http.client
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

# Seconds to connect to one address, and for its handshake.
CONNECT = 5.0

_local = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What this thread does in the block by kept connections ends after so many seconds together.

    The step at which they are over raises TimeoutError, as the connection's user reports it.
    """
    _local.until = time.monotonic() + seconds
    try:
        yield
    finally:
        del _local.until


def left() -> float:
    seconds: float = _local.until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError("the call has taken too long")
    return seconds


def keep(manager: PoolManager) -> None:
    """From now on its connections keep the deadline of the block they are used in."""
    classes = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {name: _kept(pool) for name, pool in classes.items()}


def _kept(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    # By TLS, by a proxy or plainly: each kind of pool has a kind of connection of its own.
    connection = type("Connection", (_Connection, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class _Reader(io.RawIOBase):
    """What comes from a socket, while there is time."""

    def __init__(self, sock: Any, raw: io.RawIOBase) -> None:
        self._sock, self._raw = sock, raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(_Reader(sock, self.fp.detach()))


class _Connection(HTTPConnection):
    response_class = _Response

    def connect(self) -> None:
        self.timeout = min(CONNECT, left())
        super().connect()

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(left())
        super().send(data)
