"""The example of a proxy in front: nginx understands it, and it keeps what it promises."""

import json
import re
import socket
import ssl
import subprocess
import threading
import warnings
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from config.limits import SMALL, USUAL, WITH_DOCUMENTS
from telegrambot.delivery.answers import LARGEST_UPDATE
from tests import nginx
from tests.admin.conftest import REQUESTS

CERTIFICATE = (
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
    "-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
    "-keyout", "key.pem", "-out", "cert.pem",
)  # fmt: skip
SECONDS = 30


class Product(BaseHTTPRequestHandler):
    """Answers with what has reached it."""

    protocol_version = "HTTP/1.1"
    # On connections that are kept: it ends when the next request has come, and does not answer.
    leaves = False

    def setup(self) -> None:
        super().setup()
        self._served = 0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.leaves and self._served:
            self.close_connection = True
            return
        self._served += 1
        answer = json.dumps({**dict(self.headers), "length": len(body)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Proxy:
    base: str
    certificate: str
    plain: int = 0

    @property
    def address(self) -> tuple[str, int]:
        host, _colon, port = self.base.removeprefix("https://").rpartition(":")
        return host, int(port)

    def post(self, path: str, body: Any = b"", **headers: str) -> requests.Response:
        return requests.post(
            self.base + path, body, headers=headers, verify=self.certificate, timeout=SECONDS
        )


@pytest.fixture(scope="module")
def product() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Product)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nginx")
    subprocess.run(CERTIFICATE, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def proxy(product: int, folder: Path) -> Iterator[Proxy]:
    text = nginx.adapted("nginx.conf", folder, [product])
    port = nginx.port_of(text)
    with nginx.running(nginx.command(text, folder), port):
        plain = nginx.port_of(text, tls=False)
        yield Proxy(f"https://127.0.0.1:{port}", str(folder / "cert.pem"), plain)


@pytest.mark.parametrize("example", nginx.EXAMPLES)
def test_nginx_understands_the_examples(folder: Path, tmp_path: Path, example: str) -> None:
    text = nginx.adapted(example, folder, [8001, 8002])
    checked = subprocess.run(
        [*nginx.command(text, tmp_path), "-t", "-e", "stderr"],
        capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip
    assert "test is successful" in checked.stderr
    assert "[warn]" not in checked.stderr


@pytest.mark.parametrize("example", nginx.EXAMPLES)
def test_connections_are_kept_for_longer_than_telegram_keeps_them(example: str) -> None:
    """What is idle for a minute Telegram closes itself:
    https://github.com/tdlib/telegram-bot-api, WebhookActor.cpp."""
    # The others are towards the product.
    seconds = re.findall(r"keepalive_timeout (\d+)s;", (nginx.DEPLOY / example).read_text())
    assert int(seconds[-1]) > 60


@pytest.mark.parametrize(
    ("version", "is_taken"),
    [
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_tls_begins_with_1_2(proxy: Proxy, version: ssl.TLSVersion, is_taken: bool) -> None:
    context = ssl.create_default_context(cafile=proxy.certificate)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    refused = nullcontext() if is_taken else pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION")
    with socket.create_connection(proxy.address, SECONDS) as raw, refused:
        context.wrap_socket(raw, server_hostname="127.0.0.1").close()


def test_by_plain_http_there_is_a_certificate_to_be_had_and_nothing_else(
    proxy: Proxy, folder: Path
) -> None:
    asked = folder / ".well-known" / "acme-challenge" / "word"
    asked.parent.mkdir(parents=True)
    asked.write_text("answer")
    plain = f"http://127.0.0.1:{proxy.plain}"
    answer = requests.get(f"{plain}/.well-known/acme-challenge/word", timeout=SECONDS)
    assert answer.text == "answer"
    moved = requests.get(f"{plain}/admin/?q=1", allow_redirects=False, timeout=SECONDS)
    assert moved.status_code == 301
    assert moved.headers["Location"] == "https://treasury.example.com/admin/?q=1"


def test_no_secret_is_logged_though_the_product_is_away(folder: Path, tmp_path: Path) -> None:
    """nginx writes the whole address beside an error."""
    text = nginx.adapted("nginx.conf", folder, [9])
    port = nginx.port_of(text)
    link, code, login = "l" * 43, "c" * 30, {"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}
    with nginx.running(nginx.command(text, tmp_path), port):
        away = Proxy(f"https://127.0.0.1:{port}", str(folder / "cert.pem"))
        for path in (
            f"/oauth/link/{link}/", f"/oauth/complete/google/?code={code}&state={code}",
            "/telegram/webhook/", "/admin/",
        ):  # fmt: skip
            assert away.post(path, **login).status_code == 502
    written = (tmp_path / "error.log").read_text() + (folder / "access.log").read_text()
    assert "/telegram/webhook/" in written
    assert not re.search(f"{link}|{code}|dXNl|user", written)


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/admin/login/", SMALL),
        ("/oauth/login/google/", SMALL),
        ("/i18n/setlang/", SMALL),
        ("/admin/treasury/counterparty/add/", USUAL),
        (f"{REQUESTS}add/", WITH_DOCUMENTS),
    ],
)
def test_it_takes_as_much_as_the_product(proxy: Proxy, path: str, limit: int) -> None:
    assert proxy.post(path, b"x" * limit).json()["length"] == limit
    assert proxy.post(path, b"x" * (limit + 1)).status_code == 413


def test_what_is_too_large_for_an_update_is_for_the_product_to_say(proxy: Proxy) -> None:
    """Telegram would send again what is refused."""
    length = LARGEST_UPDATE + 1
    assert proxy.post("/telegram/webhook/", b"x" * length).json()["length"] == length


def test_the_product_learns_who_calls_and_that_it_is_https(proxy: Proxy) -> None:
    headers = proxy.post(
        "/admin/", **{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http"}
    ).json()
    # With TRUSTED_PROXIES=1 the last one counts.
    assert headers["X-Forwarded-For"] == "6.6.6.6, 127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "https"


@pytest.mark.parametrize(("path", "status"), [("/telegram/webhook/", 200), ("/admin/", 502)])
def test_an_update_that_has_met_the_end_of_a_web_is_handed_to_the_next(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    """And nothing else is, that might be done twice."""
    assert proxy.post(path).status_code == 200
    monkeypatch.setattr(Product, "leaves", True)
    assert proxy.post(path).status_code == status


def test_the_product_learns_how_the_proxy_names_the_request(proxy: Proxy) -> None:
    names = {
        proxy.post("/admin/", **{"X-Request-ID": "of-a-stranger"}).json()["X-Request-ID"]
        for _time in range(2)
    }
    assert len(names) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_numbers_and_state_stay_inside(proxy: Proxy, path: str) -> None:
    assert proxy.post(path).status_code == 404


def test_it_waits_for_the_whole_of_a_slow_body_itself(proxy: Proxy) -> None:
    """A body without a length comes through with one."""
    parts = iter([b"user", b"name=x"])
    answer = proxy.post("/admin/login/", parts).json()
    assert answer["Content-Length"] == "10"
    assert "Transfer-Encoding" not in answer
