"""A real nginx, with the examples of `deploy/` at ports and files of a test."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests import services
from tests.ports import free_port

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
EXAMPLES = sorted(path.name for path in DEPLOY.glob("nginx*.conf"))
SECONDS = 30.0
# It would write there as whoever it is built for.
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def adapted(example: str, folder: Path, upstreams: Sequence[int]) -> str:
    """With other ports, and with cert.pem, key.pem and access.log of the folder."""
    ports = iter(upstreams)
    text = (DEPLOY / example).read_text()
    for pattern, here in (
        (r"listen (\d+)( ssl)?;", lambda found: f"listen 127.0.0.1:{free_port()}{found[2] or ''};"),
        (r"(?<=server )[\d.]+:8000", lambda found: f"127.0.0.1:{next(ports)}"),
        (r"(?<=ssl_certificate )\S+(?=;)", lambda found: str(folder / "cert.pem")),
        (r"(?<=ssl_certificate_key )\S+(?=;)", lambda found: str(folder / "key.pem")),
        (r"(?<=access_log )/\S+", lambda found: str(folder / "access.log")),
    ):
        text, count = re.subn(pattern, here, text)
        assert count, pattern
    text = text.replace("/var/www/letsencrypt", str(folder))
    return re.sub(r"listen \[::\].*\n", "", text)


def port_of(text: str, *, tls: bool = True) -> int:
    """Of the first server that speaks TLS, or of the first that does not."""
    found = re.search(r"listen 127\.0\.0\.1:(\d+) ssl;" if tls else r"listen \S+:(\d+);", text)
    assert found
    return int(found[1])


def command(text: str, folder: Path) -> list[str]:
    """What starts nginx with these servers."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    program = services.needed(path, "nginx", "nginx")
    places = "".join(f"{kind}_temp_path {folder / kind};" for kind in _TEMPORARY)
    # Who is started by root would serve as somebody who may not enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    log = folder / "error.log"
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder / 'pid'}; error_log {log}; events {{}}\n"
        f"http {{ access_log off; {places}\n{text}\n}}"
    )
    return [program, "-e", str(log), "-c", str(folder / "nginx.conf")]


@contextmanager
def running(start: Sequence[str], port: int) -> Iterator[None]:
    """Until it listens there, and not longer than it is needed."""
    with subprocess.Popen(start, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, port)
            yield
        finally:
            process.terminate()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), SECONDS).close()
        time.sleep(0.01)
    raise AssertionError("nginx has not begun: its error.log says why")
