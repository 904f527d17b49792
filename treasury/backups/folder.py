"""The folder of the backups: their names, and which are thrown away."""

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from treasury.backups.refusal import Refused

_STAMP = "%Y%m%dT%H%M%SZ"
PARTIAL = ".partial"


def name(moment: datetime, *, is_encrypted: bool) -> str:
    return f"{_whose()}-{moment.astimezone(UTC):{_STAMP}}.tar{'.age' if is_encrypted else ''}"


def forget(folder: Path, *, days: int, newest: Path) -> list[Path]:
    """Throw away those of this installation that are older, but never the newest."""
    limit = datetime.now(UTC) - timedelta(days=days)
    old = [path for path, moment in _ours(folder) if moment < limit and path != newest]
    for path in old:
        path.unlink()
    return old


def _whose() -> str:
    """Several installations may share a folder."""
    return re.sub(r"[^\w.-]", "_", urlsplit(settings.PUBLIC_URL).netloc)


def _ours(folder: Path) -> Iterator[tuple[Path, datetime]]:
    pattern = re.compile(rf"{re.escape(_whose())}-(\d{{8}}T\d{{6}}Z)\.tar(\.age)?")
    for path in folder.iterdir():
        if found := pattern.fullmatch(path.name):
            # What is no moment is none of our names.
            with suppress(ValueError):
                yield path, datetime.strptime(found[1], _STAMP).replace(tzinfo=UTC)


def unfinished(folder: Path) -> Iterator[Path]:
    """What a backup of this installation that was killed has left; for who is `alone`."""
    pattern = re.compile(rf"{re.escape(_whose())}-\d{{8}}T\d{{6}}Z\.tar(\.age)?{PARTIAL}")
    return (path for path in folder.iterdir() if pattern.fullmatch(path.name))


@contextmanager
def alone(folder: Path, lock: str) -> Iterator[None]:
    """Raises `Refused` while another does the same; however it ends, the lock is free then."""
    with (folder / lock).open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(f"Another one is at work in {folder}: wait for its end.") from error
        yield
