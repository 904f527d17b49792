"""Which files the worker throws away by itself."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from telegrambot import tasks
from tests.company import PDF, Company
from treasury.models import Attachment, Upload
from treasury.services import uploads


def test_files_of_forms_that_nobody_saved_are_thrown_away(
    company: Company, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    fresh, old = (
        uploads.stage(owner=company.anna, file=ContentFile(PDF, name=name))
        for name in ("Счёт.pdf", "Акт.pdf")
    )
    long_ago = timezone.now() - uploads.LIFETIME - timedelta(minutes=1)
    Upload.objects.filter(pk=old.pk).update(uploaded_at=long_ago)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.prune()
    assert Upload.objects.get() == fresh
    assert [path.name for path in tmp_path.rglob("*.pdf")] == [Path(str(fresh.file)).name]


def test_a_file_to_which_no_row_leads_is_thrown_away(
    company: Company, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    folder, other = tmp_path / uploads.folder_of_the_hour(), tmp_path / "attachments/elsewhere"
    names = ("chosen.pdf", "attached.pdf", "removed.pdf", "orphan.pdf", "fresh.pdf")
    for path in [*(folder / name for name in names), other / "orphan.pdf"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PDF)
        if path.name != "fresh.pdf":
            os.utime(path, (0, 0))
    path_of = f"{uploads.folder_of_the_hour()}/%s".__mod__
    facts = {"name": "Счёт.pdf", "size": len(PDF)}
    Upload.objects.create(owner=company.anna, file=path_of("chosen.pdf"), sha256="1", **facts)
    request = company.draft(documents=0)
    for name, removed_at in (("attached", None), ("removed", timezone.now())):
        Attachment.objects.create(
            request=request, uploaded_by=company.anna, file=path_of(f"{name}.pdf"), sha256="1",
            removed_at=removed_at, **facts,
        )  # fmt: skip
    tasks.prune()
    left = {path.name for path in folder.iterdir()}
    assert left == {"attached.pdf", "removed.pdf", "fresh.pdf", "chosen.pdf"}
    assert (other / "orphan.pdf").exists()


@pytest.mark.django_db
def test_where_nothing_was_ever_stored_nothing_is_swept(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "nowhere"
    tasks.prune()
    assert not settings.MEDIA_ROOT.exists()
