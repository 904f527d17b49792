"""What the worker throws away by itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from telegrambot import inbox, tasks
from telegrambot.models import Update
from tests.company import PDF, Company
from treasury.models import Upload
from treasury.services import uploads


@pytest.mark.django_db
def test_all_old_updates_are_forgotten_however_many_and_no_fresh_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "BATCH", 2)
    for number in range(6):
        Update.objects.create(update_id=number, payload={})
    long_ago = timezone.now() - inbox.KEPT - timedelta(minutes=1)
    Update.objects.filter(update_id__lt=5).update(received_at=long_ago)
    assert inbox.forget_old() == 5
    assert Update.objects.get().update_id == 5


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
