"""nginx in front of the web, as the example of the product has it."""

import os
import re
from pathlib import Path

from benchmarks import environment

EXAMPLE = environment.ROOT / "deploy" / "nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def configuration(folder: Path, port: int, web_port: int) -> Path:
    """Without TLS, which the load client does not speak."""
    text = EXAMPLE.read_text()
    for pattern, here in (
        (r"listen \[::\].*\n", ""),
        (r"listen 80;", f"listen 127.0.0.1:{environment.free_port()};"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port};"),
        (r"ssl_.*\n", ""),
        (r"127\.0\.0\.1:8000", f"127.0.0.1:{web_port}"),
    ):
        text, count = re.subn(pattern, here, text)
        if not count:
            raise LookupError(f"{EXAMPLE} has no {pattern}")
    places = "".join(f"{name}_temp_path {folder / name};" for name in TEMPORARY)
    # Who is started by root would serve as somebody who may not enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    path = folder / "nginx.conf"
    path.write_text(
        f"{user} daemon off; pid {folder / 'nginx.pid'}; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {places}\n{text}\n}}"
    )
    return path
