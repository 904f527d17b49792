"""A tar of the database in pieces, the documents and, at the end, the manifest.

It is written and read in one go, whatever its size. The manifest comes last, because only then all
parts are hashed; so a file that was cut off has none.
"""

import dataclasses
import hashlib
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import count
from pathlib import Path, PurePosixPath
from typing import IO, Any

from treasury.backups.refusal import Refused

FORMAT = 1
# Of the database, whose length nobody knows beforehand, so much is held in memory.
PIECE = 8 * 1024**2
_AT_ONCE = 1024**2
_DATABASE, _MEDIA, _MANIFEST = "database", "media", "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """`made_at` is the moment that database and heads are of, in ISO 8601; `parts` have their
    SHA-256 in hex; `missing` are documents that were not there to be copied."""

    format: int
    engine: str
    made_at: str
    migrations: list[str]
    heads: list[str]
    missing: list[str]
    parts: dict[str, str]

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.made_at)

    @property
    def media(self) -> dict[str, str]:
        """The documents, by their paths, with their SHA-256."""
        prefix = f"{_MEDIA}/"
        return {
            name.removeprefix(prefix): digest
            for name, digest in self.parts.items()
            if name.startswith(prefix)
        }

    @classmethod
    def read(cls, content: bytes) -> "Manifest":
        try:
            told = json.loads(content)
            if told["format"] != FORMAT:
                raise Refused(f"Its format is {told['format']}: restore it with a newer release.")
            manifest = cls(**told)
            # The engine writes it into the database.
            manifest.moment.utctimetuple()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Refused("Its manifest cannot be read: the file is damaged.") from error
        return manifest


class Writer:
    def __init__(self, target: IO[bytes]) -> None:
        # As a stream it would still write to the target after that has failed.
        onward: Any = _Onward(target)
        self._tar = tarfile.TarFile(fileobj=onward, mode="w")
        self._parts: dict[str, str] = {}

    def add_database(self, stream: IO[bytes]) -> None:
        for number in count():
            piece = stream.read(PIECE)
            if not piece:
                return
            self._add(f"{_DATABASE}/{number:06}", BytesIO(piece), len(piece))

    def add_document(self, path: str, stream: IO[bytes], size: int) -> None:
        self._add(f"{_MEDIA}/{path}", stream, size)

    def finish(self, **facts: Any) -> None:
        manifest = Manifest(format=FORMAT, parts=self._parts, **facts)
        content = json.dumps(dataclasses.asdict(manifest), indent=1).encode()
        self._put(_MANIFEST, BytesIO(content), len(content))
        self._tar.close()

    def _add(self, name: str, stream: IO[bytes], size: int) -> None:
        hashed = _Hashed(stream)
        self._put(name, hashed, size)
        self._parts[name] = hashed.digest.hexdigest()

    def _put(self, name: str, stream: Any, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, stream)


class _Onward:
    """A target of which nobody asks where it stands: a pipe cannot tell."""

    def __init__(self, target: IO[bytes]) -> None:
        self.write = target.write

    def tell(self) -> int:
        return 0


class _Hashed:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self.digest.update(content)
        return content


def database_in(folder: Path) -> Path:
    return folder / _DATABASE


def media_in(folder: Path) -> Path:
    return folder / _MEDIA


def extract(source: IO[bytes], folder: Path) -> Manifest:
    """Lay out what is in it, proved by the manifest. Raises `Refused` for what is not whole."""
    parts: dict[str, str] = {}
    manifest = None
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member, stream in _files(tar):
                if member.name == _MANIFEST:
                    manifest = Manifest.read(stream.read())
                    break
                parts[member.name] = _lay_out(stream, folder, member.name)
    except tarfile.TarError as error:
        what = "it was cut off or damaged" if parts else "it is no backup, or was cut off"
        raise Refused(f"The file is not whole: {what}. Take another one.") from error
    if manifest is None:
        raise Refused("The file is not whole: its end is missing. Take another one.")
    if manifest.parts != parts:
        wrong = sorted(dict(manifest.parts.items() ^ parts.items()))
        raise Refused(f"The file is damaged: {wrong[0]} is not what was written. Take another one.")
    return manifest


def _files(tar: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
    for member in tar:
        stream = tar.extractfile(member) if member.isreg() else None
        if stream is None or ".." in (steps := PurePosixPath(member.name).parts) or "/" in steps:
            raise Refused(f"The file is no backup of ours: it has {member.name!r} in it.")
        yield member, stream


def _lay_out(stream: IO[bytes], folder: Path, name: str) -> str:
    """Write the part where it belongs; its SHA-256."""
    is_piece = name.startswith(f"{_DATABASE}/")
    path = database_in(folder) if is_piece else folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("ab" if is_piece else "xb") as target:
        while content := stream.read(_AT_ONCE):
            digest.update(content)
            target.write(content)
    return digest.hexdigest()
