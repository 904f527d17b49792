"""The way back from a backup. Nothing is touched before all of it is proved to be whole."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from treasury import grants, witness
from treasury.backups import archive, encryption, engine, folder
from treasury.backups.archive import Manifest
from treasury.backups.refusal import Refused

_LOCK = ".restoring.lock"
_SCRATCH = ".restoring-"


@dataclass(frozen=True)
class Restored:
    manifest: Manifest
    # Those that the code has applied, for it is newer than the backup.
    migrated: list[str]


def restore(
    file: Path, keys: Path | None, *, replace: bool, agreed: Callable[[Manifest], bool]
) -> Restored:
    """`agreed` hears of what will take the place of what is there. Raises `Refused`, or OSError."""
    ours = engine.ours()
    ours.check_tools_of_restore()
    is_empty = not connection.introspection.table_names()
    if not is_empty and not replace:
        raise Refused(
            "The database is not empty: restore into a new one, or say --replace to throw away "
            "what is in it."
        )
    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    with _scratch(media) as scratch:
        with _opened(file, keys) as source:
            manifest = archive.extract(source, scratch)
        _check(manifest)
        ours.check_dump(archive.database_in(scratch))
        if not is_empty and not agreed(manifest):
            raise Refused("Nothing was changed.")
        with _placed(scratch, manifest):
            # Of a connection that has seen other tables nothing is to be left.
            connection.close()
            ours.load(archive.database_in(scratch), replace=not is_empty, moment=manifest.moment)
    migrated = _migrate()
    # The tables are new ones, also where nothing was to be migrated.
    grants.give(connection)
    _prove(manifest)
    return Restored(manifest, migrated)


@contextmanager
def _scratch(media: Path) -> Iterator[Path]:
    """On the disk of the documents, so that they only have to be renamed."""
    with folder.alone(media, _LOCK):
        for left in media.glob(f"{_SCRATCH}*/"):
            shutil.rmtree(left)
        with TemporaryDirectory(prefix=_SCRATCH, dir=media) as scratch:
            yield Path(scratch)


@contextmanager
def _opened(file: Path, keys: Path | None) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        source = stack.enter_context(file.open("rb"))
        is_encrypted = source.read(len(encryption.MAGIC)) == encryption.MAGIC
        source.seek(0)
        if not is_encrypted:
            yield source
            return
        if keys is None:
            raise Refused("It is encrypted: give the file with the key of age as --identity.")
        yield stack.enter_context(encryption.decrypted(source, encryption.identities(keys)))


def _check(manifest: Manifest) -> None:
    if manifest.engine != connection.vendor:
        raise Refused(
            f"The backup is of {manifest.engine} and DATABASE_URL of {connection.vendor}: they "
            "cannot take each other's. Restore it where DATABASE_URL is of the same kind."
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := [name for name in manifest.migrations if name not in known]:
        raise Refused(
            f"The backup is of a newer release, with {newer[-1]}: install that one or a newer, and "
            "restore then."
        )


@contextmanager
def _placed(scratch: Path, manifest: Manifest) -> Iterator[None]:
    """The documents are where they belong; should what follows fail, all is as it was."""
    undo: list[Callable[[], object]] = []
    try:
        for path, digest in manifest.media.items():
            if default_storage.exists(path):
                kept = scratch / f"kept-{len(undo)}"
                if _copied(path, kept) == digest:
                    kept.unlink()
                    continue
                # Of a history that went on another way.
                undo.append(partial(_put, kept, path))
                default_storage.delete(path)
            undo.append(partial(default_storage.delete, path))
            _put(archive.media_in(scratch) / path, path)
        yield
    except BaseException:
        for step in reversed(undo):
            step()
        raise


class _Movable(File):  # type: ignore[type-arg]
    """A storage that is a folder takes it without copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def _put(source: Path, path: str) -> None:
    with source.open("rb") as file:
        default_storage.save(path, _Movable(file, str(source)))


def _copied(path: str, target: Path) -> str:
    """Its SHA-256."""
    with default_storage.open(path) as source, target.open("w+b") as file:
        shutil.copyfileobj(source, file)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _migrate() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except Exception as error:
            raise Refused(
                f"All is restored, but it could not be migrated: {error} Nothing is sent "
                "meanwhile; run `manage.py migrate`."
            ) from error
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def _prove(manifest: Manifest) -> None:
    # A migration may have gone on with them.
    if not all(witness.holds(witness.Head.read(line)) for line in manifest.heads):
        raise Refused(
            "All is restored, but its journals do not end as the backup says: run `manage.py "
            "verify_journal`, and do not go on with it before you know why."
        )
