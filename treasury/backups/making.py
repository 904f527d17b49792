"""Making a backup, while the product runs."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from treasury import witness
from treasury.backups import encryption, engine, folder
from treasury.backups.archive import Writer
from treasury.backups.refusal import Refused
from treasury.models import Hold, LastBackup

_LOCK = ".lock"


@dataclass
class Made:
    path: Path
    moment: datetime
    size: int = 0
    documents: int = 0
    # Paths of documents that rows name and that were not there.
    missing: list[str] = field(default_factory=list)


def make(into: Path, to: Sequence[str]) -> Made:
    """For these recipients of age; for everybody who can read the file if there are none.

    Raises `Refused`, or OSError.
    """
    recipients = encryption.recipients(to)
    engine.ours().check_tools_of_backup()
    if Hold._meta.db_table not in connection.introspection.table_names():
        raise Refused("Run `manage.py migrate` before: a copy of this could not be told from it.")
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    with folder.alone(into, _LOCK):
        for left in folder.unfinished(into):
            left.unlink()
        moment = timezone.now()
        name = folder.name(moment, is_encrypted=bool(recipients))
        made = Made(into / name, moment)
        with _whole_or_none(made.path) as file, ExitStack() as stack:
            if recipients:
                file = stack.enter_context(encryption.encrypted(file, recipients))
            _write(Writer(file), made)
        made.size = made.path.stat().st_size
    LastBackup.objects.update_or_create(
        pk=1, defaults={"made_at": made.moment, "name": name, "size": made.size}
    )
    return made


@contextmanager
def _whole_or_none(path: Path) -> Iterator[IO[bytes]]:
    """What stands under the name is whole, and on the disk."""
    partial = path.with_name(path.name + folder.PARTIAL)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    # The name is on the disk with the folder.
    held = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


def _write(archive: Writer, made: Made) -> None:
    """First the database, then the documents that it names: none is ever written anew, and of those
    of requests none is thrown away."""
    ours = engine.ours()
    with ours.one_moment() as snapshot:
        facts = {
            "engine": connection.vendor,
            "made_at": made.moment.isoformat(),
            "migrations": _migrations(),
            "heads": [str(head) for head in witness.seen()],
        }
        documents = sorted(_documents())
        with ours.dump(snapshot) as stream:
            archive.add_database(stream)
    for path in documents:
        _add_document(archive, path, made)
    archive.finish(**facts, missing=made.missing)


def _add_document(archive: Writer, path: str, made: Made) -> None:
    try:
        with default_storage.open(path) as file:
            archive.add_document(path, file, file.size)
    except FileNotFoundError:
        # Nothing was written yet.
        made.missing.append(path)
    else:
        made.documents += 1


def _migrations() -> list[str]:
    return sorted(
        f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
    )


def _documents() -> set[str]:
    """The paths of all files that rows name. The code may be newer than the tables."""
    found: set[str] = set()
    tables = set(connection.introspection.table_names())
    for model in (each for each in apps.get_models() if each._meta.db_table in tables):
        for each in model._meta.concrete_fields:
            if isinstance(each, models.FileField):
                rows = model._default_manager.exclude(**{each.name: ""}).order_by()
                found.update(rows.values_list(each.name, flat=True).iterator())
    return found
