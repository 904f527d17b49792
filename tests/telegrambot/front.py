"""What stands at the address of the webhook in a test: certificates, and a server that has them."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.handlers.wsgi import WSGIHandler

ADDRESS = "127.0.0.1"
DAY = timedelta(days=1)


@dataclass
class Signed:
    """A certificate and its key, signed by another or by itself."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def write(self, folder: Path, *intermediate: "Signed") -> Path:
        """Key and chain in one file, as a server reads them."""
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = folder / f"{self.certificate.serial_number}.pem"
        path.write_bytes(key + self.pem + b"".join(each.pem for each in intermediate))
        return path


def sign(
    common: str,
    *names: x509.GeneralName,
    by: Signed | None = None,
    days: float = 90,
    begins: timedelta = -DAY,
    is_authority: bool = False,
) -> Signed:
    key = ec.generate_private_key(ec.SECP256R1())
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + min(begins, days * DAY - DAY))
        .not_valid_after(now + days * DAY)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return Signed(builder.sign(by.key if by else key, hashes.SHA256()), key)


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who does not trust the certificate hangs up."""


@dataclass
class Front:
    """Answers every call with one status; what came is kept."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        front = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                front.calls.append((dict(self.headers), body))
                self.send_response(front.status)
                for name, value in front.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def tls_of(file: Path, configure: Callable[[ssl.SSLContext], None] | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if configure:
        configure(context)
    return context


@contextmanager
def serving(front: Front, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port on which it does."""
    yield from _serve(_Quiet((ADDRESS, 0), front.handler()), context)


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


class _Wsgi(WSGIServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """As above."""


@contextmanager
def product(context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The product itself, with the settings of the test."""
    server = _Wsgi((ADDRESS, 0), _Silent)
    server.set_app(WSGIHandler())
    yield from _serve(server, context)


def _serve(server: Any, context: ssl.SSLContext | None) -> Iterator[int]:
    if context:
        # The handshake is each connection's own business: one that fails stops nobody.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class BotApi:
    """Answers with what was put there by method; also as a proxy, for whatever host is asked."""

    def __init__(self) -> None:
        self.results: dict[str, Any] = {}
        self.date = ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                method = self.path.rpartition("/")[2]
                answer = {"ok": True, "result": api.results.get(method, [])}
                if method not in api.results:
                    code = {"error_code": 404, "description": "Not Found: method not found"}
                    answer = {"ok": False, **code}
                body = json.dumps(answer).encode()
                self.send_response_only(200)
                self.send_header("Date", api.date or self.date_time_string())
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


@contextmanager
def bot_api(api: BotApi) -> Iterator[str]:
    """Its address."""
    for port in _serve(_Quiet((ADDRESS, 0), api.handler()), None):
        yield f"http://{ADDRESS}:{port}"
