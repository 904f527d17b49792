"""Where Telegram is to call, as the settings and the name servers have it."""

import socket
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Address:
    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> "Address | None":
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        return cls(parts.scheme, parts.hostname, port, parts.path)

    @property
    def is_https(self) -> bool:
        return self.scheme == "https"

    @cached_property
    def ips(self) -> tuple[str, ...]:
        """Of version 4, for Telegram uses no other."""
        return _look_up(self.host, socket.AF_INET)

    @cached_property
    def has_ipv6(self) -> bool:
        return bool(_look_up(self.host, socket.AF_INET6))


def is_public(ip: str) -> bool:
    return ip_address(ip).is_global


def _look_up(host: str, family: socket.AddressFamily) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, None, family, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
