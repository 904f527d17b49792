"""The example of a proxy in front: nginx understands it, and it keeps what it promises."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from config.limits import SMALL, USUAL, WITH_DOCUMENTS
from telegrambot.delivery.answers import LARGEST_UPDATE
from tests import services
from tests.admin.conftest import REQUESTS
from tests.ports import free_port

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
CERTIFICATE = (
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
    "-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
    "-keyout", "key.pem", "-out", "cert.pem",
)  # fmt: skip
SECONDS = 30


class Product(BaseHTTPRequestHandler):
    """Answers with what has reached it."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
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

    def post(self, path: str, body: Any = b"", **headers: str) -> requests.Response:
        return requests.post(
            self.base + path, body, headers=headers, verify=self.certificate, timeout=SECONDS
        )


@pytest.fixture(scope="module")
def nginx() -> str:
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return services.needed(path, "nginx", "nginx")


@pytest.fixture(scope="module")
def product() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Product)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def configured(nginx: str, product: int, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command that starts nginx with the example, its ports and files replaced."""
    folder = tmp_path_factory.mktemp("nginx")
    subprocess.run(CERTIFICATE, cwd=folder, check=True, capture_output=True)
    text = EXAMPLE.read_text()
    for pattern, here in (
        (r"listen \[::\].*\n", ""),
        (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
        (r"listen 443", f"listen 127.0.0.1:{free_port()}"),
        (r"127\.0\.0\.1:8000", f"127.0.0.1:{product}"),
        (r"/etc/letsencrypt/\S+/fullchain.pem", str(folder / "cert.pem")),
        (r"/etc/letsencrypt/\S+/privkey.pem", str(folder / "key.pem")),
    ):
        text, count = re.subn(pattern, here, text)
        assert count, pattern
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    # Who is started by root would serve as somebody who may not enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder / 'pid'}; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {places}\n{text}\n}}"
    )
    return [nginx, "-e", "stderr", "-c", str(folder / "nginx.conf")]


@pytest.fixture(scope="module")
def proxy(configured: list[str]) -> Iterator[Proxy]:
    found = re.search(r"listen (\S+) ssl", Path(configured[-1]).read_text())
    assert found
    host, port = found[1].split(":")
    with subprocess.Popen(configured, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                socket.create_connection((host, int(port)), SECONDS).close()
                break
            except OSError:
                assert time.monotonic() < deadline
        yield Proxy(f"https://{host}:{port}", str(Path(configured[-1]).with_name("cert.pem")))
        process.terminate()


def test_nginx_understands_the_example(configured: list[str]) -> None:
    checked = subprocess.run(
        [*configured, "-t"], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert "test is successful" in checked.stderr
    assert "[warn]" not in checked.stderr


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


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_numbers_and_state_stay_inside(proxy: Proxy, path: str) -> None:
    assert proxy.post(path).status_code == 404


def test_it_waits_for_the_whole_of_a_slow_body_itself(proxy: Proxy) -> None:
    """A body without a length comes through with one."""
    parts = iter([b"user", b"name=x"])
    answer = proxy.post("/admin/login/", parts).json()
    assert answer["Content-Length"] == "10"
    assert "Transfer-Encoding" not in answer
