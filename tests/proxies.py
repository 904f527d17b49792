"""Real proxies with a login, and a Telegram behind them: by TLS, at a name that only they know."""

import ctypes.util
import os
import shutil
import signal
import socket
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

from cryptography import x509

from demo.children import Child, stop
from tests import services
from tests.ports import free_port
from tests.telegrambot.front import sign

# No server of names will ever know it: https://www.rfc-editor.org/rfc/rfc6761#section-6.4
NAME = "api.telegram.invalid"
USER = "treasury"
SECONDS = 30.0


class Proxy(ABC):
    """A process, which can be stopped and started again, also with another password."""

    program: str
    scheme: str
    password: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        path = shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin")
        self._path = services.needed(path, self.program, self.program)
        library = ctypes.util.find_library("nss_wrapper")
        hosts = folder / "hosts"
        hosts.write_text(f"127.0.0.1 {NAME}\n")
        # What the proxy takes for /etc/hosts.
        self._environment = {
            **os.environ,
            "LD_PRELOAD": services.needed(library, "nss_wrapper", "libnss-wrapper"),
            "NSS_WRAPPER_HOSTS": str(hosts),
        }
        self._process: Child | None = None
        self._started = 0

    @abstractmethod
    def command(self, password: str) -> Sequence[str]:
        """What starts it."""

    @property
    def url(self) -> str:
        return self.url_for(self.password)

    def url_for(self, password: str) -> str:
        """For TELEGRAM_PROXY_URL: each character of the password, even of those that need not be,
        in its number."""
        written = "".join(f"%{byte:02X}" for byte in password.encode())
        return f"{self.scheme}://{USER}:{written}@127.0.0.1:{self.port}"

    @property
    def secrets(self) -> set[str]:
        """Of its login, as it may be written."""
        login = f"{USER}:{self.password}"
        written = urlsplit(self.url).password or ""
        return {self.password, written, quote(self.password), b64encode(login.encode()).decode()}

    def start(self, password: str = "") -> None:
        self._started += 1
        log = self.folder / f"{self._started:02}-{self.program}.log"
        command = self.command(password or self.password)
        self._process = Child(self.program, command, log, self._environment, self.folder)
        self._process.wait_until(lambda: listens(self.port), SECONDS)

    def stop(self) -> None:
        if self._process:
            stop([self._process], SECONDS)

    def log(self) -> str:
        files = sorted(self.folder.glob(f"*-{self.program}.log"))
        return "\n".join(file.read_text(errors="replace") for file in files)


class Socks(Proxy):
    """https://github.com/rofl0r/microsocks"""

    program = "microsocks"
    scheme = "socks5h"
    password = "p@ss:w/rd %41 of the ключ"

    def command(self, password: str) -> Sequence[str]:
        port = ("-i", "127.0.0.1", "-p", str(self.port))
        # It overwrites both in the list of processes before it listens.
        return self._path, *port, "-u", USER, "-P", password


class Http(Proxy):
    """https://tinyproxy.github.io"""

    program = "tinyproxy"
    scheme = "http"
    # It knows no other characters.
    password = "a_password-of.the-proxy"

    def command(self, password: str) -> Sequence[str]:
        settings = self.folder / "tinyproxy.conf"
        settings.write_text(
            f"Port {self.port}\nListen 127.0.0.1\nBasicAuth {USER} {password}\nMaxClients 50\n"
            "Timeout 60\nLogLevel Info\n"
        )
        return self._path, "-d", "-c", str(settings)


WAYS = (Socks, Http)


def nginx() -> str:
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return services.needed(path, "nginx", "nginx")


def nginx_with(folder: Path, servers: str) -> list[str]:
    """The command that starts it with these servers, as somebody who may enter the folder."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder / 'pid'}; error_log stderr info; events {{}}\n"
        f"http {{ access_log {folder / 'nginx-access.log'}; {places}\n{servers}\n}}"
    )
    return [nginx(), "-e", "stderr", "-c", str(folder / "nginx.conf")]


def telegrams(folder: Path, port: int, upstream: str) -> str:
    """The server in front of the stand-in; `authority.pem` in the folder is whom to trust."""
    signed = sign(NAME, x509.DNSName(NAME))
    (folder / "authority.pem").write_bytes(signed.pem)
    chain = signed.write(folder)
    return (
        f"server {{ listen 127.0.0.1:{port} ssl; server_name {NAME};\n"
        f"ssl_certificate {chain}; ssl_certificate_key {chain};\n"
        "client_max_body_size 60m; access_log off;\n"
        f"location / {{ proxy_pass {upstream}; proxy_request_buffering off; }} }}"
    )


@contextmanager
def telegram_at(folder: Path, upstream: str) -> Iterator[str]:
    """The address of the stand-in by TLS, at the name that only the proxies know."""
    port = free_port()
    command = nginx_with(folder, telegrams(folder, port, upstream))
    server = Child("nginx", command, folder / "nginx.log", os.environ, folder)
    try:
        server.wait_until(lambda: listens(port), SECONDS)
        yield f"https://{NAME}:{port}"
    finally:
        server.signal(signal.SIGTERM)
        stop([server], SECONDS)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
