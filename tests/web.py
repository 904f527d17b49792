"""The real server of the product, on a port and with an environment of a test."""

import os
import sys
from pathlib import Path

from demo.children import Child, stop
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60


class Web:
    """It has a folder for its temporary files and its log; `environment` is that of the suite, and
    this."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.temporary, self.log = folder / "tmp", folder / "web.log"
        self.temporary.mkdir()
        self.port = free_port()
        given = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
            "TMPDIR": str(self.temporary),
        }
        command = (
            sys.executable, "-m", "gunicorn", "config.wsgi", f"--bind=127.0.0.1:{self.port}",
            "--worker-class=gthread", "--workers=1", "--threads=2", "--no-control-socket",
            "--keep-alive=75", "--access-logfile=-",
        )  # fmt: skip
        self._child = Child("web", command, self.log, os.environ | given | environment, ROOT)

    def wait(self) -> None:
        """Until it answers."""
        self._child.wait_until(lambda: self._child.has_said("Booting worker"), SECONDS)

    def stop(self) -> None:
        stop([self._child], SECONDS)
