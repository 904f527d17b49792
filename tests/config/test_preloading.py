"""The web loads everything before it forks its workers: nothing may be open or running by then."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import runpy, threading
assert runpy.run_path("gunicorn.conf.py")["preload_app"]
import config.wsgi
from django.db import connections
print([each.connection for each in connections.all()], threading.active_count())
"""


def test_the_workers_inherit_no_connection_and_miss_no_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[None] 1\n"
