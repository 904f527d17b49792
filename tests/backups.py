"""The hand of a test on backups: they are made here, and restored where nothing is."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from tests import databases
from tests.databases import Databases

_seconds = count(1)


@dataclass(frozen=True)
class Elsewhere:
    """Another installation: a database and a folder of documents, both empty at first."""

    address: str
    media: Path
    name: str

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What is done in here is done there."""
        here = connections["default"].settings_dict
        before = here["NAME"]
        connections.close_all()
        here["NAME"] = self.name
        try:
            with override_settings(MEDIA_ROOT=str(self.media)):
                yield
        finally:
            connections.close_all()
            here["NAME"] = before


def elsewhere_of(ours: Databases, folder: Path) -> Elsewhere:
    name = ours.name_for(f"elsewhere_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
    ours.create(name)
    return Elsewhere(ours.address(name), folder / "media", name)


@pytest.fixture
def elsewhere(transactional_db: None, tmp_path: Path) -> Iterator[Elsewhere]:
    ours = databases.of(os.environ["DATABASE_URL"])
    elsewhere = elsewhere_of(ours, tmp_path)
    yield elsewhere
    ours.drop(elsewhere.name)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """The folder; it is made when it is needed."""
    return tmp_path / "backups"


def run(command: str, *args: Any, **options: Any) -> tuple[str, str]:
    """What it says, and what it complains of."""
    out, err = io.StringIO(), io.StringIO()
    call_command(command, *args, stdout=out, stderr=err, no_color=True, **options)
    return out.getvalue(), err.getvalue()


def made(folder: Path, **options: Any) -> Path:
    """The file of a backup that is made now, of which nothing is missing."""
    before = files(folder)
    # Each in a second of its own, which is its name.
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=next(_seconds)), tick=False):
        said, complaints = run("backup", folder, **options)
    [file] = files(folder) - before
    assert str(file) in said
    assert complaints == ""
    return file


def files(folder: Path) -> set[Path]:
    return {path for path in folder.glob("*") if not path.name.startswith(".")}


def documents(folder: str | Path = "") -> dict[str, bytes]:
    """All that lies there, or where this installation has it, by the paths."""
    root = Path(folder or settings.MEDIA_ROOT)
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}
