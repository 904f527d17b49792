"""What can be wrong with what stands at the webhook's address: served by a real nginx, and how
Telegram and the doctor name it."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from django.core.management import call_command

from tests.ports import free_port
from tests.telegrambot.front import ADDRESS, sign

VERIFY_FAILED = "SSL error {error:0A000086:SSL routines::certificate verify failed}"
UNTRUSTED = "An intermediate certificate is missing, or the root is not trusted"
# What nginx answers with where nothing is wrong with TLS; the product is another test's.
FINE = "return 200;"
IP = x509.IPAddress(ipaddress.ip_address(ADDRESS))


@dataclass(frozen=True)
class Fault:
    """`server` is what nginx is told beside port and certificate, and `certificate` the file that
    it serves; without any it speaks no TLS. Telegram is given `uploaded`, calls `host`, and
    complains in its own words, or delivers all the same. The doctor finds by its checks: level and
    beginning."""

    name: str
    complaint: str
    found: dict[str, str]
    server: str = FINE
    certificate: str = "whole.pem"
    uploaded: str = ""
    host: str = ADDRESS
    listens: bool = True


def _wrong(status: str, server: str, cause: str) -> Fault:
    """An answer that is not 200."""
    said = f"Wrong response from the webhook: {status}"
    name = f"answers {status}"
    return Fault(name, said, {"acceptance": f"failure: {said}. {cause}"}, server)


FAULTS = (
    # --- TLS ---
    Fault(
        "TLS 1.1 alone",
        "SSL error {error:0A00042E:SSL routines::tlsv1 alert protocol version}",
        {"tls": "failure: SSL error: tlsv1 alert protocol version. The server takes no version"},
        f"ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; {FINE}",
    ),
    Fault(
        "TLS 1.1 beside newer",
        "",
        {"tls": "warning: The server also speaks TLS 1.1 or older"},
        f"ssl_protocols TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0; {FINE}",
    ),
    Fault(
        "no TLS",
        "SSL error {error:0A00010B:SSL routines::wrong version number}",
        {"tls": "failure: SSL error: wrong version number. What answers on this port"},
        certificate="",
    ),
    Fault(
        "another host",
        VERIFY_FAILED,
        {"tls": f"failure: The certificate is not for {ADDRESS}."},
        certificate="other.pem",
    ),
    Fault(
        "another host, uploaded",
        VERIFY_FAILED,
        {"tls": f"failure: The certificate is not for {ADDRESS}."},
        certificate="own-other.pem",
        uploaded="own-other.pem.public",
    ),
    Fault(
        "expired",
        VERIFY_FAILED,
        {"tls": "failure: The certificate has expired: "},
        certificate="expired.pem",
    ),
    Fault(
        "another certificate than was uploaded",
        VERIFY_FAILED,
        {"tls": "failure: Another certificate is served than TELEGRAM_CERTIFICATE."},
        certificate="made.pem",
        uploaded="own-other.pem.public",
    ),
    Fault(
        "self-signed and not uploaded",
        VERIFY_FAILED,
        {"tls": "failure: The certificate is self-signed, and Telegram was not given it."},
        certificate="made.pem",
    ),
    Fault(
        "a missing intermediate",
        VERIFY_FAILED,
        {"tls": f"failure: {UNTRUSTED}: unable to get local issuer certificate."},
        certificate="leaf.pem",
    ),
    Fault(
        "an untrusted root",
        VERIFY_FAILED,
        {"tls": f"failure: {UNTRUSTED}: self-signed certificate in certificate chain."},
        certificate="stranger.pem",
    ),
    Fault(
        "a wildcard",
        "",
        # It leads to this machine, and is no IP address to a certificate.
        {"tls": "warning: 0x7f.0.0.1 is in the certificate only as *.0.0.1"},
        certificate="wildcard.pem",
        host="0x7f.0.0.1",
    ),
    # --- The network ---
    Fault(
        "a closed port",
        "Connection refused",
        {"tls": "failure: Connection refused. The machine is there, but nothing listens"},
        listens=False,
    ),
    Fault(
        "nobody answers",
        "Read timeout expired",
        {"acceptance": "failure: Read timeout expired. The webhook has not answered"},
        "location / { proxy_pass http://127.0.0.1:SILENT; }",
    ),
    Fault(
        "it hangs up",
        "Connection closed",
        {"acceptance": "failure: Connection closed. The server has hung up"},
        "return 444;",
    ),
    # --- HTTP ---
    _wrong("401 Unauthorized", "auth_basic x; auth_basic_user_file NOBODY;", "The product, or"),
    _wrong("403 Forbidden", "deny all;", "The call was refused: the secret is another one, or a"),
    _wrong("404 Not Found", "return 404;", "The address leads to something else"),
    _wrong("301 Moved Permanently", "return 301 /;", "The server redirects"),
    _wrong("413 Request Entity Too Large", "client_max_body_size 1;", "The proxy in front takes"),
    _wrong("500 Internal Server Error", "return 500;", "The product has failed"),
    _wrong("502 Bad Gateway", "location / { proxy_pass http://127.0.0.1:9; }", "The proxy in"),
    _wrong("503 Service Temporarily Unavailable", "return 503;", "The product cannot reach"),
)  # fmt: skip


@dataclass(frozen=True)
class Street:
    """All of them, each at a port of its own. `root` is whom the system has to trust."""

    root: Path
    ports: dict[str, int]
    servers: str
    folder: Path

    def url(self, fault: Fault, path: str) -> str:
        return f"https://{fault.host}:{self.ports[fault.name]}{path}"

    def uploaded(self, fault: Fault) -> str:
        return str(self.folder / fault.uploaded) if fault.uploaded else ""


@contextmanager
def street(folder: Path) -> Iterator[Street]:
    """The servers for a configuration of nginx, and what stands behind them."""
    ports = {fault.name: free_port() for fault in FAULTS}
    _write_certificates(folder)
    (folder / "nobody").write_text("")
    with socket.create_server((ADDRESS, 0)) as silent:
        places = {"SILENT": str(silent.getsockname()[1]), "NOBODY": str(folder / "nobody")}
        servers = "\n".join(
            _server(fault, ports[fault.name], folder, places) for fault in FAULTS if fault.listens
        )
        yield Street(folder / "root.pem", ports, servers, folder)


def _server(fault: Fault, port: int, folder: Path, places: dict[str, str]) -> str:
    file = folder / fault.certificate
    tls = f"ssl_certificate {file}; ssl_certificate_key {file};" if fault.certificate else ""
    told = fault.server
    for name, here in places.items():
        told = told.replace(name, here)
    listen = f"listen {ADDRESS}:{port}{' ssl' if tls else ''};"
    return f"server {{ {listen} {tls} {told} }}"


def _write_certificates(folder: Path) -> None:
    root = sign("The root", is_authority=True)
    between = sign("Between", by=root, is_authority=True)
    leaf = sign(ADDRESS, IP, by=between)
    stranger = sign("A stranger", is_authority=True)
    other = x509.DNSName("other.example.com")
    (folder / "root.pem").write_bytes(root.pem)
    for name, served, *chain in (
        ("whole", leaf, between),
        ("leaf", leaf),
        ("other", sign("x", other, by=root)),
        ("expired", sign(ADDRESS, IP, by=root, days=-1)),
        ("stranger", sign(ADDRESS, IP, by=stranger), stranger),
        ("wildcard", sign("x", x509.DNSName("*.0.0.1"), by=root)),
    ):
        served.write(folder, *chain).rename(folder / f"{name}.pem")
    for name, host in (("made", ADDRESS), ("own-other", "other.example.com")):
        call_command("telegram", "certificate", host, "--folder", str(folder / name), verbosity=0)
        public = (folder / name / "webhook.pem").read_bytes()
        (folder / f"{name}.pem.public").write_bytes(public)
        key = (folder / name / "webhook.key").read_bytes()
        (folder / f"{name}.pem").write_bytes(key + public)
