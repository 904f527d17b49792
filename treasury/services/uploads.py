"""Files between their choice and the request: stored, given up, forgotten."""

import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from treasury import files, scanning
from treasury.errors import StorageFailed, TooManyDocuments
from treasury.models import Attachment, Employee, PaymentRequest, Upload
from treasury.models.requests import attachment_path, sha256_of
from treasury.prepared import Prepared, insert

logger = logging.getLogger(__name__)

# Of what one form holds.
MAX_COUNT = 20
MAX_TOTAL = 100 * 1024**2
# Of what a person has left behind in forms that were never saved: the oldest go first.
MAX_KEPT = 2 * MAX_COUNT
LIFETIME = timedelta(days=1)
# Of one request.
MOST_DOCUMENTS = 100

_TOO_MANY = Prepared(
    lambda owner: Upload.objects.filter(owner=owner).order_by("-pk")[MAX_KEPT:], int
)


def stage(
    *,
    owner: Employee,
    file: "File[bytes]",
    name: str | None = None,
    beside: Sequence[Upload] = (),
) -> Upload:
    """Store a file until a request takes it; `beside` are those that the same form holds already.

    Called outside a transaction of the caller: a rollback would take the row and leave the file.
    Raises `ValidationError` for what is not taken, `NotNow` when it cannot be checked or kept.
    """
    name = files.checked_name(file, name)
    check_limits(name, file.size or 0, beside)
    scanning.check(file, name)
    upload = Upload(owner=owner, name=name, size=file.size, sha256=sha256_of(file))
    _store(upload, file)
    try:
        insert([upload])
    except DatabaseError:
        _delete(upload.file.name)
        raise
    _forget(_TOO_MANY(owner.pk))
    return upload


def claim(uploads: Sequence[Upload], request: PaymentRequest, actor: Employee) -> list[Attachment]:
    """Make them documents, in the caller's transaction, which holds the request; those that it had
    not yet.

    Raises `TooManyDocuments`, or `ValidationError` when one is another's, or was taken or thrown
    away meanwhile.
    """
    if not uploads:
        return []
    present, added = set(request.document_names()), []
    for upload in uploads:
        _take(upload, actor)
        if upload.sha256 in present:
            transaction.on_commit(partial(_delete, upload.file.name))
            continue
        present.add(upload.sha256)
        added.append(_document(upload, request, actor))
    if added and len(present) > MOST_DOCUMENTS:
        raise TooManyDocuments
    insert(added)
    return added


def _take(upload: Upload, actor: Employee) -> None:
    taken, _rows = Upload.objects.filter(pk=upload.pk, owner=actor).delete()
    if not taken:
        problem = _("“%(name)s” is kept no longer: choose it again.") % {"name": upload.name}
        raise ValidationError({"documents": problem})


def _document(upload: Upload, request: PaymentRequest, actor: Employee) -> Attachment:
    return Attachment(
        request=request,
        file=upload.file.name,
        name=upload.name,
        size=upload.size,
        sha256=upload.sha256,
        uploaded_by=actor,
    )


def journalled(data: Mapping[str, Any], added: Sequence[Attachment]) -> dict[str, Any]:
    """What the journal keeps of documents: names among the changes, and what proves each."""
    if not added:
        return dict(data)
    names = ", ".join(attachment.name for attachment in added)
    proofs = [{"name": attachment.name, "sha256": attachment.sha256} for attachment in added]
    changes = {**data.get("changes", {}), "documents": ["", names]}
    return {**data, "changes": changes, "documents": proofs}


def discard(upload: Upload) -> None:
    """Throw it away with its file, unless a request has it by now."""
    with transaction.atomic():
        claimed, _rows = Upload.objects.filter(pk=upload.pk).delete()
        if claimed:
            transaction.on_commit(lambda: _delete(upload.file.name))


def forget_old() -> None:
    """Throw away what nobody has saved for a day."""
    _forget(Upload.objects.filter(uploaded_at__lt=timezone.now() - LIFETIME)[:1000])


def sweep_orphans() -> None:
    """Throw away files to which no row leads, as a process that died between the two leaves them.

    One folder an hour: all of them would be a long list, and there is no hurry.
    """
    storage = Upload._meta.get_field("file").storage
    folder = folder_of_the_hour()
    try:
        names = storage.listdir(folder)[1]
    except FileNotFoundError:
        return
    # In this order: what is taken by a request meanwhile is among the second, if not the first.
    for model in (Upload, Attachment):
        rows = model._default_manager.filter(file__startswith=f"{folder}/")
        known = {PurePosixPath(path).name for path in rows.values_list("file", flat=True)}
        names = [name for name in names if name not in known]
    for path in (f"{folder}/{name}" for name in names):
        # The row of a file that was just written is still to come.
        if storage.get_modified_time(path) < timezone.now() - LIFETIME:
            logger.warning("no row leads to %s: it is thrown away", path)
            _delete(path)


def folder_of_the_hour() -> str:
    """Each of those of `attachment_path` comes once in eleven days."""
    return f"attachments/{int(timezone.now().timestamp()) // 3600 % 256:02x}"


def _forget(uploads: Iterable[Upload]) -> None:
    for upload in uploads:
        discard(upload)


def check_limits(name: str, size: int, beside: Sequence[Upload]) -> None:
    """Raise `ValidationError` when one more file would be too much for a form that holds these."""
    total = size + sum(upload.size for upload in beside)
    if len(beside) >= MAX_COUNT or total > MAX_TOTAL:
        problem = _(
            "“%(name)s” is too much: at most %(count)d files, %(limit)d MB in all, at once."
        )
        words = {"name": name, "count": MAX_COUNT, "limit": MAX_TOTAL // 1024**2}
        raise ValidationError({"documents": problem % words})


def _store(upload: Upload, file: "File[bytes]") -> None:
    path = attachment_path(upload, upload.name)
    try:
        upload.file.name = upload.file.storage.save(path, file)
    except OSError as failure:
        logger.error("cannot store %s: %s", path, failure)
        # Half of a file would go on filling the disk.
        _delete(path)
        raise StorageFailed(upload.name, failure) from failure


def _delete(path: str | None) -> None:
    if path:
        # A storage that does not answer keeps a file that nothing refers to.
        with contextlib.suppress(OSError):
            Upload._meta.get_field("file").storage.delete(path)
