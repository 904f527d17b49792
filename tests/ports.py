"""Ports for the servers that tests start."""

import random
import socket

# Below those that systems lend to outgoing connections (Linux from 32768, others from 49152): a
# port found free must still be free when its server has started.
RANGE = range(20000, 32000)
_given: set[int] = set()


def free_port() -> int:
    """By chance, so that suites and workers side by side seldom find the same one; and each time
    another, for whoever gets it listens later."""
    while True:
        port = random.choice(RANGE)  # noqa: S311
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        if port not in _given:
            _given.add(port)
            return port
